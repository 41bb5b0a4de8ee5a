/** A row as its database prints it, by the names of the query; NULL stays apart from ''. */
export type TextRow = Readonly<Record<string, string | null>>;

/** A table of a department's own system, as it was before qianzhi came. */
export interface LegacyTable {
  readonly name: string;
  /** Column → its type, where the database has types; the first one is the primary key. */
  readonly columns: Readonly<Record<string, string>>;
}

/**
 * What the demo needs of a department's database, whatever it is. Statements are plain SQL with quoted names; nothing is
 * left open between two calls. Errors: QZ_DEMO_*.
 */
export interface DemoDatabase {
  /** What agent.yaml says of it; a secret only by reference. */
  readonly connector: Readonly<Record<string, unknown>>;
  /** Makes the tables as they are in a SQLite file, rows included. */
  copyFrom(file: string, tables: readonly LegacyTable[]): Promise<void>;
  makeTable(table: LegacyTable, rows: readonly (readonly (string | null)[])[]): Promise<void>;
  /** Runs one statement; answers how many rows it changed. */
  run(sql: string): Promise<number>;
  columnsOf(table: string): Promise<readonly string[]>;
  /** Answers a query in blocks of a bounded number of rows, every value as text. */
  rows(sql: string): AsyncIterable<readonly TextRow[]>;
  /** Written behind an ORDER BY it orders texts by their UTF-8 bytes. */
  readonly byBytes: string;
}

/** `source`: where rows come from; `target`: where they arrive. */
export type SideRole = 'source' | 'target';

/** The databases of one side. */
export interface DemoSide {
  /** The one behind a connector; SQLite has a file for each, PostgreSQL one schema for all. */
  database(name: string): DemoDatabase;
  /** Takes away what was made outside the demo's folder. */
  remove(): Promise<void>;
}

/** Rows sent or fetched at a time: memory stays flat at any table size. */
export const BLOCK_ROWS = 500;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Rows of a table. */
export async function countTable(database: DemoDatabase, table: string): Promise<number> {
  const row = await firstRow(database, `SELECT CAST(count(*) AS TEXT) AS rows FROM ${quoted(table)}`);
  return Number(row!.rows);
}

/** Columns of a table that hold any value: what really arrived. */
export async function filledColumns(database: DemoDatabase, table: string): Promise<string[]> {
  const filled: string[] = [];
  for (const column of await database.columnsOf(table)) {
    const sql = `SELECT '1' AS filled FROM ${quoted(table)} WHERE ${quoted(column)} IS NOT NULL LIMIT 1`;
    if (await firstRow(database, sql)) filled.push(column);
  }
  return filled;
}

async function firstRow(database: DemoDatabase, sql: string): Promise<TextRow | undefined> {
  for await (const rows of database.rows(sql)) return rows[0];
  return undefined;
}
