import { type CatalogResource, keyItems } from '@qianzhi/model';
import {
  type ColumnOrder,
  columnOrder,
  type Key,
  type KeyPart,
  type OrderTerm as Term,
} from '@qianzhi/sql-kit';
import { columnOf, type Table, type TableColumn } from '../connection/table.js';
import { literal, qualified } from '../identifier.js';
import { familyOf, hasOrder } from '../native-type.js';

export { type Key, orderBy } from '@qianzhi/sql-kit';
export type OrderTerm = Term<TableColumn>;
export type Order = ColumnOrder<TableColumn>;

export function orderOf(
  table: Table,
  resource: CatalogResource,
  columnOfItem: (column: string) => string | undefined,
): Order | undefined {
  return columnOrder<TableColumn>(
    {
      find: (name) => columnOf(table, name),
      hasOrder,
      term: (column) => termOf(table, column),
      indexes: table.indexes.map(({ columns }) => columns),
      unique: table.indexes.filter(({ unique }) => unique).map(({ columns }) => columns),
    },
    keyItems(resource).map((item) => columnOfItem(item.column)),
  );
}

export function termOf(table: Table, column: TableColumn): OrderTerm {
  return { column, name: qualified(table.name, column.name), nullable: !column.required };
}

/** What is selected of a term, so that `partAsSql` finds the value again: bytes in hex. */
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
