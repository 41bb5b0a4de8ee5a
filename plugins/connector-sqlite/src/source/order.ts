import type { CatalogResource } from '@qianzhi/model';
import { keyItems } from '@qianzhi/model';
import { sqliteErrors } from '../errors.js';
import { columnOf, type Table } from '../file/table.js';
import { quoted } from '../identifier.js';

/** A key value as the checkpoint holds it: exact, its storage class before it. Text and blobs are kept as their bytes, in base64. */
export type KeyPart = string | null;
type Class = 'i' | 'r' | 't' | 'b';

/** A value as better-sqlite3 binds it. */
export type Bound = null | bigint | number | string | Buffer;

/** Columns that put rows in one settled order, so that a read can go on after any row. */
export interface Order {
  /** SQL expressions, quoted. */
  readonly terms: readonly string[];
  /** No two rows are equal in all terms. False only for views, whose keys nothing guarantees. */
  readonly total: boolean;
  /** VACUUM may renumber it: a walk cannot go on after one. */
  readonly movedByVacuum: boolean;
}

/**
 * The order in which a table is read: its primary key, with the rowid behind it where SQLite lets keys be NULL;
 * else the rowid; a view is ordered by the key items. Throws QZ_SQLITE_NO_ORDER where there is none of these.
 */
export function orderOf(
  table: Table,
  resource: CatalogResource,
  columnOfItem: (column: string) => string | undefined,
): Order {
  const key = table.primaryKey.map(quoted);
  if (table.rowidIsKey) return { terms: key, total: true, movedByVacuum: false };
  if (key.length > 0) {
    const strict = table.primaryKey.every((name) => columnOf(table, name)?.required);
    if (strict) return { terms: key, total: true, movedByVacuum: false };
    if (table.rowid) return { terms: [...key, quotedRowid(table.rowid)], total: true, movedByVacuum: false };
  }
  if (table.rowid) return { terms: [quotedRowid(table.rowid)], total: true, movedByVacuum: true };
  const items = keyItems(resource).map((item) => columnOfItem(item.column));
  if (items.length === 0 || items.includes(undefined)) throw sqliteErrors.NO_ORDER({ table: table.name });
  return { terms: items.map((name) => quoted(name!)), total: false, movedByVacuum: false };
}

/** A quoted `"rowid"` means the rowid too, as long as no column has that name. */
function quotedRowid(name: string): string {
  return quoted(name);
}

/**
 * Condition for rows behind `key` in `ORDER BY terms`, true to NULLs (which come first) and usable with an index.
 * Text is compared as CAST of its bytes, so that no encoding can move the place; `+` takes the affinity away.
 */
export function after(terms: readonly string[], key: readonly KeyPart[]): { sql: string; values: Bound[] } {
  const values: Bound[] = [];
  const sql = build(0);
  return { sql, values };

  function build(at: number): string {
    if (at === terms.length) return '0';
    const term = terms[at]!;
    const part = key[at] ?? null;
    const last = at === terms.length - 1;
    if (part === null) return last ? `${term} IS NOT NULL` : `(${term} IS NOT NULL OR ${build(at + 1)})`;
    if (last) return `${term} > ${bind(part)}`;
    return `(${term} >= ${bind(part)} AND (${term} > ${bind(part)} OR ${build(at + 1)}))`;
  }

  function bind(part: string): string {
    values.push(boundKey(part));
    return placeOf(part);
  }
}

/** Where a value is bound by `boundKey`. */
export function placeOf(part: string): string {
  return part.startsWith('t' satisfies Class) ? '+CAST(? AS TEXT)' : '?';
}

export function boundKey(part: string): Bound {
  const value = part.slice(1);
  if (part.startsWith('i' satisfies Class)) return BigInt(value);
  return part.startsWith('r' satisfies Class) ? Number(value) : Buffer.from(value, 'base64');
}

/** `text` is true where the value is text read as its bytes. */
export function keyPart(value: Bound, text = false): KeyPart {
  const as = (kind: Class, spelled: string) => kind + spelled;
  if (value === null) return null;
  if (typeof value === 'bigint') return as('i', String(value));
  if (typeof value === 'number') return as('r', String(value));
  if (typeof value === 'string') return as('t', Buffer.from(value).toString('base64'));
  return as(text ? 't' : 'b', value.toString('base64'));
}

export function sameKey(a: readonly KeyPart[], b: readonly KeyPart[]): boolean {
  return a.every((part, at) => part === b[at]);
}
