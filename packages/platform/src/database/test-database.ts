/** For tests: the suite runs on SQLite, and once more with QZ_TEST_DATABASE=postgres on the run's PostgreSQL. */
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import pg from 'pg';
import type { DatabaseConfig, PostgresDatabase } from './config.js';
import { openDatabase } from './open-database.js';

export const onPostgres = process.env.QZ_TEST_DATABASE === 'postgres';

/** The database of a data folder: a file in it, or a schema of its own named after it. */
export function testDatabase(dataDir: string): DatabaseConfig {
  return onPostgres ? postgresOf(dataDir) : { kind: 'sqlite' };
}

/** Beside a platform that has it. */
export function openBeside(dataDir: string): Promise<Knex> {
  return openDatabase(dataDir, testDatabase(dataDir), { exclusive: false });
}

/** Everything its tables hold, as one text. */
export async function allText(dataDir: string): Promise<string> {
  const db = await openBeside(dataDir);
  try {
    const names: readonly { name: string }[] = onPostgres
      ? await db('pg_tables')
          .where({ schemaname: schemaOf(dataDir) })
          .select({ name: 'tablename' })
      : await db('sqlite_master').where({ type: 'table' }).select('name');
    const rows = await Promise.all(names.map(({ name }) => db(name)));
    return JSON.stringify(rows);
  } finally {
    await db.destroy();
  }
}

export async function dropTestDatabase(dataDir: string): Promise<void> {
  if (!onPostgres) return;
  await asSuperuser((client) => client.query(`DROP SCHEMA IF EXISTS ${schemaOf(dataDir)} CASCADE`));
}

export async function asSuperuser<T>(act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(serverUrl());
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

export function postgresOf(dataDir: string): PostgresDatabase {
  const { hostname, port, pathname, username, password } = new URL(serverUrl());
  return {
    kind: 'postgres',
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    schema: schemaOf(dataDir),
  };
}

function schemaOf(dataDir: string): string {
  return `qz_${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
}

function serverUrl(): string {
  const url = process.env.QZ_RUN_POSTGRES_URL;
  if (!url) throw new Error('there is no PostgreSQL for tests on this machine');
  return url;
}
