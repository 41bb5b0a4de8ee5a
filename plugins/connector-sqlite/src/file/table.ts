import { sqliteErrors } from '../errors.js';
import { quoted } from '../identifier.js';
import type { SqliteDatabase } from './open-file.js';

export type Affinity = 'TEXT' | 'NUMERIC' | 'INTEGER' | 'REAL' | 'BLOB';

export interface TableColumn {
  readonly name: string;
  readonly declared: string;
  readonly affinity: Affinity;
  readonly required: boolean;
  readonly hasDefault: boolean;
  /** Computed by SQLite: can be read, never written. */
  readonly generated: boolean;
}

export interface TableIndex {
  readonly columns: readonly (string | null)[];
  /** All parts compare byte by byte. */
  readonly binary: boolean;
  readonly unique: boolean;
  readonly partial: boolean;
  /** Made by CREATE INDEX, not by a constraint. */
  readonly explicit: boolean;
}

export interface Table {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly sql: string;
  readonly withoutRowid: boolean;
  readonly columns: readonly TableColumn[];
  /** In key order; empty without one. */
  readonly primaryKey: readonly string[];
  readonly indexes: readonly TableIndex[];
  /** A name under which the rowid can be asked for; undefined where there is none. */
  readonly rowid: string | undefined;
  /** The primary key is the rowid itself: VACUUM keeps it. */
  readonly rowidIsKey: boolean;
}

interface ListRow {
  name: string;
  type: string;
  wr: number;
}
interface ColumnRow {
  name: string;
  type: string;
  notnull: number;
  dflt_value: string | null;
  pk: number;
  hidden: number;
}

/** Describes a table or view as it is now; undefined where there is none of that name. Views and tables of `main` only. */
export function describeTable(db: SqliteDatabase, name: string): Table | undefined {
  const listed = db
    .prepare(`SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE`)
    .get(name) as ListRow | undefined;
  if (!listed || listed.type === 'shadow') return undefined;
  const found = listed.name;
  const rows = db
    .prepare(`SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)`)
    .all(found) as ColumnRow[];
  const visible = rows.filter((row) => row.hidden !== 1);
  const keyRows = visible.filter((row) => row.pk > 0).sort((a, b) => a.pk - b.pk);
  const kind = listed.type === 'view' ? 'view' : 'table';
  const withoutRowid = listed.wr === 1;
  const rowidIsKey =
    kind === 'table' && !withoutRowid && keyRows.length === 1 && isRowidKey(db, found, keyRows[0]!);
  return {
    name: found,
    kind,
    sql:
      (db
        .prepare(`SELECT sql FROM sqlite_schema WHERE name = ? AND type IN ('table', 'view')`)
        .pluck()
        .get(found) as string | null) ?? '',
    withoutRowid,
    columns: visible.map((row) => ({
      name: row.name,
      // a view says BLOB for a column of no type at all
      declared: kind === 'view' && row.type === 'BLOB' ? '' : row.type,
      affinity: affinityOf(row.type),
      required: row.notnull === 1 || (withoutRowid && row.pk > 0),
      hasDefault: row.dflt_value !== null || (rowidIsKey && row.pk > 0),
      generated: row.hidden === 2 || row.hidden === 3,
    })),
    primaryKey: keyRows.map((row) => row.name),
    indexes: kind === 'table' ? describeIndexes(db, found) : [],
    rowid:
      kind === 'view' || withoutRowid
        ? undefined
        : rowidName(visible, rowidIsKey ? keyRows[0]!.name : undefined),
    rowidIsKey,
  };
}

export function requireTable(db: SqliteDatabase, name: string): Table {
  const table = describeTable(db, name);
  if (!table) throw sqliteErrors.TABLE_MISSING({ server: db.name, table: name });
  return table;
}

/** Column of that name; SQLite compares names without case, in ASCII only. */
export function columnOf(table: Table, name: string): TableColumn | undefined {
  const lower = name.toLowerCase();
  return (
    table.columns.find((c) => c.name === name) ?? table.columns.find((c) => c.name.toLowerCase() === lower)
  );
}

/** SQLite's rules, in their order (https://www.sqlite.org/datatype3.html, 3.1). */
export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase();
  if (type.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'TEXT';
  if (type === '' || type.includes('BLOB') || type === 'ANY') return 'BLOB';
  return /REAL|FLOA|DOUB/.test(type) ? 'REAL' : 'NUMERIC';
}

function isRowidKey(db: SqliteDatabase, table: string, key: ColumnRow): boolean {
  if (key.type.toUpperCase() !== 'INTEGER') return false;
  return db.prepare(`SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'`).get(table) === undefined;
}

function rowidName(columns: readonly ColumnRow[], alias: string | undefined): string | undefined {
  if (alias !== undefined) return alias;
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
}

function describeIndexes(db: SqliteDatabase, table: string): TableIndex[] {
  const list = db.prepare(`SELECT name, "unique", origin, partial FROM pragma_index_list(?)`).all(table) as {
    name: string;
    unique: number;
    origin: string;
    partial: number;
  }[];
  const parts = db.prepare(`SELECT name, coll FROM pragma_index_xinfo(?) WHERE "key" = 1 ORDER BY seqno`);
  return list.map((index) => {
    const columns = parts.all(index.name) as { name: string | null; coll: string }[];
    return {
      columns: columns.map((c) => c.name),
      binary: columns.every((c) => c.coll === 'BINARY'),
      unique: index.unique === 1,
      partial: index.partial === 1,
      explicit: index.origin === 'c',
    };
  });
}

/** How many rows, counted: SQLite keeps no estimate. */
export function countRows(db: SqliteDatabase, table: string): number {
  return db
    .prepare(`SELECT count(*) FROM ${quoted(table)}`)
    .pluck()
    .get() as number;
}
