import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { quoted } from '../identifier.js';

/** A client that gives every value as PostgreSQL prints it. */
export async function connectText(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    types: { getTypeParser: () => (text: string) => text },
  });
  await client.connect();
  await client.query(
    `SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'; SET extra_float_digits = 3`,
  );
  return client;
}

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  /** The legacy program's own session. */
  readonly db: pg.Client;
  /** `server_version_num`, such as 150004. */
  readonly version: number;
}

/** A database of one's own, dropped with whatever is connected to it. */
export async function createDatabase(serverUrl: string, options = ''): Promise<TestDatabase> {
  const name = `qz_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `CREATE DATABASE ${quoted(name)} ${options}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = await connectText(url.href);
  const { rows } = await db.query<{ version: string }>(
    `SELECT current_setting('server_version_num') AS version`,
  );
  return {
    version: Number(rows[0]!.version),
    name,
    url: url.href,
    db,
    async [Symbol.asyncDispose]() {
      await db.end();
      await administer(
        serverUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`,
      );
      await administer(serverUrl, `DROP DATABASE IF EXISTS ${quoted(name)}`);
    },
  };
}

async function administer(serverUrl: string, sql: string): Promise<void> {
  const admin = new pg.Client(serverUrl);
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}
