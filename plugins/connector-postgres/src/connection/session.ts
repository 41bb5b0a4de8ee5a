import { actText, type QianzhiError } from '@qianzhi/model';
import pg from 'pg';
import type { PostgresConfig } from '../config.js';
import { type Flavour, postgres } from '../flavour.js';
import { literal, quoted } from '../identifier.js';
import { requestCancel } from './cancel-request.js';
import { classify, type Doing, serverName, throwIfAborted } from './classify.js';
import { connectionErrors } from './errors.js';
import { type Features, featuresOf } from './features.js';
import { createSocket } from './socket.js';
import { tlsOptions } from './tls.js';

/** Every value as PostgreSQL prints it. */
export type TextRow = Readonly<Record<string, string | null>>;

export interface QueryResult {
  readonly rows: readonly TextRow[];
  /** Rows selected, inserted, updated or deleted. */
  readonly count: number;
}

/**
 * One server session with settled output: UTF-8, ISO dates in UTC, floats in full, hex bytea. Every wait is bounded by
 * the config's timeouts; aborting a signal cancels the statement in the server and ends the session.
 */
export interface Session {
  readonly client: pg.Client;
  readonly config: PostgresConfig;
  readonly about: Doing;
  /** As `server_version_num`: 150004 is 15.4, 90624 is 9.6.24; of its kernel, where it says to be of a later one. */
  readonly version: number;
  readonly features: Features;
  /** The line is. */
  readonly encrypted: boolean;
  /** The database's own encoding, such as UTF8, SQL_ASCII, EUC_CN. */
  readonly encoding: string;
  /** A standby: rows come by replay. */
  readonly standby: boolean;
  /** False once the connection is lost, aborted or closed. */
  readonly alive: boolean;
  query(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<QueryResult>;
  /** Runs work on `client` under the signal; its errors come classified, an abort as CANCELLED. */
  during<T>(work: () => Promise<T>, signal: AbortSignal, deadlineMs?: number): Promise<T>;
  /** Cancels what runs in the server and ends the session; what waits on it fails with `reason`. */
  abandon(reason?: QianzhiError): void;
  close(): Promise<void>;
}

/** A statement is ended by the server; this long after its limit we stop believing in the server. */
export const GRACE_MS = 5_000;

export function stalled({ doing, config }: Doing, timeoutMs: number) {
  return { doing: actText(doing), server: serverName(config), timeoutMs };
}

/** `read` refuses every write; `ask` too, and sends statements without waiting for the one before; `log` is a walsender's, for one database: plain statements, and those of replication. */
export type Access = 'read' | 'ask' | 'write' | 'log';

/**
 * Opens a session. Throws by `classify`; VERSION_TOO_OLD for a server before the flavour's oldest.
 */
export async function openSession(about: Doing, access: Access, signal: AbortSignal): Promise<Session> {
  const { config, doing } = about;
  throwIfAborted(doing, signal);
  const { flavour = postgres } = config;
  const ssl = tlsOptions(config);
  const options: pg.ClientConfig & { replication?: 'database' } = {
    host: config.host,
    port: config.port,
    database: config.database,
    user: config.user,
    // a function keeps the driver from looking into the environment and ~/.pgpass
    password: () => config.password ?? '',
    ssl,
    ...(ssl === false && { stream: createSocket }),
    application_name: config.applicationName,
    connectionTimeoutMillis: config.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    types: { getTypeParser: () => (text: string) => text },
    pipeline: access === 'ask',
    ...(access === 'log' && { replication: 'database' as const }),
  };
  const client = new pg.Client(options);
  const session = sessionOf(client, access === 'log' ? { ...about, ofLog: true } : about);
  try {
    await session.during(() => client.connect(), signal);
    const { rows } = await session.query(settings(config, flavour, access), [], signal);
    const found = rows[0]!;
    const number = Number(found.version);
    if (number < flavour.oldest) {
      const { product, oldest } = flavour;
      throw connectionErrors.VERSION_TOO_OLD({
        product,
        server: serverName(config),
        version: found.name ?? '',
        oldest: versionText(oldest),
      });
    }
    const version = Math.min(number, flavour.kernel ?? number);
    session.know(version, found.encoding ?? '', found.standby === 't');
    if (access === 'write' && flavour.mayLoseEmptyText) await requireEmptyText(session, flavour, signal);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** `server_version_num` as a person says it: 90200 is 9.2, 150000 is 15. */
function versionText(number: number): string {
  const major = Math.floor(number / 10_000);
  return major < 10 ? `${major}.${Math.floor(number / 100) % 100}` : String(major);
}

/** A statement of its own: some databases make NULL of the literal before the settings before it hold. */
async function requireEmptyText(
  session: Pick<Session, 'query' | 'config'>,
  { product }: Flavour,
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await session.query(`SELECT '' AS empty`, [], signal);
  if (rows[0]?.empty === '') return;
  throw connectionErrors.EMPTY_IS_NULL({ server: serverName(session.config), product });
}

/** Sets what this server has of these settings, and asks what it is. */
function settings(config: PostgresConfig, flavour: Flavour, access: Access): string {
  const values: Record<string, string | number> = {
    client_encoding: 'UTF8',
    TimeZone: 'UTC',
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    extra_float_digits: 3,
    bytea_output: 'hex',
    standard_conforming_strings: 'on',
    statement_timeout: config.statementTimeoutMs,
    lock_timeout: config.lockTimeoutMs,
    idle_in_transaction_session_timeout: Math.max(config.statementTimeoutMs, 60_000),
    default_transaction_read_only: access === 'write' ? 'off' : 'on',
    jit: 'off',
    ...flavour.settings,
  };
  const wanted = Object.entries(values).map(
    ([name, value]) => `(${literal(name)}, ${literal(String(value))})`,
  );
  return [
    `SET search_path = ${quoted(config.schema)}, public`,
    `SELECT pg_catalog.set_config(s.name, v.value, false) FROM (VALUES ${wanted.join(', ')}) v(name, value)
     JOIN pg_catalog.pg_settings s ON s.name = v.name AND s.context = 'user'`,
    `SELECT pg_catalog.current_setting('server_version_num') AS version, pg_catalog.current_setting('server_version') AS name,
       pg_catalog.current_setting('server_encoding') AS encoding, pg_catalog.pg_is_in_recovery() AS standby`,
  ].join('; ');
}

/** What the driver keeps but does not declare. */
interface ClientInternals {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly connection: { readonly stream: { readonly encrypted?: boolean; destroy(): void } };
}

function sessionOf(client: pg.Client, about: Doing) {
  const internals = client as unknown as ClientInternals;
  let alive = true;
  let busy = false;
  let version = 0;
  let encoding = '';
  let standby = false;
  let ended: QianzhiError | undefined;
  client.on('error', () => {
    alive = false;
  });
  client.on('end', () => {
    alive = false;
  });

  /** Cancels what runs, then lets go of the socket: whatever waits on it fails at once. */
  async function letGo(): Promise<void> {
    alive = false;
    const { processID, secretKey, connection } = internals;
    if (busy && processID !== null && secretKey !== null) {
      await requestCancel(about.config, processID, secretKey);
    }
    connection.stream.destroy();
  }

  function abandon(reason?: QianzhiError): void {
    ended ??= reason;
    void letGo();
  }

  async function during<T>(work: () => Promise<T>, signal: AbortSignal, deadlineMs?: number): Promise<T> {
    throwIfAborted(about.doing, signal);
    if (ended) throw ended;
    const abort = () => void letGo();
    const deadline =
      deadlineMs === undefined
        ? undefined
        : setTimeout(
            () => abandon(connectionErrors.STATEMENT_TIMEOUT(stalled(about, deadlineMs))),
            deadlineMs,
          );
    signal.addEventListener('abort', abort, { once: true });
    busy = true;
    try {
      return await work();
    } catch (error) {
      throwIfAborted(about.doing, signal);
      const known = ended ?? classify(error, about, encoding);
      // the server says so before the socket does
      if (known.code === 'QZ_POSTGRES_CONNECTION_LOST') alive = false;
      throw known;
    } finally {
      busy = false;
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
    }
  }

  return {
    client,
    config: about.config,
    about,
    get version() {
      return version;
    },
    get features() {
      return featuresOf(version);
    },
    get encrypted() {
      return internals.connection.stream.encrypted === true;
    },
    get encoding() {
      return encoding;
    },
    get alive() {
      return alive;
    },
    get standby() {
      return standby;
    },
    know(number: number, name: string, recovering: boolean) {
      version = number;
      encoding = name;
      standby = recovering;
    },
    during,
    abandon,
    query(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<QueryResult> {
      const work = async (): Promise<QueryResult> => {
        const answer = await client.query({ text: sql, values: [...values] });
        // several statements in one text: the last one's result
        const result: pg.QueryResult<TextRow> = Array.isArray(answer) ? answer.at(-1) : answer;
        return { rows: result.rows, count: result.rowCount ?? 0 };
      };
      return during(work, signal, about.config.statementTimeoutMs + GRACE_MS);
    },
    async close() {
      if (!alive) {
        internals.connection.stream.destroy();
        return;
      }
      alive = false;
      const timer = setTimeout(() => internals.connection.stream.destroy(), 1_000);
      await client.end().catch(() => undefined);
      clearTimeout(timer);
    },
  };
}
