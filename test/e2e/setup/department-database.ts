import Database from 'better-sqlite3';
import pg from 'pg';
import { connectMariadb, mysqlConnectorOf } from '../../fixtures/mariadb.js';
import { hasMariadb, startMariadb } from '../../services/mariadb.js';
import { hasPostgres, startPostgres } from '../../services/postgres.js';

export type DatabaseKind = 'postgres' | 'mysql' | 'sqlite';
export type Department = 'mz' | 'sw';

/** A database of each of two departments on one server, and the plain SQL of their systems. */
export interface DepartmentDatabases extends AsyncDisposable {
  connectorOf(department: Department): object;
  /** Rows as texts. */
  run(department: Department, sql: string): Promise<readonly (readonly (string | null)[])[]>;
}

export function hasDatabase(kind: DatabaseKind): boolean {
  if (kind === 'postgres') return hasPostgres();
  return kind === 'sqlite' || hasMariadb();
}

/** `fileOf`: where the files of SQLite are made. */
export async function openDatabases(
  kind: DatabaseKind,
  fileOf: (department: Department) => string,
): Promise<DepartmentDatabases> {
  if (kind === 'postgres') return openPostgres();
  return kind === 'mysql' ? openMariadb() : openSqlite(fileOf);
}

async function openPostgres(): Promise<DepartmentDatabases> {
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('CREATE SCHEMA mz; CREATE SCHEMA sw');
  const { hostname, port, username, password } = new URL(server.url);
  const login = { host: hostname, port: Number(port), user: username, password, database: 'postgres' };
  return {
    connectorOf: (schema) => ({ type: 'postgres', ...login, schema }),
    async run(schema, text) {
      await client.query(`SET search_path = ${schema}`);
      const types = { getTypeParser: () => (value: string) => value };
      return (await client.query<string[]>({ text, rowMode: 'array', types })).rows;
    },
    async [Symbol.asyncDispose]() {
      await client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function openMariadb(): Promise<DepartmentDatabases> {
  const server = await startMariadb();
  const admin = connectMariadb(server.url);
  for (const name of ['mz', 'sw']) await admin.rows(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  const clients = { mz: connectMariadb(server.url, 'mz'), sw: connectMariadb(server.url, 'sw') };
  return {
    connectorOf: (department) => mysqlConnectorOf(server.url, department),
    run: (department, sql) => clients[department].rows(sql),
    async [Symbol.asyncDispose]() {
      for (const client of [admin, ...Object.values(clients)]) client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

function openSqlite(fileOf: (department: Department) => string): DepartmentDatabases {
  return {
    connectorOf: (department) => ({ type: 'sqlite', path: fileOf(department), create: true }),
    async run(department, sql) {
      const database = new Database(fileOf(department));
      try {
        const statement = database.prepare(sql);
        if (!statement.reader) {
          statement.run();
          return [];
        }
        const rows = statement.raw().all() as (string | number | null)[][];
        return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
      } finally {
        database.close();
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}
