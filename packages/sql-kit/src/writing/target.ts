import { type CatalogItem, type CatalogResource, keyItems } from '@qianzhi/model';
import { chained, codeRule } from '../codes.js';
import { qualified, type SqlDialect, type StagedColumn } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { columnNamed, type SqlTable } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import { targetErrors } from '../errors/target-errors.js';
import type { ValueRule } from '../rewrite-rows.js';
import type { SqlTarget } from '../schemas.js';
import type { ConstantValue } from '../server-config.js';
import { fitSqlColumn } from './fit-column.js';

/** A target table fitted to one schema version of a resource. */
export interface FittedTarget {
  readonly table: SqlTable;
  /** Qualified and quoted. */
  readonly name: string;
  /** In item order, then those that get a constant. */
  readonly columns: readonly StagedColumn[];
  readonly keys: readonly StagedColumn[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
  /** By item. */
  readonly rules: readonly (ValueRule | undefined)[];
  readonly items: readonly CatalogItem[];
  readonly constants: readonly (string | null)[];
}

/**
 * Fits the resource to the table as it is now. Throws TABLE_MISSING, TARGET_IS_VIEW, COLUMN_MISSING, TYPE_UNFIT,
 * TARGET_KEY, TARGET_COLUMN_REQUIRED or ITEM_UNKNOWN (config), each naming what does not fit.
 */
export function fitTarget(
  dialect: SqlDialect,
  table: SqlTable,
  spec: SqlTarget,
  { code, items }: CatalogResource,
  zone: string,
): FittedTarget {
  if (table.kind === 'view') throw targetErrors.TARGET_IS_VIEW({ table: table.name });
  for (const name of [...Object.keys(spec.columns ?? {}), ...Object.keys(spec.codes ?? {})]) {
    if (!items.some((item) => item.column === name))
      throw sourceErrors.ITEM_UNKNOWN({ item: name, resource: code });
  }
  const fitted = items.map((item) => fitItem(dialect, table, item, spec, zone));
  const constants = Object.entries(spec.constants ?? {}).map(([name, value]) => ({
    column: writable(table, name, 'constants'),
    text: constantText(value),
  }));
  const columns = [...fitted, ...constants].map(({ column }, at) => ({
    column,
    name: dialect.quoted(column.name),
    staged: `f${at}`,
  }));
  const filled = new Set(columns.map(({ column }) => column.name));
  const required = table.columns.find(
    (column) => !filled.has(column.name) && !column.generated && column.required && !column.hasDefault,
  );
  if (required) throw targetErrors.TARGET_COLUMN_REQUIRED({ table: table.name, column: required.name });
  const keyFields = items.flatMap((item, at) => (item.key ? [at] : []));
  const keys = keyFields.map((at) => columns[at]!);
  requireKey(
    table,
    keys.map(({ column }) => column.name),
  );
  return {
    table,
    name: qualified(dialect, table.schema, table.name),
    columns,
    keys,
    keyFields,
    rules: fitted.map(({ rule }) => rule),
    items,
    constants: constants.map(({ text }) => text),
  };
}

function writable(table: SqlTable, name: string, item: string) {
  const column = columnNamed(table, name);
  if (!column || column.generated)
    throw sourceErrors.COLUMN_MISSING({ table: table.name, column: name, item });
  return column;
}

function fitItem(dialect: SqlDialect, table: SqlTable, item: CatalogItem, spec: SqlTarget, zone: string) {
  const column = writable(table, spec.columns?.[item.column] ?? item.column, item.column);
  const own = dialect.ruleFor(item, column);
  const codes = spec.codes?.[item.column];
  // translated values are the target's own: judged as text of its column
  const fit = fitSqlColumn(codes ? { name: '', column: '', type: 'C' } : item, column, zone);
  if (!fit) {
    const { name, nativeType } = column;
    const { type } = item;
    throw sourceErrors.TYPE_UNFIT({ table: table.name, column: name, nativeType, item: item.column, type });
  }
  return { column, rule: chained(codes && codeRule(codes), chained(fit.rule, own)) };
}

function constantText(value: ConstantValue): string | null {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return value === null ? null : String(value);
}

/** A merge by key needs a unique index on exactly the key columns. */
function requireKey(table: SqlTable, columns: readonly string[]): void {
  if (columns.length === 0) return;
  const wanted = [...columns].sort().join('\0');
  const found = table.indexes.some(
    (index) => index.unique && [...index.columns].sort().join('\0') === wanted,
  );
  if (!found) throw targetErrors.TARGET_KEY({ table: table.name, columns: columns.join(', ') });
}

/**
 * Makes the table if the spec says so. One that exists gets the columns it lacks: a later grant may bring more items, a
 * later schema version more optional ones.
 */
export async function createTarget(
  dialect: SqlDialect,
  session: SqlSession,
  schema: string | undefined,
  spec: SqlTarget,
  resource: CatalogResource,
  signal: AbortSignal,
): Promise<void> {
  const columnOf = (item: CatalogItem) => spec.columns?.[item.column] ?? dialect.newName(item.column);
  const table = await dialect.describe(session, schema, spec.table, signal);
  if (table?.kind === 'view') return;
  if (table) {
    const name = qualified(dialect, table.schema, table.name);
    for (const item of resource.items) {
      if (item.key || columnNamed(table, columnOf(item))) continue;
      const sql = `ALTER TABLE ${name} ADD ${dialect.quoted(columnOf(item))} ${dialect.typeFor(item, false)}`;
      await session.query(sql, [], signal);
    }
    return;
  }
  const name = qualified(dialect, schema, dialect.newName(spec.table));
  await session.query(createTableSql(dialect, name, spec, resource), [], signal);
}

/** DDL of a table for a resource. */
export function createTableSql(
  dialect: SqlDialect,
  name: string,
  spec: SqlTarget,
  resource: CatalogResource,
): string {
  const quotedColumn = (item: CatalogItem) =>
    dialect.quoted(spec.columns?.[item.column] ?? dialect.newName(item.column));
  const keys = keyItems(resource);
  const lines = resource.items.map((item) => {
    const isKey = keys.includes(item);
    return `${quotedColumn(item)} ${dialect.typeFor(item, isKey)}${isKey ? ' NOT NULL' : ''}`;
  });
  const constants = Object.keys(spec.constants ?? {}).map(
    (constant) => `${dialect.quoted(constant)} ${dialect.ownTypes.long}`,
  );
  const primary = keys.length === 0 ? [] : [`PRIMARY KEY (${keys.map(quotedColumn).join(', ')})`];
  return `CREATE TABLE ${name} (${[...lines, ...constants, ...primary].join(', ')})`;
}
