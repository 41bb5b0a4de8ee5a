import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import type { ConstantValue } from '@qianzhi/sql-kit';
import type { PostgresSource } from '../config.js';
import { columnOf, type Table, type TableColumn } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { literal, quoted } from '../identifier.js';
import { familyOf, fits } from '../native-type.js';
import { type Expression, expressionOf } from './expression.js';

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
  /** What is done to the text of each field afterwards; undefined where nothing is. */
  readonly respells: readonly (((text: string) => string) | undefined)[] | undefined;
  /** Table column of an item; undefined for a constant or unknown item. */
  columnOfItem(column: string): string | undefined;
}

/**
 * Fits the catalog resource to the table as it is now. Throws ITEM_UNKNOWN, COLUMN_MISSING or TYPE_UNFIT
 * (config): so drift between table and catalog stops the exchange before a row is read.
 */
export function projectTable(
  table: Table,
  resource: CatalogResource,
  source: PostgresSource,
  zone: string,
  version: number,
): Projection {
  const mapping = source.columns ?? {};
  for (const name of Object.keys(mapping)) {
    if (!resource.items.some((item) => item.column === name)) {
      throw postgresErrors.ITEM_UNKNOWN({ item: name, resource: resource.code });
    }
  }
  const items = resource.items.map((item): ProjectedItem => {
    const from = Object.hasOwn(mapping, item.column) ? mapping[item.column]! : item.column;
    if (typeof from !== 'string') return constant(item, from.const);
    const column = requireFitting(table, item, from);
    return {
      item,
      column,
      expression: (name = quoted(column.name)) => expressionOf(item, column, name, zone, version),
    };
  });
  const respells = items.map((each) => each.expression().respell);
  return {
    items,
    keyFields: resource.items.flatMap((item, index) => (item.key ? [index] : [])),
    respells: respells.some((respell) => respell !== undefined) ? respells : undefined,
    columnOfItem: (column) => items.find((each) => each.item.column === column)?.column?.name,
  };
}

function requireFitting(table: Table, item: CatalogItem, name: string): TableColumn {
  const column = columnOf(table, name);
  if (!column) throw postgresErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  if (!fits(item.type, column)) {
    throw postgresErrors.TYPE_UNFIT({
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
  const sql = value === null ? 'NULL::text' : `${literal(canonicalText(item, String(value)))}::text`;
  return { item, column: undefined, expression: () => ({ sql, plain: false }) };
}

/** The list behind SELECT: the op, then each item's text. */
export function selectList(projection: Projection, op: 'S' | 'U'): string {
  return [`'${op}'::text`, ...projection.items.map((item) => item.expression().sql)].join(', ');
}

/** So much of a row the framer keeps of one that is too large: a key behind more than that would be lost. */
const KEY_WITHIN = 48 * 1024;
/** No index takes longer values. */
const KEY_COLUMN = 8 * 1024;

/**
 * Positions among the items that tell the values of `columns`, so that the key of a block's last row is read from the row
 * itself; undefined where one is not carried as it is, or (`bounded`) stands behind a column of any length.
 */
export function fieldsOf(
  projection: Projection,
  columns: readonly TableColumn[],
  bounded: boolean,
): number[] | undefined {
  const fields = columns.map((column) =>
    projection.items.findIndex((each) => each.column?.name === column.name && isPlain(each.expression())),
  );
  if (fields.includes(-1)) return undefined;
  if (!bounded) return fields;
  const before = projection.items.slice(0, Math.max(...fields) + 1);
  const width = before.reduce(
    (sum, each) => sum + (columns.includes(each.column!) ? KEY_COLUMN : widthOf(each.column)),
    0,
  );
  return width <= KEY_WITHIN ? fields : undefined;
}

function isPlain(expression: Expression): boolean {
  return expression.plain && expression.respell === undefined;
}

/** Bytes that a field can have at most, roughly: a character is 4 bytes or an escape of 2. */
function widthOf(column: TableColumn | undefined): number {
  if (!column) return 1024;
  const family = familyOf(column);
  if (family === 'text' || family === 'char') {
    return column.typmod >= 4 ? (column.typmod - 4) * 4 : Number.POSITIVE_INFINITY;
  }
  if (family === 'decimal') return column.typmod >= 4 ? 1100 : Number.POSITIVE_INFINITY;
  if (family === 'binary') return Number.POSITIVE_INFINITY;
  return family === 'other' &&
    !column.isEnum &&
    !/^(uuid|time|timetz|macaddr8?|inet|cidr)$/.test(column.baseType)
    ? Number.POSITIVE_INFINITY
    : 64;
}
