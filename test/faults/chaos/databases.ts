import Database from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { connectTo } from '../postgres/connect.js';
import type { Kind } from './tables.js';
import type { Row } from './values.js';

/** A legacy program's connection. Statements have `?` where values go. */
export interface Session {
  run(sql: string, values?: Row): Promise<void>;
  /** Every value as text. */
  rows(sql: string): Promise<Row[]>;
  end(): Promise<void>;
}

/** Where a table lies, as its own driver reaches it. */
export interface Place {
  readonly kind: Kind;
  /** The table, in its schema. */
  readonly table: string;
  open(): Promise<Session>;
}

/** How databases of one kind say things. */
export interface Speech {
  readonly create: (table: string) => string;
  /** Of each insert and update. */
  readonly stamp: readonly string[];
  readonly stampValue: readonly string[];
  readonly insert: string;
  readonly unlessTaken: string;
}

const columns = (text: string, decimal: string, integer: string, time: string, memo: string) =>
  `code ${text}(40) PRIMARY KEY, name ${text}(200), amount ${decimal}, big ${integer}, at ${time}, memo ${memo}`;

export const speech: Readonly<Record<Kind, Speech>> = {
  postgres: {
    create: (table) =>
      `CREATE TABLE ${table} (${columns('varchar', 'numeric(30, 6)', 'bigint', 'timestamp', 'text')},
        mark smallint NOT NULL DEFAULT 0, updated_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    stamp: ['mark', 'updated_at'],
    stampValue: ['0', 'clock_timestamp()'],
    insert: 'INSERT INTO',
    unlessTaken: 'ON CONFLICT DO NOTHING',
  },
  mariadb: {
    create: (table) =>
      `CREATE TABLE ${table} (${columns('varchar', 'decimal(30, 6)', 'bigint', 'datetime(6)', 'longtext')},
        updated_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)) COLLATE utf8mb4_bin`,
    stamp: ['updated_at'],
    stampValue: ['now(6)'],
    insert: 'INSERT IGNORE INTO',
    unlessTaken: '',
  },
  sqlite: {
    create: (table) => `CREATE TABLE ${table} (${columns('varchar', 'TEXT', 'INTEGER', 'TEXT', 'TEXT')})`,
    stamp: [],
    stampValue: [],
    insert: 'INSERT OR IGNORE INTO',
    unlessTaken: '',
  },
};

export function postgresSession(url: string): () => Promise<Session> {
  return async () => {
    const client = await connectTo(url);
    await client.query(`SET lock_timeout = '5s'; SET TimeZone = 'UTC'`);
    return {
      async run(sql, values = []) {
        let n = 0;
        await client.query(
          sql.replaceAll('?', () => `$${++n}`),
          [...values],
        );
      },
      rows: async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows,
      end: () => client.end(),
    };
  };
}

export function mariadbSession(url: string, database: string): () => Promise<Session> {
  return async () => {
    const { hostname, port, username, password } = new URL(url);
    const address = { host: hostname, port: Number(port), user: username, password, database };
    const client = await createConnection({
      ...address,
      charset: 'utf8mb4_bin',
      timezone: 'Z',
      connectTimeout: 5000,
    });
    // a server that is stopped under it fails the query as well
    client.on('error', () => undefined);
    await client.query(`SET time_zone = '+00:00', innodb_lock_wait_timeout = 5`);
    return {
      run: async (sql, values = []) => void (await client.query(sql, [...values])),
      rows: async (sql) => (await client.query({ sql, rowsAsArray: true }))[0] as unknown as Row[],
      end: async () => client.destroy(),
    };
  };
}

export function sqliteSession(file: string): () => Promise<Session> {
  return async () => {
    const database = new Database(file, { timeout: 15_000 });
    return {
      async run(sql, values = []) {
        if (sql === 'BEGIN') database.exec('BEGIN IMMEDIATE');
        else database.prepare(sql).run(...values);
      },
      rows: async (sql) => database.prepare(sql).raw().all() as Row[],
      end: async () => void database.close(),
    };
  };
}

/** The rows as canonical text, by key. */
export async function readTable(
  { kind, table, open }: Place,
  names: readonly string[],
): Promise<Map<string, Row>> {
  const text = (name: string) => {
    if (kind === 'postgres') return `${name}::text`;
    return kind === 'sqlite' ? `CAST(${name} AS TEXT)` : `CAST(${name} AS CHAR CHARACTER SET utf8mb4)`;
  };
  const session = await open();
  try {
    const rows = await session.rows(`SELECT ${names.map(text).join(', ')} FROM ${table}`);
    const at = names.indexOf('at');
    const canonical = (row: Row) => row.map((value, n) => (n === at ? withoutZeros(value) : value));
    return new Map(rows.map((row) => [row[0]!, canonical(row)]));
  } finally {
    await session.end();
  }
}

const withoutZeros = (time: string | null) => (time?.includes('.') ? time.replace(/\.?0*$/, '') : time);

const refusals = new Set([
  ...['23505', '40P01', '55P03', '57P01', '57P02', '57P03', '08006', '08P01'],
  ...['ER_DUP_ENTRY', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'PROTOCOL_CONNECTION_LOST'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'SQLITE_BUSY'],
]);

/** What a database says no with to a program that may try again, and a line whose server is away. */
export function isRefusal(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined) return refusals.has(code);
  return /Connection terminated|closed state|not queryable|closed the connection/i.test(message ?? '');
}
