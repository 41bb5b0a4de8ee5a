import { defineFindings, type Finding } from './finding.js';
import type { CatalogItem } from './item.js';
import { type CatalogResource, keyItems } from './resource.js';
import { type ColumnMapping, compareTable, type TableColumn, type TableSide } from './table-comparison.js';

/** A table as it is now. */
export interface DriftingTable {
  readonly columns: readonly (TableColumn & { readonly comment?: string | null })[];
  /** Empty where it has none, or where nobody knows. */
  readonly primaryKey: readonly string[];
}

const drift = defineFindings({
  ADDED: {
    level: 'warning',
    zh: '表中有列 {column}({type}),目录中没有对应的信息项',
    en: 'the table has column {column} ({type}), which no item of the catalog is about',
  },
  DROPPED: {
    level: 'error',
    zh: '{item} 对应的列 {column} 已不在表中',
    en: 'column {column} of item {item} is no longer in the table',
  },
  RENAMED: {
    level: 'error',
    zh: '{item} 对应的列 {column} 已不在表中,可能改名为 {other}({because})',
    en: 'column {column} of item {item} is no longer in the table; it may be {other} now ({because})',
  },
  WIDENED: {
    level: 'warning',
    zh: '列 {column} 的 {property}({found})大于 {item} 的定义({wanted}),超出的行会被拒绝',
    en: 'the {property} of column {column} ({found}) is more than item {item} declares ({wanted}); rows beyond it are rejected',
  },
  REKEYED: {
    level: 'warning',
    zh: '表的主键为 {found},目录的主键为 {wanted}',
    en: 'the key of the table is {found}, that of the catalog {wanted}',
  },
});

/** How `compareTable` names what is drift, too. */
const drifted: Readonly<Record<string, string>> = {
  TYPE_MISFIT: 'RETYPED',
  TYPE_CHECKED: 'RETYPED',
  SOURCE_NARROWER: 'NARROWED',
  TARGET_NARROWER: 'NARROWED',
  TARGET_NOT_NULL: 'REQUIRED',
};

export const driftCodes = [
  'ADDED',
  'DROPPED',
  'RENAMED',
  'RETYPED',
  'NARROWED',
  'WIDENED',
  'REKEYED',
  'REQUIRED',
] as const;

/**
 * How a table has moved away from its catalog entry: codes of `driftCodes`. Items listed in `constant` come from no column. Of a
 * target, columns no item uses are its own business, and so is its key. A key of columns that no item uses is no drift.
 */
export function tableDrift(
  resource: CatalogResource,
  table: DriftingTable,
  mapping: ColumnMapping = {},
  side: TableSide = 'source',
  constant: readonly string[] = [],
): Finding[] {
  const items = resource.items.filter(({ column }) => !constant.includes(column));
  const columnOf = (item: CatalogItem) =>
    Object.hasOwn(mapping, item.column) ? mapping[item.column]! : item.column;
  const used = new Set(items.map(columnOf));
  const unused = table.columns.filter(({ name }) => !used.has(name));
  const gone = items.filter((item) => !table.columns.some(({ name }) => name === columnOf(item)));
  const renamed = renames(gone, unused, columnOf);
  // a column of no type holds what it likes
  const columns = table.columns.map((column) =>
    column.type === null ? { ...column, type: undefined } : column,
  );
  const fitting = compareTable(
    { ...resource, items: items.filter((item) => !gone.includes(item)) },
    columns,
    mapping,
    side,
  );
  const found = [...renamed.values()].map(({ other }) => other);
  return [
    ...gone.map((item) => {
      const facts = { column: columnOf(item) };
      const now = renamed.get(item);
      return now ? drift.RENAMED(item.column, { ...facts, ...now }) : drift.DROPPED(item.column, facts);
    }),
    ...fitting.map((finding) => ({ ...finding, code: drifted[finding.code] ?? finding.code })),
    ...(side === 'source' ? items.flatMap((item) => widened(item, table, columnOf(item))) : []),
    ...(side === 'source' ? rekeyed({ ...resource, items }, table, columnOf) : []),
    ...(side === 'source'
      ? unused
          .filter(({ name }) => !found.includes(name))
          .map(({ name, type }) => drift.ADDED(undefined, { column: name, type: type ?? '?' }))
      : []),
  ];
}

interface Rename {
  readonly other: string;
  readonly because: { readonly zh: string; readonly en: string };
}

/** The likeliest new name of each column that is gone; no column is guessed twice. */
function renames(
  gone: readonly CatalogItem[],
  unused: DriftingTable['columns'],
  columnOf: (item: CatalogItem) => string,
): Map<CatalogItem, Rename> {
  const found = new Map<CatalogItem, Rename>();
  const free = new Set(unused);
  const guess = (
    because: Rename['because'],
    fits: (item: CatalogItem, column: DriftingTable['columns'][number]) => boolean,
  ) => {
    for (const item of gone) {
      if (found.has(item)) continue;
      const column = [...free].find((each) => fits(item, each));
      if (!column) continue;
      found.set(item, { other: column.name, because });
      free.delete(column);
    }
  };
  guess(
    { zh: '名称相近', en: 'the names are alike' },
    (item, { name }) => plain(name) === plain(columnOf(item)),
  );
  guess(
    { zh: '注释相同', en: 'the comment is that of the item' },
    (item, { comment }) => plain(comment ?? '').startsWith(plain(item.name)) && plain(item.name) !== '',
  );
  const like = { zh: '类型相合的仅此一列', en: 'the only column of a like type' };
  const left = gone.filter((item) => !found.has(item));
  const candidates = [...free];
  guess(
    like,
    (item, column) =>
      isLike(item, column) &&
      left.filter((other) => isLike(other, column)).length === 1 &&
      candidates.filter((other) => isLike(item, other)).length === 1,
  );
  return found;
}

/** Of the same type, and of the same size as far as both say one. */
function isLike(item: CatalogItem, column: TableColumn): boolean {
  const sizes = ['length', 'precision', 'scale'] as const;
  return (
    (column.type ?? item.type) === item.type &&
    sizes.every((size) => item[size] === undefined || column[size] == null || item[size] === column[size])
  );
}

function plain(name: string): string {
  return name.replace(/[\s_\-\u200b]+/gu, '').toLowerCase();
}

/** Of the same type only; where the column says no size nobody knows what it holds. */
function widened(item: CatalogItem, { columns }: DriftingTable, name: string): Finding[] {
  const column = columns.find((each) => each.name === name);
  if (!column || column.type !== item.type) return [];
  const sizes = (['length', 'precision', 'scale'] as const).filter(
    (size) => item[size] !== undefined && column[size] != null,
  );
  return sizes
    .filter((size) => column[size]! > item[size]!)
    .map((size) =>
      drift.WIDENED(item.column, { column: name, property: size, found: column[size]!, wanted: item[size]! }),
    );
}

function rekeyed(
  resource: CatalogResource,
  { primaryKey }: DriftingTable,
  columnOf: (item: CatalogItem) => string,
): Finding[] {
  const used = new Set(resource.items.map(columnOf));
  if (primaryKey.length === 0 || !primaryKey.every((column) => used.has(column))) return [];
  const wanted = keyItems(resource).map(columnOf);
  const same = wanted.length === primaryKey.length && wanted.every((column) => primaryKey.includes(column));
  return same ? [] : [drift.REKEYED(undefined, { found: primaryKey.join(', '), wanted: wanted.join(', ') })];
}
