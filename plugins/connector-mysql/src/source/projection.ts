import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import type { ConstantValue } from '@qianzhi/sql-kit';
import type { MysqlSource } from '../config.js';
import { columnOf, type Table, type TableColumn } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal, quoted } from '../identifier.js';
import { fits, isLarge } from '../native-type.js';
import { type Expression, expressionOf, tooLargeSql } from './expression.js';

/** One item of the resource and where its values come from. */
export interface ProjectedItem {
  readonly item: CatalogItem;
  /** Undefined for a constant. */
  readonly column: TableColumn | undefined;
  /** Over the column, or over whatever SQL stands for it in a statement. */
  expression(name?: string): Expression;
}

export interface Projection {
  readonly items: readonly ProjectedItem[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
  /** Table column of an item; undefined for a constant or unknown item. */
  columnOfItem(column: string): string | undefined;
  /** SQL of whether a value is too large for a row; `alias` of the table in the statement. Undefined where none can be. */
  tooLarge(alias?: string): string | undefined;
}

/**
 * Fits the catalog resource to the table as it is now. Throws ITEM_UNKNOWN, COLUMN_MISSING or TYPE_UNFIT
 * (config): so drift between table and catalog stops the exchange before a row is read.
 */
export function projectTable(
  table: Table,
  resource: CatalogResource,
  source: MysqlSource,
  zone: string,
): Projection {
  const mapping = source.columns ?? {};
  for (const name of Object.keys(mapping)) {
    if (!resource.items.some((item) => item.column === name)) {
      throw mysqlErrors.ITEM_UNKNOWN({ item: name, resource: resource.code });
    }
  }
  const items = resource.items.map((item): ProjectedItem => {
    const from = Object.hasOwn(mapping, item.column) ? mapping[item.column]! : item.column;
    if (typeof from !== 'string') return constant(item, from.const);
    const column = requireFitting(table, item, from);
    return {
      item,
      column,
      expression: (name = quoted(column.name)) => expressionOf(item, column, name, zone),
    };
  });
  const large = items.flatMap(({ column }) => (column && isLarge(column) ? [quoted(column.name)] : []));
  return {
    items,
    keyFields: resource.items.flatMap((item, index) => (item.key ? [index] : [])),
    columnOfItem: (column) => items.find((each) => each.item.column === column)?.column?.name,
    tooLarge(alias) {
      if (large.length === 0) return undefined;
      const sizes = large.map((name) => `COALESCE(${tooLargeSql(alias ? `${alias}.${name}` : name)}, 0)`);
      return `(${sizes.join(' OR ')})`;
    },
  };
}

function requireFitting(table: Table, item: CatalogItem, name: string): TableColumn {
  const column = columnOf(table, name);
  if (!column) throw mysqlErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  if (!fits(item.type, column)) {
    throw mysqlErrors.TYPE_UNFIT({
      table: table.name,
      column: column.name,
      nativeType: column.nativeType,
      item: item.column,
      type: item.type,
    });
  }
  return column;
}

function constant(item: CatalogItem, value: ConstantValue): ProjectedItem {
  const sql = value === null ? 'NULL' : literal(canonicalText(item, String(value)));
  return { item, column: undefined, expression: () => ({ sql, spelling: 'text' }) };
}

/** Of every item, in order. */
export function expressionsOf({ items }: Projection): readonly Expression[] {
  return items.map((item) => item.expression());
}
