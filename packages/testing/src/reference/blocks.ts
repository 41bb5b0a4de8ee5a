import type { Checkpoint, ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { createRowWriter, type RowOp } from '@qianzhi/rows';
import type { RowTexts } from '../connector/harness.js';
import { roundTrip } from './cancelling.js';

export interface SourceRow {
  readonly op: RowOp;
  readonly values: RowTexts;
  /** Where to go on after this row. */
  readonly checkpoint: Checkpoint;
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
  let checkpoint: Checkpoint | undefined;

  function takeBlock(at: Checkpoint): RowsBlock {
    const block = {
      kind: 'rows',
      phase,
      rows: writer.rows,
      bytes: writer.take(),
      repeated,
      rejected: [],
      checkpoint: at,
    } as const;
    repeated = 0;
    return block;
  }
  for (const row of rows) {
    await roundTrip(signal, 'read');
    if (limits.maxRows !== undefined && read >= limits.maxRows) {
      if (checkpoint !== undefined) yield takeBlock(checkpoint);
      return 'limit';
    }
    writer.begin(row.op);
    for (const value of row.values) writer.text(value);
    writer.end();
    read += 1;
    repeated += row.repeated ?? 0;
    checkpoint = row.checkpoint;
    if (writer.bytes < limits.blockBytes) continue;
    yield takeBlock(checkpoint);
    checkpoint = undefined;
  }
  if (checkpoint !== undefined) yield takeBlock(checkpoint);
  return 'all';
}
