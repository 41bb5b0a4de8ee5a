import { type CatalogItem, type CatalogResource, keyItems } from '@qianzhi/model';
import type { ConstantValue } from '@qianzhi/sql-kit';
import type { SqliteTarget } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { fits } from '../file/native-type.js';
import type { SqliteDatabase } from '../file/open-file.js';
import { columnOf, describeTable, type Table } from '../file/table.js';
import { quoted } from '../identifier.js';
import type { Bound } from '../source/order.js';
import { type Binder, compileBinder } from './bind.js';

/** A target table fitted to one schema version of a resource. */
export interface Target {
  readonly table: Table;
  /** Quoted, in item order. */
  readonly columns: readonly string[];
  readonly binders: readonly (Binder | undefined)[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
  readonly keys: readonly string[];
  /** Quoted columns that get a fixed value, and the values. */
  readonly constants: readonly string[];
  readonly constantValues: readonly Bound[];
  /** Item columns by target column, for naming the item of a constraint. */
  readonly itemOf: ReadonlyMap<string, string>;
  /** Nothing of the table is outside the items: it may be replaced as a whole. */
  readonly covered: boolean;
}

/**
 * Makes the table if the spec says so. One that exists gets the columns it lacks: a later grant may bring more
 * items, a later schema version more optional ones. Call it inside a transaction.
 */
export function createTarget(db: SqliteDatabase, spec: SqliteTarget, resource: CatalogResource): void {
  if (!spec.create) return;
  const table = describeTable(db, spec.table);
  if (!table) {
    db.exec(createTableSql(spec, resource));
    return;
  }
  if (table.kind === 'view') return;
  for (const item of resource.items) {
    const column = spec.columns?.[item.column] ?? item.column;
    if (item.key || columnOf(table, column)) continue;
    db.exec(`ALTER TABLE ${quoted(table.name)} ADD COLUMN ${quoted(column)} ${declaredType(item)}`);
  }
}

/**
 * DDL of a table that keeps every canonical value exactly. Decimals are text: a NUMERIC column would turn 1.50
 * into 1.5 and lose digits behind the 15th. Chinese names stand as comments in the stored DDL.
 */
export function createTableSql(spec: SqliteTarget, resource: CatalogResource): string {
  const name = (item: CatalogItem) => quoted(spec.columns?.[item.column] ?? item.column);
  const lines = resource.items.map((item, index) => {
    const required = item.key ? ' NOT NULL' : '';
    const comma = index < resource.items.length - 1 || keyItems(resource).length > 0 ? ',' : '';
    return `  ${name(item)} ${declaredType(item)}${required}${comma} /* ${comment(item.name)} */`;
  });
  const constants = Object.keys(spec.constants ?? {}).map((column) => `  ${quoted(column)},\n`);
  const key = keyItems(resource).map(name);
  const primary = key.length > 0 ? `  PRIMARY KEY (${key.join(', ')})\n` : '';
  return `CREATE TABLE ${quoted(spec.table)} ( /* ${comment(resource.name)} (${resource.code}) */\n${constants.join('')}${lines.join('\n')}\n${primary})`;
}

/** A text inside a comment. */
export function comment(text: string): string {
  return text.replaceAll('*/', '* /').replace(/[\p{Cc}]/gu, ' ');
}

/** A declared type that keeps every canonical value of the item. */
export function declaredType(item: CatalogItem): string {
  const decimal = `(${item.precision ?? 38}, ${item.scale ?? 0})`;
  switch (item.type) {
    case 'C':
      return `${item.fixedLength ? 'CHAR' : 'VARCHAR'}(${item.length ?? 255})`;
    case 'M':
      return 'TEXT';
    case 'N':
      return item.precision === undefined ? 'DECIMAL_TEXT' : `DECIMAL_TEXT${decimal}`;
    case 'Y':
      return item.precision === undefined ? 'MONEY_TEXT' : `MONEY_TEXT${decimal}`;
    case 'D':
      return 'DATE';
    case 'T':
      return item.instant ? 'TIMESTAMP' : 'DATETIME';
    case 'L':
      return 'BOOLEAN';
    case 'I':
      return 'INTEGER';
    case 'B':
      return 'DOUBLE';
    case 'F':
      return 'FLOAT';
    case 'G':
      return 'BLOB';
  }
}

/**
 * Fits the resource to the table as it is now. Throws TABLE_MISSING, TARGET_IS_VIEW, COLUMN_MISSING, TYPE_UNFIT, TARGET_KEY,
 * TARGET_COLUMN_REQUIRED or ITEM_UNKNOWN (config), each naming what does not fit. `path` is the file a person knows.
 */
export function fitTarget(
  db: SqliteDatabase,
  spec: SqliteTarget,
  resource: CatalogResource,
  path = db.name,
): Target {
  const table = describeTable(db, spec.table);
  if (!table) throw sqliteErrors.TABLE_MISSING({ server: path, table: spec.table });
  if (table.kind === 'view') throw sqliteErrors.TARGET_IS_VIEW({ table: table.name });
  for (const name of Object.keys(spec.columns ?? {})) {
    if (!resource.items.some((item) => item.column === name))
      throw sqliteErrors.ITEM_UNKNOWN({ item: name, resource: resource.code });
  }
  const fitted = resource.items.map((item) =>
    fitItem(table, item, spec.columns?.[item.column] ?? item.column),
  );
  const constants = Object.entries(spec.constants ?? {}).map(([name, value]) => {
    const column = columnOf(table, name);
    if (!column || column.generated)
      throw sqliteErrors.COLUMN_MISSING({ table: table.name, column: name, item: 'constants' });
    return { name: column.name, value: constantValue(value) };
  });
  const filled = new Set([...fitted, ...constants].map((column) => column.name));
  const open = table.columns.filter((column) => !filled.has(column.name) && !column.generated);
  const required = open.find((column) => column.required && !column.hasDefault);
  if (required) throw sqliteErrors.TARGET_COLUMN_REQUIRED({ table: table.name, column: required.name });
  const keyFields = resource.items.flatMap((item, at) => (item.key ? [at] : []));
  requireKey(
    table,
    keyFields.map((at) => fitted[at]!.name),
  );
  return {
    table,
    columns: fitted.map((column) => quoted(column.name)),
    binders: fitted.map((column) => column.binder),
    keyFields,
    keys: keyFields.map((at) => quoted(fitted[at]!.name)),
    constants: constants.map((column) => quoted(column.name)),
    constantValues: constants.map((column) => column.value),
    itemOf: new Map(fitted.map((column, at) => [column.name, resource.items[at]!.column])),
    covered: open.length === 0,
  };
}

function fitItem(table: Table, item: CatalogItem, name: string) {
  const column = columnOf(table, name);
  if (!column || column.generated)
    throw sqliteErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  if (!fits(item.type, column.declared, false)) {
    throw sqliteErrors.TYPE_UNFIT({
      table: table.name,
      column: column.name,
      nativeType: column.declared,
      item: item.column,
      type: item.type,
    });
  }
  return { name: column.name, binder: compileBinder(item, column.affinity) };
}

/** The driver binds numbers as REAL; an integer stays one as a bigint. */
function constantValue(value: ConstantValue): Bound {
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value))
    ? BigInt(value)
    : value;
}

/** A merge by key needs a unique index on exactly the key columns, comparing bytes: NOCASE would take A for a. */
function requireKey(table: Table, columns: readonly string[]): void {
  if (
    columns.length === 0 ||
    (table.rowidIsKey && columns.length === 1 && columns[0] === table.primaryKey[0])
  )
    return;
  const wanted = [...columns].sort().join('\0');
  const found = table.indexes.some(
    (index) =>
      index.unique && !index.partial && index.binary && [...index.columns].sort().join('\0') === wanted,
  );
  if (!found) throw sqliteErrors.TARGET_KEY({ table: table.name, columns: columns.join(', ') });
}
