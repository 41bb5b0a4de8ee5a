import { type CatalogResource, keyItems } from '@qianzhi/model';
import type { Places, SqlDialect } from '../database/dialect.js';
import { columnNamed, type SqlColumn, type SqlTable } from '../database/table.js';

/** A value of an order column as `SqlDialect.keyText` prints it; null is NULL. */
export type KeyPart = string | null;
export type Key = readonly KeyPart[];

export interface OrderTerm {
  readonly column: SqlColumn;
  /** Quoted, with the alias `t`. */
  readonly name: string;
}

/** Columns that put rows in one settled order, so that a read can go on after any row. */
export interface Order {
  readonly terms: readonly OrderTerm[];
  /** No two rows are equal in all terms. False for views, whose keys nothing guarantees. */
  readonly total: boolean;
}

/**
 * The order in which a table is read: its primary key, else a unique index over required columns, else the key items.
 * Undefined where there is none of these: such a table is read in one piece.
 */
export function orderOf(
  dialect: SqlDialect,
  table: SqlTable,
  resource: CatalogResource,
  columnOfItem: (column: string) => string | undefined,
): Order | undefined {
  const ordered = (names: readonly (string | undefined)[]) => {
    const columns = names.map((name) => (name === undefined ? undefined : columnNamed(table, name)));
    const fit =
      columns.length > 0 && columns.every((column) => column && dialect.keyText(column, 'x') !== undefined);
    return fit ? columns.map((column) => termOf(dialect, column!)) : undefined;
  };
  const keys = [
    table.primaryKey,
    ...table.indexes.filter(({ unique }) => unique).map(({ columns }) => columns),
  ];
  for (const key of keys) {
    const terms = ordered(key);
    if (terms?.every(({ column }) => column.required)) return { terms, total: true };
  }
  const terms = ordered(keyItems(resource).map((item) => columnOfItem(item.column)));
  return terms && { terms, total: false };
}

export function termOf(dialect: SqlDialect, column: SqlColumn): OrderTerm {
  return { column, name: `t.${dialect.quoted(column.name)}` };
}

export function orderBy({ nullsClause }: SqlDialect, terms: readonly OrderTerm[]): string {
  const list = terms.map(({ column, name }) =>
    nullsClause === undefined || column.required ? name : `${name} ${nullsClause}`,
  );
  return `ORDER BY ${list.join(', ')}`;
}

export function keyList(dialect: SqlDialect, terms: readonly OrderTerm[]): string[] {
  return terms.map(({ column, name }) => dialect.keyText(column, name)!);
}

/** Rows behind `key` in the order of `terms`. The first term is bounded on its own, which an index can use. */
export function behind(dialect: SqlDialect, terms: readonly OrderTerm[], key: Key, places: Places): string {
  return build(0);

  function build(at: number): string {
    if (at === terms.length) return '1 = 0';
    const { column, name } = terms[at]!;
    const part = key[at] ?? null;
    const last = at === terms.length - 1;
    const nullable = !column.required;
    if (part === null) {
      const later = dialect.nullsFirst ? `${name} IS NOT NULL` : '1 = 0';
      return last ? later : `(${later} OR (${name} IS NULL AND ${build(at + 1)}))`;
    }
    const value = () => dialect.valueOf(column, places.add(part));
    const more = `${name} > ${value()}${nullable && !dialect.nullsFirst ? ` OR ${name} IS NULL` : ''}`;
    if (last) return nullable ? `(${more})` : more;
    const either = `(${more} OR (${name} = ${value()} AND ${build(at + 1)}))`;
    return nullable ? either : `${name} >= ${value()} AND ${either}`;
  }
}

/** Rows not behind `key`; for terms without NULLs. */
export function notBehind(
  dialect: SqlDialect,
  terms: readonly OrderTerm[],
  key: Key,
  places: Places,
): string {
  const build = (at: number): string => {
    const { column, name } = terms[at]!;
    const value = () => dialect.valueOf(column, places.add(key[at] ?? ''));
    if (at === terms.length - 1) return `${name} <= ${value()}`;
    return `${name} <= ${value()} AND (${name} < ${value()} OR (${build(at + 1)}))`;
  };
  return build(0);
}

/** Rows of one of these keys; for terms without NULLs. */
export function among(
  dialect: SqlDialect,
  terms: readonly OrderTerm[],
  keys: readonly Key[],
  places: Places,
): string {
  const same = (key: Key) =>
    terms.map(({ column, name }, at) => `${name} = ${dialect.valueOf(column, places.add(key[at] ?? ''))}`);
  return `(${keys.map((key) => `(${same(key).join(' AND ')})`).join(' OR ')})`;
}
