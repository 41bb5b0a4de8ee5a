import type { CatalogResource } from '@qianzhi/model';
import type { Source } from '@qianzhi/plugin-api';
import { blocksOf, type SourceRow } from './blocks.js';
import { type MemoryChange, type MemoryTable, project } from './memory-server.js';
import { roundTrip } from './round-trip.js';
import { snapshotBlocks } from './source-snapshot.js';

/** First a full copy, with the change number from before it began; then the changes after that number. */
type Position =
  | { readonly at: 'copy'; readonly after: number; readonly mark: number }
  | { readonly at: 'changes'; readonly after: number };

export function openChangeTableSource(
  table: MemoryTable,
  changes: MemoryChange[],
  resource: CatalogResource,
): Source {
  const inOrder = project(table, resource);

  function* changesAfter(number: number): Generator<SourceRow> {
    for (const change of changes.filter((each) => each.number > number)) {
      const checkpoint = () => JSON.stringify({ at: 'changes', after: change.number } satisfies Position);
      yield { op: change.op, values: inOrder(change.values), checkpoint };
    }
  }
  return {
    async *read(checkpoint, limits, signal) {
      await roundTrip(signal, 'read');
      const position: Position =
        checkpoint === undefined
          ? { at: 'copy', after: 0, mark: table.nextChange - 1 }
          : (JSON.parse(checkpoint) as Position);
      if (position.at === 'copy') {
        const { mark } = position;
        const checkpointOf = (after: number, done: boolean) =>
          JSON.stringify(
            (done ? { at: 'changes', after: mark } : { at: 'copy', after, mark }) satisfies Position,
          );
        const complete = yield* snapshotBlocks(table, resource, position.after, limits, signal, checkpointOf);
        if (!complete) return;
      }
      const after = position.at === 'copy' ? position.mark : position.after;
      yield* blocksOf(changesAfter(after), 'delta', limits, signal);
    },
    async confirm(checkpoint) {
      const position = JSON.parse(checkpoint) as Position;
      // While the copy is not complete, the changes from before its mark are covered by it, but not yet received.
      if (position.at === 'changes') purge(changes, position.after);
    },
    notices: () => [],
    async [Symbol.asyncDispose]() {},
  };
}

function purge(changes: MemoryChange[], upTo: number): void {
  const kept = changes.filter((change) => change.number > upTo);
  changes.splice(0, changes.length, ...kept);
}
