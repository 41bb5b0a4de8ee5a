import { type CatalogItem, type CatalogResource, keyItems } from '@qianzhi/model';
import type { ConstantValue } from '@qianzhi/sql-kit';
import type { MysqlTarget } from '../config.js';
import { columnOf, describeTable } from '../connection/table.js';
import { literal, qualified, quoted } from '../identifier.js';
import type { Work } from './writing.js';

/**
 * Makes the table if the spec says so. One that exists gets the columns it lacks: a later grant may bring more items, a
 * later schema version more optional ones. Each statement commits by itself, and can be repeated.
 */
export async function createTarget(
  work: Work,
  database: string,
  spec: MysqlTarget,
  resource: CatalogResource,
): Promise<void> {
  const table = await describeTable(work.session, database, spec.table, work.signal);
  const name = qualified(database, spec.table);
  if (!table) {
    await work.run(createTableSql(name, spec, resource));
    return;
  }
  if (table.kind !== 'table') return;
  const missing = resource.items.filter((item) => !item.key && !columnOf(table, columnFor(spec, item)));
  if (missing.length === 0) return;
  const columns = missing.map((item) => `ADD COLUMN ${columnSql(spec, item)}`);
  await work.run(`ALTER TABLE ${name} ${columns.join(', ')}`);
}

/** Compares bytes, and holds every character. */
export const TABLE_OPTIONS =
  'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

/** DDL of a table that keeps every canonical value exactly, with the catalog's names as comments. */
export function createTableSql(name: string, spec: MysqlTarget, resource: CatalogResource): string {
  const columns = resource.items.map((item) => columnSql(spec, item));
  for (const [column, value] of Object.entries(spec.constants ?? {})) {
    columns.push(`${quoted(column)} ${constantType(value)}`);
  }
  const keys = keyItems(resource).map((item) => quoted(columnFor(spec, item)));
  if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.join(', ')})`);
  const comment = literal(`${resource.name} (${resource.code})`);
  return `CREATE TABLE ${name} (${columns.join(', ')}) ${TABLE_OPTIONS} COMMENT=${comment}`;
}

function columnFor(spec: MysqlTarget, item: CatalogItem): string {
  return spec.columns?.[item.column] ?? item.column;
}

function columnSql(spec: MysqlTarget, item: CatalogItem): string {
  return `${quoted(columnFor(spec, item))} ${typeFor(item, item.key === true)}${item.key ? ' NOT NULL' : ' NULL'} COMMENT ${literal(item.name.slice(0, 1024))}`;
}

/** A type that keeps every canonical value of the item; one of an index where it is part of a key. */
export function typeFor(item: CatalogItem, key: boolean): string {
  return key ? keyType(item) : columnType(item);
}

/** A row holds 65,535 bytes at most, and many tables have many columns: longer texts lie outside of it. */
const MOST_CHARACTERS = 512;
/** What an index takes, less other key columns. */
const KEY_CHARACTERS = 255;

function columnType(item: CatalogItem): string {
  switch (item.type) {
    case 'C':
      if (item.length === undefined || item.length > MOST_CHARACTERS) return 'longtext';
      return `${item.fixedLength && item.length <= 255 ? 'char' : 'varchar'}(${item.length})`;
    case 'M':
      return 'longtext';
    case 'N':
    case 'Y':
      return decimalType(item);
    case 'D':
      return 'date';
    case 'T':
      // TIMESTAMP ends in 2038: instants are kept as wall-clock times of the target's zone
      return 'datetime(6)';
    case 'L':
      return 'tinyint(1)';
    case 'I':
      return 'bigint';
    case 'B':
    case 'F':
      // a text of type F may have more digits than `float` keeps
      return 'double';
    case 'G':
      return 'longblob';
  }
}

function keyType(item: CatalogItem): string {
  if (item.type === 'C' || item.type === 'M')
    return `varchar(${Math.min(item.length ?? KEY_CHARACTERS, 700)})`;
  if (item.type === 'G') return 'varbinary(255)';
  const type = columnType(item);
  if (type === 'longtext') return 'varchar(100)';
  return type;
}

/** MySQL keeps 65 digits, 30 of them behind the point; what has no precision, or a wider one, is kept as text. */
function decimalType({ precision, scale = 0 }: CatalogItem): string {
  if (precision === undefined || precision > 65 || scale > 30) return 'longtext';
  return `decimal(${Math.max(precision, scale)},${scale})`;
}

function constantType(value: ConstantValue): string {
  if (typeof value === 'boolean') return 'tinyint(1)';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'bigint' : 'double';
  return 'longtext';
}
