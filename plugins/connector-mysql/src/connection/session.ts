import { actText, type QianzhiError } from '@qianzhi/model';
import { type Connection, createConnection, type ResultSetHeader } from 'mysql2';
import type { MysqlConfig } from '../config.js';
import { literal } from '../identifier.js';
import { classify, type Doing, errorNumber, serverName, throwIfAborted } from './classify.js';
import { driverOptions } from './driver-options.js';
import { connectionErrors } from './errors.js';
import { type Flavour, flavourOf } from './flavour.js';
import { killServerThread } from './kill.js';

/** Every value as the server prints it. */
export type TextRow = Readonly<Record<string, string | null>>;

export interface QueryResult {
  readonly rows: readonly TextRow[];
  /** Rows inserted, changed or deleted. */
  readonly count: number;
  /** Warnings and notes of the statement. */
  readonly warnings: number;
}

/**
 * One server session with settled output: utf8mb4, times in UTC, a sql_mode of ours. Every wait is bounded by the
 * config's timeouts; aborting a signal ends the statement in the server and the session.
 */
export interface Session {
  readonly client: Connection;
  readonly config: MysqlConfig;
  readonly about: Doing;
  readonly flavour: Flavour;
  /** Refuses writes: a replica or a server set so. */
  readonly replica: boolean;
  /** False once the connection is lost, aborted or closed. */
  readonly alive: boolean;
  query(sql: string, signal: AbortSignal): Promise<QueryResult>;
  /** Runs work on `client` under the signal; its errors come classified, an abort as CANCELLED. */
  during<T>(work: () => Promise<T>, signal: AbortSignal, deadlineMs?: number): Promise<T>;
  /** Ends what runs in the server and the session; what waits on it fails with `reason`. */
  abandon(reason?: QianzhiError): void;
  close(): Promise<void>;
}

/** A statement is ended by the server; this long after its limit we stop believing in the server. */
export const GRACE_MS = 5_000;

export function stalled({ doing, config }: Doing, timeoutMs: number) {
  return { doing: actText(doing), server: serverName(config), timeoutMs };
}

/** Opens a session. `read` sessions refuse every write. Throws by `classify`; VERSION_TOO_OLD for an old server. */
export async function openSession(
  about: Doing,
  access: 'read' | 'write',
  signal: AbortSignal,
): Promise<Session> {
  const { config, doing } = about;
  throwIfAborted(doing, signal);
  const session = sessionOf(createConnection(driverOptions(config)), about);
  try {
    await session.during(() => connected(session.client, about), signal, config.connectTimeoutMs + GRACE_MS);
    const asked = await session.query('SELECT VERSION() AS version, @@version_comment AS comment', signal);
    const flavour = flavourOf(asked.rows[0]?.['version'] ?? '', asked.rows[0]?.['comment'] ?? '');
    if (flavour.tooOld) {
      throw connectionErrors.VERSION_TOO_OLD({ server: serverName(config), version: flavour.version });
    }
    session.know(flavour);
    for (const statement of settings(config, access, flavour)) await session.query(statement, signal);
    const { rows } = await session.query('SELECT @@global.read_only AS replica', signal);
    session.learn(rows[0]?.['replica'] === '1');
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

function connected(client: Connection, { doing, config }: Doing): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect((error) => {
      if (!error) return resolve();
      // of a statement the same number means one right, of a login all of them
      if (errorNumber(error) !== NO_DATABASE_RIGHT) return reject(error);
      reject(
        connectionErrors.DATABASE_DENIED({
          doing: actText(doing),
          server: serverName(config),
          user: config.user,
        }),
      );
    });
  });
}

const NO_DATABASE_RIGHT = 1044;

/** Backslashes escape in literals; 0 in a key column is a value; whatever does not fit is an error. */
const SQL_MODE =
  'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';

