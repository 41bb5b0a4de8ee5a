import { randomBytes } from 'node:crypto';
import { configOf } from '@qianzhi/testing';
import { type Connection, createConnection } from 'mysql2';
import { quoted } from '../identifier.js';

export type Texts = readonly (string | null)[];

/** The legacy program's own session; every value as the server prints it. */
export interface LegacySession extends AsyncDisposable {
  readonly client: Connection;
  run(sql: string, values?: readonly unknown[]): Promise<Texts[]>;
}

/** A session in UTC whose statements keep what they are given. */
export async function connect(url: string): Promise<LegacySession> {
  const client = createConnection({ ...configOf(url), charset: 'utf8mb4_bin', multipleStatements: false });
  client.on('error', () => undefined);
  const run = (sql: string, values: readonly unknown[] = []) =>
    new Promise<Texts[]>((resolve, reject) => {
      const options = {
        sql,
        values: [...values],
        rowsAsArray: true,
        typeCast: (field: { type: string; string(): string | null; buffer(): Buffer | null }) =>
          /BLOB|BINARY|BIT|GEOMETRY/.test(field.type) ? hex(field.buffer()) : field.string(),
      };
      // text columns come as BLOB, too: those that are asked for as text are cast
      client.query(options as never, (error: Error | null, rows: unknown) =>
        error ? reject(error) : resolve(Array.isArray(rows) ? (rows as Texts[]) : []),
      );
    });
  await run("SET SESSION time_zone = '+00:00', SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'");
  return {
    client,
    run,
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

function hex(bytes: Buffer | null): string | null {
  return bytes === null ? null : `\\x${bytes.toString('hex')}`;
}

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly db: LegacySession;
}

/** A database of one's own. */
export async function createDatabase(
  serverUrl: string,
  options = 'CHARACTER SET utf8mb4',
): Promise<TestDatabase> {
  const name = `qz_${randomBytes(6).toString('hex')}`;
  const admin = await connect(serverUrl);
  await admin.run(`CREATE DATABASE ${quoted(name)} ${options}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = await connect(url.href);
  return {
    name,
    url: url.href,
    db,
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await admin.run(`DROP DATABASE IF EXISTS ${quoted(name)}`);
      await admin[Symbol.asyncDispose]();
    },
  };
}
