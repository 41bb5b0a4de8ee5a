import type { CatalogResource } from '@qianzhi/model';
import type { Checkpoint, ReadLimits, RowsBlock, Source } from '@qianzhi/plugin-api';
import { blocksOf, type SourceRow } from './blocks.js';
import { type MemoryTable, project, rowsInOrder } from './memory-server.js';
import { roundTrip } from './round-trip.js';

interface Position {
  /** Id of the last row read; the snapshot goes on after it. */
  readonly after: number;
  readonly done: boolean;
}

export function openSnapshotSource(table: MemoryTable, resource: CatalogResource): Source {
  return {
    async *read(checkpoint, limits, signal) {
      const position = checkpoint === undefined ? undefined : (JSON.parse(checkpoint) as Position);
      // A finished snapshot is followed by a new one.
      const after = position && !position.done ? position.after : 0;
      yield* snapshotBlocks(table, resource, after, limits, signal, (id, done) =>
        JSON.stringify({ after: id, done }),
      );
    },
    async confirm() {},
    notices: () => [],
    async [Symbol.asyncDispose]() {},
  };
}

/** A full copy in order of row id; answers whether it came to its end. */
export async function* snapshotBlocks(
  table: MemoryTable,
  resource: CatalogResource,
  after: number,
  limits: ReadLimits,
  signal: AbortSignal,
  checkpointOf: (id: number, done: boolean) => Checkpoint,
): AsyncGenerator<RowsBlock, boolean> {
  await roundTrip(signal, 'read');
  const inOrder = project(table, resource);
  const rows = rowsInOrder(table).filter((row) => row.id > after);
  const asRows = rows.map(
    ({ id, values }): SourceRow => ({
      op: 'S',
      values: inOrder(values),
      checkpoint: () => checkpointOf(id, false),
    }),
  );
  const ended = yield* blocksOf(asRows, 'snapshot', limits, signal);
  if (ended === 'limit') return false;
  const last = rows.at(-1)?.id ?? after;
  yield {
    kind: 'rows',
    phase: 'snapshot',
    bytes: new Uint8Array(),
    rows: 0,
    repeated: 0,
    rejected: [],
    lastOfSnapshot: true,
    checkpoint: checkpointOf(last, true),
  };
  return true;
}