function settings(config: MysqlConfig, access: 'read' | 'write', flavour: Flavour): string[] {
  const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));
  const values = [
    `sql_mode = ${literal(SQL_MODE)}`,
    `time_zone = '+00:00'`,
    `lock_wait_timeout = ${seconds(config.lockTimeoutMs)}`,
    `innodb_lock_wait_timeout = ${seconds(config.lockTimeoutMs)}`,
    // a reader that is slow to take its rows is ended by us
    `net_write_timeout = ${seconds(config.statementTimeoutMs) + 60}`,
    `net_read_timeout = ${seconds(config.statementTimeoutMs) + 60}`,
    `group_concat_max_len = 1048576`,
    flavour.statementLimit(config.statementTimeoutMs),
  ];
  const each = [`SET NAMES utf8mb4`, `SET SESSION ${values.join(', SESSION ')}`];
  if (access === 'read') each.push('SET SESSION TRANSACTION READ ONLY');
  return each;
}

/** What the driver keeps but does not declare. */
interface ClientInternals {
  readonly stream: { destroy(): void };
}

function sessionOf(client: Connection, about: Doing) {
  const internals = client as unknown as ClientInternals;
  let alive = true;
  let busy = false;
  let flavour = flavourOf('', '');
  let replica = false;
  let ended: QianzhiError | undefined;
  client.on('error', () => {
    alive = false;
  });
  client.on('end', () => {
    alive = false;
  });

  /** Ends what runs, then lets go of the socket: whatever waits on it fails at once. */
  async function letGo(): Promise<void> {
    const thread = client.threadId;
    const wasBusy = busy && alive;
    alive = false;
    if (wasBusy && thread) await killServerThread(about.config, thread);
    internals.stream.destroy();
  }

  function abandon(reason?: QianzhiError): void {
    ended ??= reason;
    void letGo();
  }

  async function during<T>(work: () => Promise<T>, signal: AbortSignal, deadlineMs?: number): Promise<T> {
    throwIfAborted(about.doing, signal);
    if (ended) throw ended;
    const late = () => abandon(connectionErrors.STATEMENT_TIMEOUT(stalled(about, deadlineMs ?? 0)));
    const deadline = deadlineMs === undefined ? undefined : setTimeout(late, deadlineMs);
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        void letGo();
        // the driver does not always tell what waits on a socket that was destroyed
        reject(signal.reason);
      };
    });
    aborted.catch(() => undefined);
    signal.addEventListener('abort', abort, { once: true });
    busy = true;
    try {
      return await Promise.race([work(), aborted]);
    } catch (error) {
      throwIfAborted(about.doing, signal);
      const known = ended ?? classify(error, about);
      // the server says so before the socket does
      if (known.code === 'QZ_MYSQL_CONNECTION_LOST') alive = false;
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
    get flavour() {
      return flavour;
    },
    get alive() {
      return alive;
    },
    get replica() {
      return replica;
    },
    know(found: Flavour) {
      flavour = found;
    },
    learn(readOnly: boolean) {
      replica = readOnly;
    },
    during,
    abandon,
    query(sql: string, signal: AbortSignal): Promise<QueryResult> {
      return during(() => runQuery(client, sql), signal, about.config.statementTimeoutMs + GRACE_MS);
    },
    async close() {
      if (!alive) {
        internals.stream.destroy();
        return;
      }
      alive = false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        client.end(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      internals.stream.destroy();
    },
  };
}

/** One statement; its errors are the driver's own. */
export function runQuery(client: Connection, sql: string): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    client.query({ sql, typeCast: (field) => field.string() }, (error, found) => {
      if (error) return reject(error);
      if (Array.isArray(found)) {
        const rows = found as unknown as TextRow[];
        return resolve({ rows, count: rows.length, warnings: 0 });
      }
      const { affectedRows, warningStatus } = found as ResultSetHeader;
      resolve({ rows: [], count: affectedRows, warnings: warningStatus });
    });
  });
}
