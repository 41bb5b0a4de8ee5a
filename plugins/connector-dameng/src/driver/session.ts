import { actText } from '@qianzhi/model';
import {
  type LoadColumn,
  loadArrays,
  openInTime,
  type SqlBind,
  type SqlRow,
  type SqlSession,
  serverErrors,
  stopOnAbort,
  throwIfAborted,
  type UnloadedRow,
} from '@qianzhi/sql-kit';
import { type DamengConfig, serverName } from '../config.js';
import { damengErrors } from '../errors.js';
import { classify, type Doing, reasonOf } from './classify.js';
import type { DamengConnection, DamengDriver } from './driver.js';
import { openConnection } from './open-connection.js';

const SAVEPOINT = 'qianzhi';
const ROLLBACK_MS = 10_000;
const LOAD_ROWS = 2000;
const LOAD_BYTES = 4 * 1024 * 1024;
/** The driver binds by the type of the first row's value: what it would send as a large object goes alone. */
const LARGE_BYTES = 8000;
/** A statement that measures large values fetches them: so few rows at a time that they fit into memory. */
const FEW_ROWS = 16;

/** Opens a session; one that writes has proven that an empty text stays one, or may become NULL. */
export async function openSession(
  driver: DamengDriver,
  config: DamengConfig,
  kind: 'read' | 'write',
  doing: string,
  signal: AbortSignal,
): Promise<SqlSession> {
  const about: Doing = { doing, config };
  const connection = await openInTime(
    () => openConnection(driver, config),
    config.connectTimeoutMs + 1000,
    doing,
    signal,
    (error) => classify(error ?? Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }), about),
  );
  const session = sessionOn(driver, connection, about);
  try {
    if (kind === 'write' && !config.emptyAsNull && (await emptyIsNull(session, signal)))
      throw damengErrors.EMPTY_IS_NULL({ server: session.server });
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** As it is under COMPATIBLE_MODE=2. */
export async function emptyIsNull(session: SqlSession, signal: AbortSignal): Promise<boolean> {
  const { rows } = await session.query(`SELECT CASE WHEN '' IS NULL THEN 1 ELSE 0 END FROM DUAL`, [], signal);
  return Number(rows[0]?.[0]) === 1;
}

function sessionOn(driver: DamengDriver, connection: DamengConnection, about: Doing): SqlSession {
  const { doing, config } = about;
  let lost = false;
  let interrupt: ((reason: Error) => void) | undefined;

  /** The driver cannot be told to give a call up: the line is cut, and the server rolls back what it had open. */
  function cut(): void {
    lost = true;
    const reason = Object.assign(new Error('interrupted'), { code: 'EPIPE' });
    connection.socket?.destroy(reason);
    interrupt?.(reason);
  }
  async function during<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    throwIfAborted(doing, signal);
    const { promise: interrupted, reject } = withReject();
    interrupt = reject;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      cut();
    }, config.statementTimeoutMs);
    try {
      return await stopOnAbort(Promise.race([work(), interrupted]), cut, signal);
    } catch (error) {
      throwIfAborted(doing, signal);
      const known = classify(error, about);
      if (!late) throw known;
      const facts = {
        doing: actText(doing),
        product: '达梦 (Dameng)',
        server: serverName(config),
        timeoutMs: config.statementTimeoutMs,
      };
      throw serverErrors.STATEMENT_TIMEOUT(facts, known);
    } finally {
      interrupt = undefined;
      clearTimeout(timer);
    }
  }
  const run = (sql: string, binds: readonly SqlBind[], resultSet: boolean) =>
    connection.execute(sql, namedBinds(driver, binds), {
      outFormat: driver.OUT_FORMAT_ARRAY,
      maxRows: 0,
      resultSet,
    });
  const plain = async (sql: string, signal: AbortSignal): Promise<void> =>
    void (await during(() => run(sql, [], false), signal));

  async function rollback(): Promise<void> {
    if (lost) return;
    try {
      await stopOnAbort(connection.rollback(), cut, AbortSignal.timeout(ROLLBACK_MS));
    } catch {
      // the server rolls back what a lost line had open
      cut();
    }
  }
  return {
    server: serverName(config),
    async query(sql, binds, signal) {
      const { rows = [], rowsAffected = 0 } = await during(() => run(sql, binds, false), signal);
      return { rows: rows as readonly SqlRow[], count: rowsAffected };
    },
    async *stream(sql, binds, signal) {
      const size = sql.includes(LENGTH_MEASURED) ? FEW_ROWS : config.fetchRows;
      const { resultSet } = await during(() => run(sql, binds, true), signal);
      if (!resultSet) return;
      try {
        for (;;) {
          const rows = (await during(() => resultSet.getRows(size), signal)) as readonly SqlRow[];
          if (rows.length === 0) return;
          yield rows;
        }
      } finally {
        // of a lost or interrupted call nothing is left to be closed
        if (!lost) await resultSet.close().catch(() => undefined);
      }
    },
    load: (table, columns, rows, signal) => during(() => loadRows(connection, table, columns, rows), signal),
    async begin(kind, signal) {
      // a writer's transaction begins with its first statement
      if (kind === 'read') await plain('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', signal);
    },
    commit: (signal) => during(() => connection.commit(), signal),
    rollback,
    savepoint: (signal) => plain(`SAVEPOINT ${SAVEPOINT}`, signal),
    rollbackToSavepoint: (signal) => plain(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`, signal),
    async [Symbol.asyncDispose]() {
      // where the driver is set to take after Oracle its `close` would commit
      await rollback();
      if (!lost) await connection.close().catch(cut);
    },
  };
}

/** What `sizeOf` of the dialect is made of. */
export const LENGTH_MEASURED = 'LENGTHB(';

function withReject(): { readonly promise: Promise<never>; readonly reject: (reason: Error) => void } {
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}

function namedBinds({ BIND_IN }: DamengDriver, binds: readonly SqlBind[]): object {
  if (binds.length === 0) return [];
  return Object.fromEntries(binds.map((val, at) => [`p${at + 1}`, { val, dir: BIND_IN }]));
}

/** Doubles go as text: of a first value without digits behind the point the driver would make integers of all. */
function loadRows(
  connection: DamengConnection,
  table: string,
  columns: readonly LoadColumn[],
  rows: Iterable<SqlBind[]>,
): Promise<readonly UnloadedRow[]> {
  const names = columns.map(({ name }) => name).join(', ');
  const sql = `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`;
  const sent = (row: readonly SqlBind[]) =>
    row.map((bind, at) => (columns[at]!.kind === 'double' && bind !== null ? String(bind) : bind));
  return loadArrays(rows, {
    rows: LOAD_ROWS,
    bytes: LOAD_BYTES,
    sizeOf,
    problem: () => undefined,
    alone: (row) => row.some((bind) => sizeOf(bind) >= LARGE_BYTES),
    async send(some) {
      const { batchErrors = [] } = await connection.executeMany(sql, some.map(sent), {
        batchErrors: true,
        dmlRowCounts: true,
      });
      return batchErrors.map(refusedRow);
    },
  });
}

/** `row[3]:-6602, …`; the text behind may quote values. */
function refusedRow(text: string): UnloadedRow {
  const [, row, code] = /^row\[(\d+)\]:(-?\d+)/.exec(text) ?? [];
  const reason = code === undefined ? undefined : reasonOf(Number(code));
  if (row === undefined || reason === undefined)
    throw Object.assign(new Error('a row was refused'), code !== undefined && { errCode: Number(code) });
  return { at: Number(row), reason };
}

function sizeOf(bind: SqlBind): number {
  if (typeof bind === 'string') return Buffer.byteLength(bind);
  return Buffer.isBuffer(bind) ? bind.length : 8;
}
