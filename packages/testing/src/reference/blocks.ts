import type { Checkpoint, ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { createRowWriter, type RowOp } from '@qianzhi/rows';
import type { RowTexts } from '../connector/harness.js';
import { roundTrip } from './round-trip.js';

export interface SourceRow {
  readonly op: RowOp;
  readonly values: RowTexts;
  /** Where to go on after this row; asked for before the next row is taken, if at all. */
  readonly checkpoint: () => Checkpoint;
  /** Rows left out since the row before, because they were carried already. */
  readonly repeated?: number;
}

/** Cuts rows into blocks of the asked size; ends early once `maxRows` are read and says so. */
export async function* blocksOf(
  rows: Iterable<SourceRow>,
  phase: RowsBlock['phase'],
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, 'all' | 'limit'> {
  const writer = createRowWriter(limits.blockBytes);
  let repeated = 0;
  let read = 0;
  let waiting: SourceRow | undefined;

  function takeBlock(at: Checkpoint): RowsBlock {
    const rows = writer.rows;
    const block = {
      kind: 'rows',
      phase,
      rows,
      bytes: writer.take(),
      repeated,
      rejected: [],
      checkpoint: at,
    } as const;
    repeated = 0;
    waiting = undefined;
    return block;
  }
  for (const row of rows) {
    writer.begin(row.op);
    for (const value of row.values) writer.text(value);
    writer.end();
    read += 1;
    repeated += row.repeated ?? 0;
    const enough = read === limits.maxRows;
    if (writer.bytes < limits.blockBytes && !enough) {
      waiting = row;
      continue;
    }
    yield takeBlock(row.checkpoint());
    if (enough) return 'limit';
    await roundTrip(signal, 'read');
  }
  if (waiting) yield takeBlock(waiting.checkpoint());
  return 'all';
}
