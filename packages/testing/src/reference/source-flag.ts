import type { CatalogResource } from '@qianzhi/model';
import type { Source } from '@qianzhi/plugin-api';
import { blocksOf, type SourceRow } from './blocks.js';
import { type MemoryTable, placeOf, project, rowsInOrder } from './memory-server.js';
import { roundTrip } from './round-trip.js';
import { snapshotBlocks } from './source-snapshot.js';

/** First a full copy; then rows that are pending. `picked` counts those that this one source picked up. */
type Position =
  | { readonly at: 'copy'; readonly after: number }
  | { readonly at: 'pending'; readonly source: number; readonly picked: number };

let sources = 0;

export function openFlagSource(table: MemoryTable, pending: Set<string>, resource: CatalogResource): Source {
  const inOrder = project(table, resource);
  const source = ++sources;
  let picked: { readonly place: string; readonly content: string; readonly number: number }[] = [];
  let number = 0;

  function* pendingRows(): Generator<SourceRow> {
    for (const { values } of rowsInOrder(table)) {
      const place = placeOf(table, values);
      if (!pending.has(place)) continue;
      picked.push({ place, content: JSON.stringify(values), number: ++number });
      const position: Position = { at: 'pending', source, picked: number };
      yield { op: 'U', values: inOrder(values), checkpoint: () => JSON.stringify(position) };
    }
  }
  return {
    async *read(checkpoint, limits, signal) {
      await roundTrip(signal, 'read');
      const position: Position =
        checkpoint === undefined ? { at: 'copy', after: 0 } : (JSON.parse(checkpoint) as Position);
      if (position.at === 'copy') {
        const checkpointOf = (after: number, done: boolean) =>
          JSON.stringify(
            (done ? { at: 'pending', source, picked: number } : { at: 'copy', after }) satisfies Position,
          );
        yield* snapshotBlocks(table, resource, position.after, limits, signal, checkpointOf);
        return;
      }
      const got = position.source === source ? position.picked : 0;
      picked = picked.filter((row) => row.number <= got);
      yield* blocksOf(pendingRows(), 'delta', limits, signal);
    },
    async confirm(checkpoint) {
      const position = JSON.parse(checkpoint) as Position;
      if (position.at !== 'pending' || position.source !== source) return;
      for (const { place, content } of picked.filter((row) => row.number <= position.picked)) {
        if (JSON.stringify(table.rows.get(place)?.values) === content) pending.delete(place);
      }
      picked = picked.filter((row) => row.number > position.picked);
    },
    notices: () => [],
    async [Symbol.asyncDispose]() {},
  };
}
