import { actText } from '@qianzhi/model';
import {
  type LoadColumn,
  type SqlBind,
  type SqlResult,
  type SqlSession,
  serverErrors,
  stopOnAbort,
  throwIfAborted,
  type UnloadedRow,
} from '@qianzhi/sql-kit';
import { TYPES } from 'tedious';
import { type MssqlConfig, serverName } from '../config.js';
import { classify, classifyConnecting, type Doing } from './classify.js';
import type { MakeConnection, TediousConnection } from './open-connection.js';
import { runRequest, streamRequest } from './run-request.js';

const SAVEPOINT = 'qianzhi';
const ROLLBACK_MS = 10_000;
/** Statements whose written rows are counted; what triggers write does not count. */
const WRITES = /^(INSERT|UPDATE|DELETE)\b/;

/** How the kinds of staged columns are declared to the server. */
export const loadTypes = {
  integer: { type: TYPES.BigInt, options: { nullable: true } },
  double: { type: TYPES.Float, options: { nullable: true } },
  text: { type: TYPES.NVarChar, options: { nullable: true, length: 4000 } },
  'long-text': { type: TYPES.NVarChar, options: { nullable: true, length: Number.POSITIVE_INFINITY } },
  binary: { type: TYPES.VarBinary, options: { nullable: true, length: Number.POSITIVE_INFINITY } },
} satisfies Record<LoadColumn['kind'], unknown>;

/**
 * Opens a session. A reader sees committed rows of one moment in each statement where the database allows SNAPSHOT, else committed
 * rows that may move while they are read. As a deadlock's victim it gives way to the legacy program.
 */
export async function openSession(
  make: MakeConnection,
  config: MssqlConfig,
  kind: 'read' | 'write',
  doing: string,
  signal: AbortSignal,
): Promise<SqlSession> {
  throwIfAborted(doing, signal);
  const connection = make(config, kind);
  const about: Doing = { doing, config };
  await connect(connection, about, signal);
  const session = sessionOn(connection, about);
  try {
    await session.query(settings(config), [], signal);
    const snapshot =
      kind === 'read' && config.isolation !== 'read-committed' && (await allowsSnapshot(session, signal));
    if (kind === 'read' && config.isolation === 'snapshot' && !snapshot)
      throw noSnapshot(session.server, about);
    if (snapshot) await session.query('SET TRANSACTION ISOLATION LEVEL SNAPSHOT', [], signal);
    return {
      ...session,
      async begin(wanted, during) {
        if (wanted === 'read' && !snapshot) throw noSnapshot(session.server, about);
        await session.query('BEGIN TRANSACTION', [], during);
      },
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

function settings({ lockTimeoutMs }: MssqlConfig): string {
  return [
    'SET XACT_ABORT OFF',
    `SET LOCK_TIMEOUT ${lockTimeoutMs}`,
    'SET DEADLOCK_PRIORITY LOW',
    'SET IMPLICIT_TRANSACTIONS OFF',
    'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
  ].join('; ');
}

async function allowsSnapshot(session: SqlSession, signal: AbortSignal): Promise<boolean> {
  const sql = 'SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()';
  return Number((await session.query(sql, [], signal)).rows[0]?.[0]) === 1;
}

function noSnapshot(server: string, { doing }: Doing) {
  const problem = {
    zh: '数据库未允许 SNAPSHOT 隔离(ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON)',
    en: 'the database does not allow SNAPSHOT isolation (ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON)',
  };
  return serverErrors.UNSUPPORTED({
    doing: actText(doing),
    product: 'SQL Server',
    server,
    version: 'any',
    problem,
  });
}

async function connect(connection: TediousConnection, about: Doing, signal: AbortSignal): Promise<void> {
  let loginNumber: number | undefined;
  connection.on('errorMessage', ({ number }) => {
    loginNumber = number;
  });
  // a lost line fails the request under way, or the next one
  connection.on('error', () => undefined);
  const connected = new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  try {
    await stopOnAbort(connected, () => connection.close(), signal);
    loginNumber = undefined;
  } catch (error) {
    connection.close();
    throwIfAborted(about.doing, signal);
    throw classifyConnecting(error, { ...about, loginNumber });
  }
}

function sessionOn(connection: TediousConnection, about: Doing): SqlSession {
  const { doing } = about;
  let closed = false;
  connection.on('end', () => {
    closed = true;
  });
  const stop = () => void connection.cancel();
  async function during<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    throwIfAborted(doing, signal);
    try {
      return await stopOnAbort(work(), stop, signal);
    } catch (error) {
      throwIfAborted(doing, signal);
      throw classify(error, about);
    }
  }
  async function query(sql: string, binds: readonly SqlBind[], signal: AbortSignal): Promise<SqlResult> {
    const writes = WRITES.test(sql);
    const counted = writes ? `${sql}; SELECT ROWCOUNT_BIG()` : sql;
    const rows = await during(() => runRequest(connection, counted, binds), signal);
    return { rows, count: writes ? Number(rows.at(-1)?.[0] ?? 0) : 0 };
  }
  return {
    server: serverName(about.config),
    query,
    async *stream(sql, binds, signal) {
      throwIfAborted(doing, signal);
      signal.addEventListener('abort', stop, { once: true });
      try {
        yield* streamRequest(connection, sql, binds);
      } catch (error) {
        throwIfAborted(doing, signal);
        throw classify(error, about);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    load: (table, columns, rows, signal) => during(() => bulkLoad(connection, table, columns, rows), signal),
    begin: async (_kind, signal) => void (await query('BEGIN TRANSACTION', [], signal)),
    commit: async (signal) => void (await query('COMMIT TRANSACTION', [], signal)),
    async rollback() {
      if (closed) return;
      try {
        await query('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION', [], AbortSignal.timeout(ROLLBACK_MS));
      } catch {
        // the server rolls back what a lost line had open
        connection.close();
      }
    },
    savepoint: async (signal) => void (await query(`SAVE TRANSACTION ${SAVEPOINT}`, [], signal)),
    rollbackToSavepoint: async (signal) =>
      void (await query(`ROLLBACK TRANSACTION ${SAVEPOINT}`, [], signal)),
    async [Symbol.asyncDispose]() {
      connection.close();
    },
  };
}

const MOST_UNITS = 4000;

/** One bulk load. Rows with a text too long for its staged column are not sent: they would fail all the others. */
function bulkLoad(
  connection: TediousConnection,
  table: string,
  columns: readonly LoadColumn[],
  rows: Iterable<SqlBind[]>,
): Promise<readonly UnloadedRow[]> {
  const unloaded: UnloadedRow[] = [];
  const texts = columns.flatMap(({ kind }, at) => (kind === 'text' ? [at] : []));
  function* fitting(): Generator<SqlBind[]> {
    let at = -1;
    for (const row of rows) {
      at++;
      const long = texts.some((text) => ((row[text] as string | null)?.length ?? 0) > MOST_UNITS);
      if (long) unloaded.push({ at, reason: 'too-long' });
      else yield row;
    }
  }
  return new Promise((resolve, reject) => {
    const load = connection.newBulkLoad(table, { keepNulls: true }, (error) => {
      if (error) reject(error);
      else resolve(unloaded);
    });
    for (const { name, kind } of columns) load.addColumn(name, loadTypes[kind].type, loadTypes[kind].options);
    connection.execBulkLoad(load, fitting());
  });
}
