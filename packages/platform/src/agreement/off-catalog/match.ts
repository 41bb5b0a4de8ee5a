import type { CatalogResource } from '@qianzhi/model';
import type { RequestRow } from './store.js';

export interface ItemMatch {
  /** Columns of the items in the entry: as they were named, else where names are the same. */
  readonly columns: Readonly<Record<string, string>>;
  /** What keeps the entry from being the one that is owed: items named to a column it has not; every item where it has none of them. */
  readonly unmatched: readonly string[];
}

export function matchItems(
  { content, columns: named }: Pick<RequestRow, 'content' | 'columns'>,
  entry: CatalogResource,
): ItemMatch {
  const known = new Set(entry.items.map(({ column }) => column));
  const byName = new Map(entry.items.map(({ name, column }) => [name.trim(), column]));
  const names = content.items.map(({ name }) => name);
  const columns = Object.fromEntries(
    names.flatMap((name) => {
      const column = named[name] ?? byName.get(name.trim()) ?? name;
      return known.has(column) ? [[name, column] as const] : [];
    }),
  );
  const strange = Object.keys(named).filter((name) => columns[name] !== named[name]);
  const none = Object.keys(columns).length === 0 ? names : [];
  return { columns, unmatched: strange.length > 0 ? strange : none };
}
