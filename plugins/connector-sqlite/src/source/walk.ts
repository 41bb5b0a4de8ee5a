import type { ReadLimits, RowRejection } from '@qianzhi/plugin-api';
import { startPace } from '../file/pace.js';
import type { KeyPart } from './order.js';
import type { SliceQuery, SliceReader } from './slice.js';

/** A block's worth of rows. */
export interface Stretch {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  readonly taken: number;
  /** Key of the last row taken so far in this walk, or where it began. */
  readonly last: readonly KeyPart[] | undefined;
  readonly ended: boolean;
}

/**
 * Walks from `start` to the end of the query or `maxRows`, slice by slice with rests between, and answers a stretch
 * for each block. The last stretch is `ended` and may hold no rows.
 */
export async function* walk(
  reader: SliceReader,
  queryAfter: (key: readonly KeyPart[] | undefined) => SliceQuery,
  start: readonly KeyPart[] | undefined,
  limits: ReadLimits,
  doing: string,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
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
    yield {
      bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
      rows,
      rejected,
      taken,
      last,
      ended,
    };
  }
}
