import Database from 'better-sqlite3';

export type Cell = string | number | bigint | null;

/** Runs statements on a database file, made when missing. */
export function sql(file: string, ...statements: string[]): void {
  const database = new Database(file);
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

export function insertRows(file: string, table: string, rows: Iterable<readonly Cell[]>): void {
  const database = new Database(file);
  try {
    database.transaction(() => {
      for (const row of rows) {
        const places = row.map(() => '?').join(', ');
        database.prepare(`INSERT INTO ${table} VALUES (${places})`).run(...row);
      }
    })();
  } finally {
    database.close();
  }
}

/** A table's rows in order of its first column, values as text, NULL apart from ''. */
export function rowsOf(file: string, table: string, columns?: readonly string[]): (string | null)[][] {
  const database = new Database(file, { readonly: true });
  try {
    const list = (columns ?? columnsOf(database, table)).map((column) => `CAST(${column} AS TEXT)`);
    return database
      .prepare(`SELECT ${list.join(', ')} FROM ${table} ORDER BY 1`)
      .raw()
      .all() as (string | null)[][];
  } finally {
    database.close();
  }
}

/** Names of the tables of a file, those of the connector's own bookkeeping included. */
export function tablesOf(file: string): string[] {
  return query<{ name: string }>(file, `SELECT name FROM sqlite_schema WHERE type = 'table'`).map(
    ({ name }) => name,
  );
}

export function columnNames(file: string, table: string): string[] {
  return query<{ name: string }>(file, `PRAGMA table_info(${table})`).map(({ name }) => name);
}

export function query<T>(file: string, text: string): T[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(text).all() as T[];
  } finally {
    database.close();
  }
}

function columnsOf(database: Database.Database, table: string): string[] {
  return (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
}
