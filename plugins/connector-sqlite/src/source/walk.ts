import type { ReadLimits, RowRejection } from '@qianzhi/plugin-api';
import type { CopyStretch } from '@qianzhi/sql-kit';
import { startPace } from '../file/pace.js';
import type { KeyPart } from './order.js';
import type { SliceQuery, SliceReader } from './slice.js';

/**
 * Walks from `start` to the end of the query or `maxRows`, slice by slice with rests between, and answers a stretch
 * for each block.
 */
export async function* walk(
  reader: SliceReader,
  queryAfter: (key: readonly KeyPart[] | undefined) => SliceQuery,
  start: readonly KeyPart[] | undefined,
  limits: ReadLimits,
  doing: string,
  signal: AbortSignal,
): AsyncGenerator<CopyStretch> {
  const pace = startPace(doing, signal);
  let last = start;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  for (let ended = false; !ended && left > 0; ) {
    const pieces: Uint8Array[] = [];
    const rejected: RowRejection[] = [];
    let bytes = 0;
    let rows = 0;
    let taken = 0;
    while (!ended && bytes < limits.blockBytes && left > 0) {
      const slice = await reader.read(
        queryAfter(last),
        { bytes: limits.blockBytes - bytes, rows: left },
        rows + rejected.length,
        pace,
        signal,
      );
      pieces.push(slice.bytes);
      rejected.push(...slice.rejected);
      bytes += slice.bytes.length;
      rows += slice.rows;
      taken += slice.taken;
      left -= slice.taken;
      last = slice.last ?? last;
      ended = slice.ended;
      await pace.rest();
    }
    if (taken === 0) continue;
    yield {
      bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
      rows,
      rejected,
      taken,
      last,
    };
  }
}
