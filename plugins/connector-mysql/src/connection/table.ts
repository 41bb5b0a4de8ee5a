import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import type { ColumnType } from '../native-type.js';
import { serverName } from './classify.js';
import type { Session, TextRow } from './session.js';

export interface TableColumn extends ColumnType {
  readonly name: string;
  readonly required: boolean;
  /** A default or AUTO_INCREMENT fills it. */
  readonly hasDefault: boolean;
  /** Computed by the server: can be read and never written. */
  readonly generated: boolean;
  readonly autoIncrement: boolean;
  readonly comment: string | null;
}

export interface TableIndex {
  readonly name: string;
  /** Key columns in order; null for an expression or the beginning of a column. */
  readonly columns: readonly (string | null)[];
  readonly primary: boolean;
  readonly unique: boolean;
}

export interface Table {
  readonly database: string;
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** `InnoDB`, `MyISAM` …; null for views. */
  readonly engine: string | null;
  /** MariaDB keeps every row's history. */
  readonly versioned: boolean;
  readonly rows: number | null;
  readonly comment: string | null;
  readonly columns: readonly TableColumn[];
  /** In key order; empty without one. */
  readonly primaryKey: readonly string[];
  readonly indexes: readonly TableIndex[];
}

/** Describes a table or view as it is now; undefined where the database has none of that name. */
export async function describeTable(
  session: Session,
  database: string,
  name: string,
  signal: AbortSignal,
): Promise<Table | undefined> {
  const where = `table_schema = ${literal(database)} AND table_name = ${literal(name)}`;
  const found = await session.query(
    `SELECT table_schema AS db, table_name AS name, table_type AS kind, engine AS engine, table_rows AS n, table_comment AS comment
     FROM information_schema.tables WHERE ${where}`,
    signal,
  );
  // names may compare without case; exactly this one first
  const row = found.rows.find((each) => each['name'] === name) ?? found.rows[0];
  if (!row) return undefined;
  const exactly = `${where} AND CAST(table_name AS BINARY) = ${literal(row['name'] ?? name)}`;
  const columns = await session.query(
    `SELECT column_name AS name, column_type AS native, data_type AS base, character_maximum_length AS length,
       character_octet_length AS octets, numeric_precision AS prec, numeric_scale AS scale, datetime_precision AS fraction,
       character_set_name AS charset, collation_name AS collation, is_nullable AS nullable, column_default AS def,
       extra AS extra, column_comment AS comment
     FROM information_schema.columns WHERE ${exactly} ORDER BY ordinal_position`,
    signal,
  );
  const indexes = await describeIndexes(session, exactly, signal);
  return {
    database: row['db'] ?? database,
    name: row['name'] ?? name,
    kind: /view/i.test(row['kind'] ?? '') ? 'view' : 'table',
    engine: row['engine'] ?? null,
    versioned: /versioned/i.test(row['kind'] ?? ''),
    rows: row['n'] == null ? null : Number(row['n']),
    comment: row['comment'] || null,
    columns: columns.rows.map(columnFrom),
    primaryKey: (indexes.find((index) => index.primary)?.columns ?? []).filter((each) => each !== null),
    indexes,
  };
}

export async function requireTable(
  session: Session,
  database: string,
  name: string,
  signal: AbortSignal,
): Promise<Table> {
  const table = await describeTable(session, database, name, signal);
  if (table) return table;
  throw mysqlErrors.TABLE_MISSING({ server: serverName(session.config), table: `${database}.${name}` });
}

/** Column names compare without case, as the server does. */
export function columnOf(table: Table, name: string): TableColumn | undefined {
  return (
    table.columns.find((column) => column.name === name) ??
    table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  );
}

function columnFrom(row: TextRow): TableColumn {
  const number = (name: string) => (row[name] == null ? null : Number(row[name]));
  const native = row['native'] ?? '';
  const extra = (row['extra'] ?? '').toLowerCase();
  const generated = /\b(virtual|stored|persistent) generated|^(virtual|persistent|stored)\b/.test(extra);
  const autoIncrement = extra.includes('auto_increment');
  const base = (row['base'] ?? '').toLowerCase();
  const text = row['charset'] != null;
  return {
    name: row['name'] ?? '',
    nativeType: native,
    baseType: base,
    length: text ? number('length') : number('octets'),
    precision: number('prec'),
    scale: number('scale'),
    fraction: number('fraction') ?? 0,
    unsigned: /unsigned/.test(native),
    charset: row['charset'] ?? null,
    collation: row['collation'] ?? null,
    required: row['nullable'] === 'NO',
    hasDefault: !generated && (autoIncrement || row['def'] != null || extra.includes('default_generated')),
    generated,
    autoIncrement,
    comment: row['comment'] || null,
  };
}

async function describeIndexes(
  session: Session,
  where: string,
  signal: AbortSignal,
): Promise<readonly TableIndex[]> {
  const { rows } = await session.query(
    `SELECT index_name AS name, column_name AS col, sub_part AS part, non_unique AS dup
     FROM information_schema.statistics WHERE ${where} ORDER BY index_name, seq_in_index`,
    signal,
  );
  const indexes = new Map<string, { columns: (string | null)[]; unique: boolean }>();
  for (const row of rows) {
    const name = row['name'] ?? '';
    const index = indexes.get(name) ?? { columns: [], unique: row['dup'] === '0' };
    index.columns.push(row['part'] == null ? (row['col'] ?? null) : null);
    indexes.set(name, index);
  }
  return [...indexes]
    .map(([name, index]) => ({ name, ...index, primary: name === 'PRIMARY' }))
    .sort((a, b) => Number(b.primary) - Number(a.primary) || a.columns.length - b.columns.length);
}
