import { type CatalogResource, keyItems } from '@qianzhi/model';
import { type ColumnOrder, columnOrder, type Key, type OrderTerm as Term } from '@qianzhi/sql-kit';
import { columnOf, type Table, type TableColumn } from '../connection/table.js';
import { literal, qualified } from '../identifier.js';
import { hasOrder } from '../native-type.js';

export { type Key, orderBy } from '@qianzhi/sql-kit';
export type OrderTerm = Term<TableColumn>;
export type Order = ColumnOrder<TableColumn>;

export function orderOf(
  table: Table,
  resource: CatalogResource,
  columnOfItem: (column: string) => string | undefined,
): Order | undefined {
  const whole = table.indexes.filter(({ valid, partial }) => valid && !partial);
  // a parent's keys hold for its own rows only
  const unique = table.hasChildren ? [] : whole.filter((index) => index.unique && index.immediate);
  return columnOrder<TableColumn>(
    {
      find: (name) => columnOf(table, name),
      hasOrder,
      term: (column) => termOf(table, column),
      indexes: whole.map(({ columns }) => columns),
      unique: unique.map(({ columns }) => columns),
    },
    keyItems(resource).map((item) => columnOfItem(item.column)),
  );
}

export function termOf(table: Table, column: TableColumn): OrderTerm {
  return { column, name: qualified(table.name, column.name), nullable: !column.required };
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
