import assert from 'node:assert/strict';
import { type CatalogResource, keyItems } from '@qianzhi/model';
import type { Checkpoint, RowsBlock, Source } from '@qianzhi/plugin-api';
import type { RowTexts } from './harness.js';
import { decodeOpRows, type OpRow } from './row-text.js';

/** One block as read, with its rows. */
export interface ReadBlock {
  readonly block: RowsBlock;
  readonly rows: readonly OpRow[];
}

/** Small enough that a table of a few rows comes in several blocks. */
export const tinyBlocks = { blockBytes: 64 } as const;
export const normalBlocks = { blockBytes: 1024 * 1024 } as const;

/** Reads until the source has no more, checking what every block promises of itself. */
export async function readBlocks(
  source: Source,
  resource: CatalogResource,
  checkpoint: Checkpoint | undefined,
  signal: AbortSignal,
  limits: { readonly blockBytes: number; readonly maxRows?: number } = normalBlocks,
): Promise<ReadBlock[]> {
  const blocks: ReadBlock[] = [];
  for await (const block of source.read(checkpoint, limits, signal)) {
    assert.equal(block.kind, 'rows', 'a table is read as rows blocks');
    const rows = decodeOpRows(block.bytes, resource.items.length);
    assert.equal(rows.length, block.rows, 'a block says how many rows it holds');
    assert.equal(typeof block.checkpoint, 'string', 'every block carries a checkpoint');
    for (const row of rows) {
      assert.equal(
        row.op === 'S',
        block.phase === 'snapshot',
        `op ${row.op} in a block of phase ${block.phase}`,
      );
    }
    blocks.push({ block, rows });
  }
  return blocks;
}

export function lastCheckpoint(blocks: readonly ReadBlock[], before?: Checkpoint): Checkpoint | undefined {
  return blocks.at(-1)?.block.checkpoint ?? before;
}

export function rowsOf(blocks: readonly ReadBlock[]): OpRow[] {
  return blocks.flatMap((read) => read.rows);
}

/** What a consumer would hold that applies blocks in order: the judge of whether anything was lost. */
export interface Replay {
  apply(blocks: readonly ReadBlock[]): void;
  rows(): RowTexts[];
}

export function createReplay(resource: CatalogResource): Replay {
  const keyAt = keyItems(resource).map((item) => resource.items.indexOf(item));
  const keyOf = (row: RowTexts, ordinal: number) =>
    JSON.stringify(keyAt.length ? keyAt.map((at) => row[at]) : ordinal);
  let held = new Map<string, RowTexts>();
  let staged: RowTexts[] = [];

  function applyBlock({ block, rows }: ReadBlock): void {
    if (block.restart) staged = [];
    for (const { op, fields } of rows) {
      if (op === 'S') staged.push(fields);
      else if (op === 'U') held.set(keyOf(fields, held.size), fields);
      else held.delete(keyOf(fields, -1));
    }
    if (block.lastOfSnapshot) {
      held = new Map(staged.map((row, ordinal) => [keyOf(row, ordinal), row]));
      staged = [];
    }
  }
  return {
    apply(blocks) {
      for (const block of blocks) applyBlock(block);
    },
    rows: () => [...held.values()],
  };
}
