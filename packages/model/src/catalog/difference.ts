import { type CatalogItem, isRequired } from './item.js';
import { compareItems } from './item-difference.js';
import type { CatalogResource } from './resource.js';
import { type ItemChange, itemChange } from './schema-change.js';

export interface SchemaChange {
  readonly changes: readonly ItemChange[];
  /** Batches go on in the same epoch: every row valid before stays valid, as the same text. */
  readonly keepsEpoch: boolean;
}

/**
 * What changed in the items of a resource from one schema version to the next. Adding an optional item, widening and
 * describing keep the epoch; removing, retyping, re-keying, reordering, requiring and narrowing open a new one.
 * Items are matched by column: a renamed column is one removed and one added.
 */
export function compareSchemas(before: CatalogResource, after: CatalogResource): SchemaChange {
  const now = new Map(after.items.map((item) => [item.column, item]));
  const then = new Map(before.items.map((item) => [item.column, item]));
  const changes = [
    ...before.items.filter((item) => !now.has(item.column)).map((item) => named('REMOVED', item)),
    ...after.items
      .filter((item) => !then.has(item.column))
      .map((item) => named(isRequired(item) ? 'ADDED_REQUIRED' : 'ADDED', item)),
    ...reordered(before.items, after.items),
    ...after.items.flatMap((item) => {
      const old = then.get(item.column);
      return old ? compareItems({ resource: before, item: old }, { resource: after, item }) : [];
    }),
  ];
  return { changes, keepsEpoch: changes.every((change) => !change.opensEpoch) };
}

function named(code: 'ADDED' | 'ADDED_REQUIRED' | 'REMOVED', item: CatalogItem): ItemChange {
  return itemChange(code, item.column, { name: item.name });
}

/** Names the first item that stands elsewhere among the items both versions have. */
function reordered(before: readonly CatalogItem[], after: readonly CatalogItem[]): ItemChange[] {
  const columns = (items: readonly CatalogItem[], others: readonly CatalogItem[]) =>
    items.map((item) => item.column).filter((column) => others.some((other) => other.column === column));
  const then = columns(before, after);
  const moved = columns(after, before).find((column, place) => column !== then[place]);
  return moved === undefined ? [] : [itemChange('REORDERED', moved)];
}
