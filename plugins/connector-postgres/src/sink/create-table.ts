import { type CatalogItem, type CatalogResource, keyItems } from '@qianzhi/model';
import type { ConstantValue } from '@qianzhi/sql-kit';
import type { PostgresTarget } from '../config.js';
import type { Session } from '../connection/session.js';
import { columnOf, describeTable } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { literal, qualified, quoted } from '../identifier.js';

/**
 * Makes the table if the spec says so. One that exists gets the columns it lacks: a later grant may bring more items, a
 * later schema version more optional ones. Call it inside a transaction.
 */
export async function createTarget(
  session: Session,
  schema: string,
  spec: PostgresTarget,
  resource: CatalogResource,
  signal: AbortSignal,
): Promise<void> {
  const name = qualified(schema, spec.table);
  const table = await describeTable(session, schema, spec.table, signal);
  if (!table) {
    const columns = [
      ...resource.items.map((item) => columnFor(spec, item)),
      ...Object.keys(spec.constants ?? {}),
    ];
    await requireNames(session, spec.table, [spec.table, ...columns], signal);
    await session.query(createTableSql(name, spec, resource).join('; '), [], signal);
    return;
  }
  if (table.kind !== 'table' && table.kind !== 'partitioned') return;
  const missing = resource.items.filter((item) => !item.key && !columnOf(table, columnFor(spec, item)));
  if (missing.length === 0) return;
  await requireNames(
    session,
    spec.table,
    missing.map((item) => columnFor(spec, item)),
    signal,
  );
  for (const item of missing) {
    const column = columnFor(spec, item);
    await session.query(
      `ALTER TABLE ${name} ADD COLUMN ${quoted(column)} ${columnType(item)}; ${commentSql(name, column, item)}`,
      [],
      signal,
    );
  }
}

/** PostgreSQL cuts a longer name without a word, after bytes of its own encoding: two names may then be one. */
async function requireNames(
  session: Session,
  table: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await session.query(
    'SELECT name FROM pg_catalog.json_array_elements_text($1::json) AS name WHERE name::name::text <> name LIMIT 1',
    [JSON.stringify(names)],
    signal,
  );
  const name = rows[0]?.name;
  if (typeof name === 'string') throw postgresErrors.NAME_TOO_LONG({ table, name });
}

/** DDL of a table that keeps every canonical value exactly, with the catalog's names as comments. */
export function createTableSql(name: string, spec: PostgresTarget, resource: CatalogResource): string[] {
  const columns = resource.items.map(
    (item) => `${quoted(columnFor(spec, item))} ${columnType(item)}${item.key ? ' NOT NULL' : ''}`,
  );
  for (const [column, value] of Object.entries(spec.constants ?? {})) {
    columns.push(`${quoted(column)} ${constantType(value)}`);
  }
  const keys = keyItems(resource).map((item) => quoted(columnFor(spec, item)));
  if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.join(', ')})`);
  return [
    `CREATE TABLE ${name} (${columns.join(', ')})`,
    `COMMENT ON TABLE ${name} IS ${literal(`${resource.name} (${resource.code})`)}`,
    ...resource.items.map((item) => commentSql(name, columnFor(spec, item), item)),
  ];
}

function columnFor(spec: PostgresTarget, item: CatalogItem): string {
  return spec.columns?.[item.column] ?? item.column;
}

function commentSql(table: string, column: string, item: CatalogItem): string {
  return `COMMENT ON COLUMN ${table}.${quoted(column)} IS ${literal(item.name)}`;
}

const MOST_CHARACTERS = 10_485_760;

/** A type that keeps every canonical value of the item. */
export function columnType(item: CatalogItem): string {
  switch (item.type) {
    case 'C':
      if (item.length === undefined || item.length > MOST_CHARACTERS) return 'text';
      return `${item.fixedLength ? 'char' : 'varchar'}(${item.length})`;
    case 'M':
      return 'text';
    case 'N':
    case 'Y':
      return decimalType(item);
    case 'D':
      return 'date';
    case 'T':
      return item.instant ? 'timestamptz' : 'timestamp';
    case 'L':
      return 'boolean';
    case 'I':
      return 'bigint';
    case 'B':
    case 'F':
      // a text of type F may have more digits than `real` keeps
      return 'double precision';
    case 'G':
      return 'bytea';
  }
}

/** Before version 15 no scale may exceed the precision. */
function decimalType({ precision, scale = 0 }: CatalogItem): string {
  if (precision === undefined || scale > precision) return 'numeric';
  return `numeric(${precision},${scale})`;
}

function constantType(value: ConstantValue): string {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'bigint' : 'numeric';
  return 'text';
}
