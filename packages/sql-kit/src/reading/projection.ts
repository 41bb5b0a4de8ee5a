import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { rowLimits } from '@qianzhi/rows';
import { constantField } from '../constant-field.js';
import type { SqlDialect } from '../database/dialect.js';
import { columnNamed, type SqlColumn, type SqlTable, suitsItem } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import type { SqlSource } from '../schemas.js';
import { type CellWriter, compileCell } from './cell.js';

/** One item of the resource and where its values come from. */
export interface ProjectedItem {
  readonly item: CatalogItem;
  /** Undefined for a constant. */
  readonly column: SqlColumn | undefined;
  readonly write: CellWriter;
  /** Row text of a constant. */
  readonly constant: Uint8Array;
}

export interface Projection {
  readonly items: readonly ProjectedItem[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
  /** Table column of an item; undefined for a constant or unknown item. */
  columnOfItem(column: string): string | undefined;
}

const NOTHING = new Uint8Array();

/**
 * Fits the catalog resource to the table as it is now. Throws ITEM_UNKNOWN, COLUMN_MISSING or TYPE_UNFIT
 * (config): so drift between table and catalog stops the exchange before a row is read.
 */
export function projectTable(
  table: SqlTable,
  resource: CatalogResource,
  { columns: mapping = {} }: Pick<SqlSource, 'columns'>,
  zone: string,
): Projection {
  for (const name of Object.keys(mapping)) {
    if (!resource.items.some((item) => item.column === name))
      throw sourceErrors.ITEM_UNKNOWN({ item: name, resource: resource.code });
  }
  const items = resource.items.map((item): ProjectedItem => {
    const from = Object.hasOwn(mapping, item.column) ? mapping[item.column]! : item.column;
    if (typeof from !== 'string')
      return { item, column: undefined, write: () => true, constant: constantField(item, from.const) };
    const column = columnNamed(table, from);
    if (!column) throw sourceErrors.COLUMN_MISSING({ table: table.name, column: from, item: item.column });
    if (!suitsItem(item.type, column)) {
      const { name, nativeType } = column;
      const { type } = item;
      throw sourceErrors.TYPE_UNFIT({ table: table.name, column: name, nativeType, item: item.column, type });
    }
    return { item, column, write: compileCell(item, column, zone), constant: NOTHING };
  });
  return {
    items,
    keyFields: resource.items.flatMap((item, index) => (item.key ? [index] : [])),
    columnOfItem: (column) => items.find((each) => each.item.column === column)?.column?.name,
  };
}

/** Columns of a select list before those of the items. */
export const MEASURES = 1;

/**
 * What is selected of a row: first the position of an item larger than a row may be, or -1, then each item that comes from a
 * column. A value that is too large is not fetched.
 */
export function selectList(dialect: SqlDialect, projection: Projection, alias: string): string[] {
  const large: string[] = [];
  const list = projection.items.flatMap(({ column }, at) => {
    if (!column) return [];
    const name = `${alias}.${dialect.quoted(column.name)}`;
    const fetched = dialect.fetched(column, name);
    if (!column.large) return [fetched];
    const fits = `${dialect.sizeOf(column, name)} > ${rowLimits.rowBytes}`;
    large.push(`WHEN ${fits} THEN ${at}`);
    return [`CASE WHEN ${fits} THEN NULL ELSE ${fetched} END`];
  });
  return [large.length === 0 ? '-1' : `CASE ${large.join(' ')} ELSE -1 END`, ...list];
}
