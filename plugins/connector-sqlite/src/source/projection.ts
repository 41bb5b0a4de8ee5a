import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { rowLimits } from '@qianzhi/rows';
import { constantField } from '@qianzhi/sql-kit';
import type { SqliteSource } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { fits } from '../file/native-type.js';
import { columnOf, type Table } from '../file/table.js';
import { quoted } from '../identifier.js';
import { type CellWriter, compileCell } from './cell.js';

/** One item of the resource and where its values come from. */
export interface ProjectedItem {
  readonly item: CatalogItem;
  /** Quoted column; undefined for a constant. */
  readonly column: string | undefined;
  readonly write: CellWriter;
  /** Row text of a constant. */
  readonly constant: Uint8Array | undefined;
}

export interface Projection {
  readonly items: readonly ProjectedItem[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
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
  source: SqliteSource,
  zone: string,
): Projection {
  const mapping = source.columns ?? {};
  for (const name of [...Object.keys(mapping), ...Object.keys(source.timeFormats ?? {})]) {
    if (!resource.items.some((item) => item.column === name))
      throw sqliteErrors.ITEM_UNKNOWN({ item: name, resource: resource.code });
  }
  const names = new Map<string, string>();
  const items = resource.items.map((item): ProjectedItem => {
    const from = Object.hasOwn(mapping, item.column) ? mapping[item.column]! : item.column;
    if (typeof from !== 'string') {
      return { item, column: undefined, write: () => true, constant: constantField(item, from.const) };
    }
    const column = columnOf(table, from);
    if (!column) throw sqliteErrors.COLUMN_MISSING({ table: table.name, column: from, item: item.column });
    const format = source.timeFormats?.[item.column];
    if (!fits(item.type, column.declared, format !== undefined && format !== 'text')) {
      throw sqliteErrors.TYPE_UNFIT({
        table: table.name,
        column: column.name,
        nativeType: column.declared,
        item: item.column,
        type: item.type,
      });
    }
    names.set(item.column, column.name);
    return { item, column: quoted(column.name), write: compileCell(item, format, zone), constant: undefined };
  });
  return {
    items,
    keyFields: resource.items.flatMap((item, index) => (item.key ? [index] : [])),
    columnOfItem: (column) => names.get(column),
  };
}

/**
 * The quick select list: values as they are, except that one larger than a row may be is not loaded at all and
 * comes as U+0000, which makes the slice be read exactly.
 */
export function quickList(projection: Projection): string[] {
  return sourced(projection).map(
    (column) => `iif(octet_length(${column}) > ${rowLimits.rowBytes}, char(0), ${column})`,
  );
}

/** The exact select list: text as its bytes, with the storage class and size of each value. */
export function exactList(projection: Projection, table = ''): string[] {
  return sourced(projection).flatMap((name) => {
    const column = table + name;
    return [
      `CASE WHEN octet_length(${column}) > ${rowLimits.rowBytes} THEN NULL WHEN typeof(${column}) = 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END`,
      `CASE WHEN octet_length(${column}) > ${rowLimits.rowBytes} THEN 'large' ELSE typeof(${column}) END`,
    ];
  });
}

/** The order's terms the same way. */
export function exactTerms(terms: readonly string[]): string[] {
  return terms.flatMap((term) => [
    `CASE typeof(${term}) WHEN 'text' THEN CAST(${term} AS BLOB) ELSE ${term} END`,
    `typeof(${term})`,
  ]);
}

function sourced(projection: Projection): string[] {
  return projection.items.flatMap((item) => (item.column === undefined ? [] : [item.column]));
}
