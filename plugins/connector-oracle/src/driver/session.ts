import {
  type LoadColumn,
  loadArrays,
  openInTime,
  type SqlBind,
  type SqlRow,
  type SqlSession,
  stopOnAbort,
  throwIfAborted,
  type UnloadedRow,
} from '@qianzhi/sql-kit';
import oracledb from 'oracledb';
import { type OracleConfig, serverName } from '../config.js';
import { fetchTypeHandler, loadBinds, namedBinds, sizeOf } from './binds.js';
import { classify, codeOf, type Doing, reasonOf } from './classify.js';
import type { MakeConnection, OracleConnection } from './open-connection.js';

const SAVEPOINT = 'qianzhi';
const ROLLBACK_MS = 10_000;
const LOAD_ROWS = 2000;
const LOAD_BYTES = 4 * 1024 * 1024;
/** UTF-16 units of the staged national text. */
const MOST_UNITS = 2000;
/** A statement that measures large values fetches them: so few rows at a time that they fit into memory. */
const FEW_ROWS = 16;

const settings = `ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,' NLS_COMP = BINARY NLS_SORT = BINARY NLS_CALENDAR = 'GREGORIAN'
NLS_LENGTH_SEMANTICS = CHAR TIME_ZONE = '+00:00'`;

/** Opens a session whose conversions do not depend on the server's or the machine's language. */
export async function openSession(
  make: MakeConnection,
  config: OracleConfig,
  doing: string,
  signal: AbortSignal,
): Promise<SqlSession> {
  const about: Doing = { doing, config };
  const limitMs = config.connectTimeoutMs + 1000;
  const connection = await openInTime(
    () => make(config),
    limitMs,
    doing,
    signal,
    (error) => classify(error ?? Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }), about),
  );
  const session = sessionOn(connection, about);
  try {
    connection.callTimeout = config.statementTimeoutMs;
    connection.module = config.applicationName;
    await session.query(settings, [], signal);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

function sessionOn(connection: OracleConnection, about: Doing): SqlSession {
  const { doing, config } = about;
  const stop = () => void connection.break().catch(() => undefined);
  async function during<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    throwIfAborted(doing, signal);
    try {
      return await stopOnAbort(work(), stop, signal);
    } catch (error) {
      throwIfAborted(doing, signal);
      throw classify(error, about);
    }
  }
  const run = (sql: string, binds: readonly SqlBind[]) =>
    connection.execute<SqlRow>(sql, namedBinds(binds), {
      outFormat: oracledb.OUT_FORMAT_ARRAY,
      fetchTypeHandler,
      maxRows: 0,
    });
  return {
    server: serverName(config),
    async query(sql, binds, signal) {
      const { rows = [], rowsAffected = 0 } = await during(() => run(sql, binds), signal);
      return { rows, count: rowsAffected };
    },
    async *stream(sql, binds, signal) {
      const size = sql.includes('DBMS_LOB') ? FEW_ROWS : config.fetchRows;
      const open = () =>
        connection.execute<SqlRow>(sql, namedBinds(binds), {
          outFormat: oracledb.OUT_FORMAT_ARRAY,
          fetchTypeHandler,
          resultSet: true,
          fetchArraySize: size,
          // with the first answer come as many rows as with each other one
          prefetchRows: size,
        });
      const { resultSet } = await during(open, signal);
      if (!resultSet) return;
      try {
        for (;;) {
          const rows = await during(() => resultSet.getRows(size), signal);
          if (rows.length === 0) return;
          yield rows;
        }
      } finally {
        // of a lost or interrupted call nothing is left to be closed
        await resultSet.close().catch(() => undefined);
      }
    },
    load: (table, columns, rows, signal) => during(() => loadRows(connection, table, columns, rows), signal),
    async begin(kind, signal) {
      // a writer's transaction begins with its first statement
      if (kind === 'read') await during(() => run('SET TRANSACTION READ ONLY', []), signal);
    },
    commit: (signal) => during(() => connection.commit(), signal),
    async rollback() {
      try {
        await stopOnAbort(connection.rollback(), stop, AbortSignal.timeout(ROLLBACK_MS));
      } catch {
        // the server rolls back what a lost line had open
        await close(connection);
      }
    },
    savepoint: async (signal) => void (await during(() => run(`SAVEPOINT ${SAVEPOINT}`, []), signal)),
    rollbackToSavepoint: async (signal) =>
      void (await during(() => run(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`, []), signal)),
    [Symbol.asyncDispose]: () => close(connection),
  };
}

/** A line that is lost cannot be closed in good order. */
async function close(connection: OracleConnection): Promise<void> {
  await connection.close().catch(() => undefined);
}

/** Rows with a text too long for its staged column are not sent. */
function loadRows(
  connection: OracleConnection,
  table: string,
  columns: readonly LoadColumn[],
  rows: Iterable<SqlBind[]>,
): Promise<readonly UnloadedRow[]> {
  const places = columns.map((_, at) => `:${at + 1}`).join(', ');
  const sql = `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')}) VALUES (${places})`;
  const texts = columns.flatMap(({ kind }, at) => (kind === 'text' ? [at] : []));
  return loadArrays(rows, {
    rows: LOAD_ROWS,
    bytes: LOAD_BYTES,
    sizeOf,
    problem: (row) =>
      texts.some((text) => ((row[text] as string | null)?.length ?? 0) > MOST_UNITS) ? 'too-long' : undefined,
    async send(some) {
      const { batchErrors = [] } = await connection.executeMany(sql, [...some], {
        batchErrors: true,
        bindDefs: loadBinds(columns, some),
      });
      return batchErrors.map((error) => {
        const reason = reasonOf(codeOf(error));
        if (reason === undefined || error.offset === undefined) throw error;
        return { at: error.offset, reason };
      });
    },
  });
}
