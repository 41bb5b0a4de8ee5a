import { type CatalogResource, keyItems } from '@qianzhi/model';
import { columnOf, type Table, type TableColumn } from '../connection/table.js';
import { literal, quoted } from '../identifier.js';
import { familyOf, hasOrder } from '../native-type.js';

/** A value of an order column as the server prints it (bytes in hex); null is NULL. */
export type KeyPart = string | null;
export type Key = readonly KeyPart[];

export interface OrderTerm {
  readonly column: TableColumn;
  /** Quoted, named with its table. */
  readonly name: string;
  readonly nullable: boolean;
}

/** Columns that put rows in one settled order, so that a read can go on after any row. */
export interface Order {
  readonly terms: readonly OrderTerm[];
  /** No two rows are equal in all terms. False for views and tables without a key, where nothing guarantees it. */
  readonly total: boolean;
  /** An index has this order: a chunk costs no sort of the whole table. */
  readonly indexed: boolean;
}

/**
 * The order in which a table is read: its primary key, else a unique index over required columns, else the key items.
 * Undefined where there is none of these: such a table is read in one piece. Text is ordered by the column's own
 * collation, which its index has too.
 */
export function orderOf(
  table: Table,
  resource: CatalogResource,
  columnOfItem: (column: string) => string | undefined,
): Order | undefined {
  const [key] = uniqueKeys(table);
  if (key) return { terms: key.map((column) => termOf(table, column)), total: true, indexed: true };
  const columns = keyItems(resource).map((item) => columnOf(table, columnOfItem(item.column) ?? ''));
  if (columns.length === 0 || !columns.every((column) => column && hasOrder(column))) return undefined;
  const terms = columns.map((column) => termOf(table, column!));
  return { terms, total: false, indexed: isIndexed(table, terms) };
}

/** Sets of columns that no two rows share, the primary key first. */
function uniqueKeys(table: Table): TableColumn[][] {
  return table.indexes
    .filter((index) => index.unique)
    .map((index) => index.columns.map((name) => (name === null ? undefined : columnOf(table, name))))
    .filter((columns): columns is TableColumn[] =>
      columns.every((column) => column?.required && hasOrder(column)),
    );
}

export function termOf(table: Table, column: TableColumn): OrderTerm {
  return { column, name: `${quoted(table.name)}.${quoted(column.name)}`, nullable: !column.required };
}

function isIndexed(table: Table, terms: readonly OrderTerm[]): boolean {
  return table.indexes.some((index) =>
    terms.every((term, at) => index.columns[at]?.toLowerCase() === term.column.name.toLowerCase()),
  );
}

export function orderBy(terms: readonly OrderTerm[]): string {
  return `ORDER BY ${terms.map((term) => term.name).join(', ')}`;
}

/** What is selected of a term, so that `partAsSql` finds the value again. */
export function partSql({ column, name }: OrderTerm): string {
  return familyOf(column) === 'binary' ? `HEX(${name})` : name;
}

/** Rows behind `key` in the order of `terms`, where NULLs come first. Spelled so that an index range is seen in it. */
export function after(terms: readonly OrderTerm[], key: Key): string {
  return compared(terms, key, 0, 'false');
}

/** Rows not behind `key`; for terms without NULLs. */
export function upTo(terms: readonly OrderTerm[], key: Key): string {
  const behind = (at: number): string => {
    const { name } = terms[at]!;
    const value = partAsSql(terms[at]!, key[at] ?? null);
    if (at === terms.length - 1) return `${name} <= ${value}`;
    return `(${name} <= ${value} AND (${name} < ${value} OR ${behind(at + 1)}))`;
  };
  return behind(0);
}

function compared(terms: readonly OrderTerm[], key: Key, at: number, end: string): string {
  const term = terms[at];
  if (!term) return end;
  const part = key[at] ?? null;
  const { name } = term;
  if (part === null) {
    return `(${name} IS NOT NULL OR (${name} IS NULL AND ${compared(terms, key, at + 1, end)}))`;
  }
  const value = partAsSql(term, part);
  if (at === terms.length - 1 && end === 'false') return `${name} > ${value}`;
  return `(${name} >= ${value} AND (${name} > ${value} OR ${compared(terms, key, at + 1, end)}))`;
}

/** Rows of just this key. */
export function same(terms: readonly OrderTerm[], key: Key): string {
  return terms.map((term, at) => `${term.name} <=> ${partAsSql(term, key[at] ?? null)}`).join(' AND ');
}

/** Numbers without quotes: a text would be compared with them as a double. */
export function partAsSql({ column }: OrderTerm, part: KeyPart): string {
  if (part === null) return 'NULL';
  const family = familyOf(column);
  if (family === 'integer' || family === 'decimal') return /^-?[\d.]+$/.test(part) ? part : literal(part);
  if (family === 'binary') return part === '' ? "''" : `0x${part.replace(/[^0-9A-Fa-f]/g, '')}`;
  return literal(part);
}
