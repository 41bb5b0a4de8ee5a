import type { ConnectionOptions } from 'node:tls';
import type { Knex } from 'knex';
import pg from 'pg';
import { type PostgresDatabase, postgresDefaults } from './config.js';
import { databaseErrors } from './errors.js';

/** Marks our advisory locks among those of others: "qzpl". */
const LOCK_CLASS = 0x717a706c;
const CONNECT_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = 60_000;

export interface PostgresUse {
  /** Takes the schema for this process as long as the connection lives. */
  readonly exclusive: boolean;
}

/**
 * One connection, as with SQLite: transactions follow each other, so that what a store read inside one is still so when
 * it writes. Each connection takes the schema by an advisory lock, which the server drops with it: of two platform processes
 * one is refused (QZ_PLATFORM_DATABASE_IN_USE), also when the line was cut and the other came in between.
 */
export function postgresSettings(config: PostgresDatabase, use: PostgresUse): Knex.Config {
  const { host, port, database, user, password, schema } = { ...postgresDefaults, ...config };
  return {
    client: 'pg',
    connection: {
      host,
      port,
      database,
      user,
      password,
      ssl: tlsOptions(config),
      application_name: 'qianzhi-platform',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS + 5_000,
      idle_in_transaction_session_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      types: numbersAsNumbers,
    } as Knex.PgConnectionConfig,
    pool: {
      min: 0,
      max: 1,
      afterCreate: (connection: pg.Client, done: (error: Error | null, connection: pg.Client) => void) => {
        prepare(connection, schema, `${host}:${port}/${database}`, use).then(
          () => done(null, connection),
          // its lock goes with it; how it ends says nothing more
          (error) => connection.end(() => done(error, connection)),
        );
      },
    },
  };
}

async function prepare(
  connection: pg.Client,
  schema: string,
  database: string,
  { exclusive }: PostgresUse,
): Promise<void> {
  // a line that was cut on the way keeps its lock until the server has noticed: within a minute
  await connection.query(
    "SET synchronous_commit = on; SET TIME ZONE 'UTC'; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3",
  );
  const { rows } = await connection.query<{ name: string; setting: string }>(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')",
  );
  const unsafe = rows.find(({ setting }) => setting !== 'on');
  if (unsafe) throw databaseErrors.DATABASE_UNSAFE({ setting: unsafe.name, found: unsafe.setting });
  if (exclusive) {
    const answer = await connection.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken',
      [LOCK_CLASS, schema],
    );
    if (!answer.rows[0]?.taken) throw databaseErrors.DATABASE_IN_USE({ database, schema });
  }
  const there = await connection.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (there.rowCount === 0) await connection.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  await connection.query(`SET search_path = ${pg.escapeIdentifier(schema)}`);
  refuseSilentRollback(connection);
}

type Answer = (error: Error | null, result?: pg.QueryResult) => void;
type Query = (query: { readonly text?: string }, answer?: Answer) => unknown;

/** The server answers the COMMIT of a transaction in which a statement had failed with ROLLBACK, which knex takes for success. */
function refuseSilentRollback(connection: pg.Client): void {
  const query = connection.query.bind(connection) as Query;
  const checked: Query = (asked, answer) => {
    if (!answer || !/^COMMIT/i.test(asked.text ?? '')) return query(asked, answer);
    return query(asked, (error, result) => {
      answer(result?.command === 'ROLLBACK' ? databaseErrors.DATABASE_ROLLED_BACK() : error, result);
    });
  };
  Object.defineProperty(connection, 'query', { value: checked });
}

const INT8 = 20;
const NUMERIC = 1700;

/** Sequences, counts and sums are below 2^53; what were not would be refused rather than rounded. */
const numbersAsNumbers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8 || oid === NUMERIC) return exactNumber;
    return pg.types.getTypeParser(oid, format);
  },
};

function exactNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`the platform database holds a number beyond 2^53`);
  return number;
}

/** Without `ssl`: plain on the own machine, encrypted without judging the certificate beyond it. */
function tlsOptions({ host, ssl }: PostgresDatabase): false | ConnectionOptions {
  if (!ssl) return staysHere(host) ? false : { rejectUnauthorized: false };
  if (ssl.mode === 'disable') return false;
  if (ssl.mode === 'require') return { ca: ssl.ca, rejectUnauthorized: false };
  if (ssl.mode === 'verify-ca') return { ca: ssl.ca, checkServerIdentity: () => undefined };
  return { ca: ssl.ca };
}

function staysHere(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);
}
