import { type CatalogResource, keyItems } from '@qianzhi/model';
import { columnOf, type Table, type TableColumn } from '../connection/table.js';
import { literal, qualified } from '../identifier.js';
import { hasOrder } from '../native-type.js';

/** A value of an order column as PostgreSQL prints it; null is NULL. */
export type KeyPart = string | null;
export type Key = readonly KeyPart[];

export interface OrderTerm {
  readonly column: TableColumn;
  /** Named with its table: a bare name would mean the select list's own column first. */
  readonly name: string;
  readonly nullable: boolean;
}

/** Columns that put rows in one settled order, so that a read can go on after any row. */
export interface Order {
  readonly terms: readonly OrderTerm[];
  /** No two rows are equal in all terms. False for views and parents, whose keys nothing guarantees. */
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
  const unique = table.hasChildren ? [] : uniqueKeys(table);
  const [key] = unique;
  if (key) return { terms: key.map((column) => termOf(table, column)), total: true, indexed: true };
  const columns = keyItems(resource).map((item) => columnOf(table, columnOfItem(item.column) ?? ''));
  if (columns.length === 0 || !columns.every((column) => column && hasOrder(column))) return undefined;
  const terms = columns.map((column) => termOf(table, column!));
  return { terms, total: false, indexed: isIndexed(table, terms) };
}

/** Sets of columns that no two rows share, the primary key first. */
function uniqueKeys(table: Table): TableColumn[][] {
  return table.indexes
    .filter((index) => index.unique && !index.partial && index.valid && index.immediate)
    .map((index) => index.columns.map((name) => (name === null ? undefined : columnOf(table, name))))
    .filter((columns): columns is TableColumn[] =>
      columns.every((column) => column?.required && hasOrder(column)),
    );
}

export function termOf(table: Table, column: TableColumn): OrderTerm {
  return { column, name: qualified(table.name, column.name), nullable: !column.required };
}

function isIndexed(table: Table, terms: readonly OrderTerm[]): boolean {
  return table.indexes.some(
    (index) =>
      index.valid && !index.partial && terms.every((term, at) => index.columns[at] === term.column.name),
  );
}

export function orderBy(terms: readonly OrderTerm[]): string {
  return `ORDER BY ${terms.map((term) => term.name).join(', ')}`;
}

/** Rows behind `key` in the order of `terms`, where NULLs come last. Columns without NULLs use a plain index range. */
export function after(terms: readonly OrderTerm[], key: Key): string {
  if (terms.every((term) => !term.nullable)) return compared(terms, '>', key);
  return build(0);

  function build(at: number): string {
    if (at === terms.length) return 'false';
    const { name, nullable } = terms[at]!;
    const part = key[at] ?? null;
    const rest = build(at + 1);
    if (part === null) return `(${name} IS NULL AND ${rest})`;
    const value = partAsSql(terms[at]!, part);
    return `(${name} > ${value}${nullable ? ` OR ${name} IS NULL` : ''} OR (${name} = ${value} AND ${rest}))`;
  }
}

/** Rows not behind `key`; for terms without NULLs. */
export function upTo(terms: readonly OrderTerm[], key: Key): string {
  return compared(terms, '<=', key);
}

/** Rows of just this key. */
export function same(terms: readonly OrderTerm[], key: Key): string {
  return terms
    .map((term, at) => {
      const part = key[at] ?? null;
      return part === null ? `${term.name} IS NULL` : `${term.name} = ${partAsSql(term, part)}`;
    })
    .join(' AND ');
}

function compared(terms: readonly OrderTerm[], operator: '>' | '<=', key: Key): string {
  const names = terms.map((term) => term.name);
  const values = terms.map((term, at) => partAsSql(term, key[at] ?? ''));
  return names.length === 1
    ? `${names[0]} ${operator} ${values[0]}`
    : `(${names.join(', ')}) ${operator} (${values.join(', ')})`;
}

export function partAsSql(term: OrderTerm, part: string): string {
  return `${literal(part)}::${term.column.castType}`;
}
