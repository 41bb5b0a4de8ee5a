import type { Checkpoint, ReadLimits, RowRejection, RowsBlock, Source } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { noAbort } from '../connector/row-lines.js';

/** What was read, its rows decoded. */
export interface Read {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly ops: readonly string[];
  readonly rejected: readonly RowRejection[];
  readonly checkpoints: readonly Checkpoint[];
  readonly repeated: number;
  readonly restarted: boolean;
  /** The last block was the last of a snapshot. */
  readonly ended: boolean;
}

/** Reads to the end, or to the error that ends it. */
export async function readAll(
  source: Source,
  checkpoint?: Checkpoint,
  limits: ReadLimits = { blockBytes: 65_536 },
): Promise<Read> {
  const blocks: RowsBlock[] = [];
  for await (const block of source.read(checkpoint, limits, noAbort)) {
    if (block.kind === 'rows') blocks.push(block);
  }
  return readOf(blocks);
}

export function readOf(blocks: readonly RowsBlock[]): Read {
  const decoded = blocks.flatMap((block) => [...decodeRows(block.bytes)]);
  return {
    rows: decoded.map((row) => row.fields),
    ops: decoded.map((row) => row.op),
    rejected: blocks.flatMap((block) => block.rejected),
    checkpoints: blocks.map((block) => block.checkpoint),
    repeated: blocks.reduce((sum, block) => sum + block.repeated, 0),
    restarted: blocks.some((block) => block.restart ?? false),
    ended: blocks.at(-1)?.lastOfSnapshot ?? false,
  };
}
