import type { CatalogItem } from '@qianzhi/model';
import type { ColumnDescription } from '@qianzhi/plugin-api';

/** By what an item was found in a table: its own column name, that name but for case and underscores, or its name as comment. */
export type MatchedBy = 'name' | 'similar' | 'comment' | 'told';

export interface ColumnMatch {
  readonly item: CatalogItem;
  readonly column: ColumnDescription | undefined;
  readonly by: MatchedBy | undefined;
}

/**
 * Guesses which column of a table holds which item. No guess takes a column twice, the surest comes first; `told` (item column →
 * table column) is never overruled. In item order; what nobody can guess has no column.
 */
export function matchColumns(
  items: readonly CatalogItem[],
  columns: readonly ColumnDescription[],
  told: ReadonlyMap<string, string> = new Map(),
): ColumnMatch[] {
  const found = new Map<string, { column: ColumnDescription; by: MatchedBy }>();
  const taken = new Set<string>();
  const guessed = new Set<MatchedBy>(['similar', 'comment']);
  const guess = (by: MatchedBy, fits: (item: CatalogItem, column: ColumnDescription) => boolean) => {
    for (const item of items) {
      if (found.has(item.column) || (told.has(item.column) && by !== 'told')) continue;
      const column = columns.find((each) => (!guessed.has(by) || !taken.has(each.name)) && fits(item, each));
      if (!column) continue;
      found.set(item.column, { column, by });
      taken.add(column.name);
    }
  };
  guess('told', (item, { name }) => told.get(item.column) === name);
  guess('name', (item, { name }) => name === item.column);
  guess('similar', (item, { name }) => plain(name) === plain(item.column));
  guess(
    'comment',
    (item, { comment }) => comment !== null && commentNames(comment).includes(plain(item.name)),
  );
  return items.map((item) => ({ item, column: undefined, by: undefined, ...found.get(item.column) }));
}

/** `source.columns` and `target.columns` hold only what differs. */
export function columnMapping(matches: readonly ColumnMatch[]): Record<string, string> {
  return Object.fromEntries(
    matches.flatMap(({ item, column }) =>
      column && column.name !== item.column ? [[item.column, column.name] as const] : [],
    ),
  );
}

function plain(name: string): string {
  return name.replace(/[\s_\-\u200b]+/gu, '').toLowerCase();
}

/** What a comment may name the column by: all of it, or what stands before an explanation: `性别:1男2女`. */
function commentNames(comment: string): string[] {
  return [comment, nameInComment(comment)].map(plain);
}

/** The name at the start of a comment, without the explanation behind it. */
export function nameInComment(comment: string): string {
  return comment.split(/[::;;,,。((\n]/u)[0]!.trim();
}
