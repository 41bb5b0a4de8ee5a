import { setTimeout as pause } from 'node:timers/promises';
import type { LogPlace, LogReader } from '@qianzhi/sql-kit';
import { MysqlCause, serverName, throwIfAborted } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { requireTable } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { LogLost } from './dump.js';
import { followLog } from './follow-log.js';
import { deniedLog, type Followed, followedTable, serverOf } from './followed.js';
import { type LogPosition, positionOf, positionText } from './position.js';
import { startDump } from './read-log.js';
import { seenPoint } from './visible.js';

const LOOK_MS = 5;
/** So long a transaction may take from the log to the list of those that are prepared. */
const PREPARING_MS = 250;

/**
 * Follows the binary log as a replica does, each time up to its end. Of the log only keys are taken, and each changed row is read as
 * it is now: so a row is always whole, whatever its values are made of. Throws what `followedTable` does.
 */
export async function logReader(
  reading: Reading,
  session: Session,
  opening: AbortSignal,
): Promise<LogReader> {
  let followed = await followedTable(reading, session, opening);
  await requireDump(reading, followed, session, opening);
  return {
    async begin(signal) {
      const place = await begin(reading, signal);
      followed = { ...followed, ...(await layoutNow(reading, followed, signal)) };
      return place;
    },
    lost: (place, signal) => reading.sessions.use(signal, (each) => lost(reading, place, each, signal)),
    follows: true,
    stretches: (place, limits, signal) => followLog(reading, followed, place, limits, signal),
    // the server keeps its log by rules of its own
    async release() {},
  };
}

/** Proves by the commands themselves that this user may read the log. */
async function requireDump(
  reading: Reading,
  followed: Followed,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  await hasPrepared(reading, session, signal);
  const { rows } = await session.query('SHOW BINARY LOGS', signal);
  const last = rows.at(-1);
  const at = { file: last?.['Log_name'] ?? '', offset: Number(last?.['File_size'] ?? 4) };
  const dump = await startDump(reading, followed, at, signal);
  try {
    await dump.next(signal);
  } catch (error) {
    // another reader of our number, or a log that moved on: not a matter of rights
    if (!(error instanceof LogLost)) throw deniedLog(reading, session, error);
  } finally {
    await dump.close();
  }
}

/**
 * Where all before is seen by now. Transactions that are prepared are waited for: their rows are told before the place, and change
 * behind it.
 */
async function begin(reading: Reading, signal: AbortSignal): Promise<LogPlace> {
  const { statementTimeoutMs: timeoutMs } = reading.config;
  const deadline = performance.now() + timeoutMs;
  return reading.sessions.use(signal, async (session) => {
    for (;;) {
      const position = await positionNow(session, signal);
      // one that is being prepared is in the log before it is listed
      if (!(await hasPrepared(reading, session, signal)) && (await usesXa(session, signal)))
        await pause(PREPARING_MS);
      if (!(await hasPrepared(reading, session, signal)))
        return { phase: 'log', position: positionText(position), of: nameOf(reading) };
      if (performance.now() > deadline)
        throw mysqlErrors.LOG_PREPARED({ server: serverName(reading.config), timeoutMs });
      await pause(LOOK_MS);
      throwIfAborted(reading.about.doing, signal);
    }
  });
}

/** Since the server was started. */
async function usesXa(session: Session, signal: AbortSignal): Promise<boolean> {
  const { rows } = await session.query(`SHOW GLOBAL STATUS LIKE 'Com\\_xa\\_prepare'`, signal);
  return rows[0]?.['Value'] !== '0';
}

async function hasPrepared(reading: Reading, session: Session, signal: AbortSignal): Promise<boolean> {
  try {
    return (await session.query('XA RECOVER', signal)).rows.length > 0;
  } catch (error) {
    const { cause } = error as Error;
    // that is how MySQL 8 refuses whoever lacks the right
    if (!(cause instanceof MysqlCause) || cause.code !== 'ER_XAER_RMERR') throw error;
    const { config } = reading;
    const facts = { server: serverName(config), user: config.user, reason: 'XA RECOVER' };
    throw mysqlErrors.LOG_DENIED({ ...facts, needed: 'XA_RECOVER_ADMIN' }, error);
  }
}

/** What was altered before the place is not met behind it. */
async function layoutNow(reading: Reading, { database, name, key }: Followed, signal: AbortSignal) {
  const { columns } = await reading.sessions.use(signal, (each) =>
    requireTable(each, database, name, signal),
  );
  const now = key.map((part) => ({
    ...part,
    column: columns.find((each) => each.name === part.column.name) ?? part.column,
  }));
  return { columns, key: now };
}

const nameOf = ({ table }: Reading) => qualified(table.database, table.name);

async function positionNow(session: Session, signal: AbortSignal): Promise<LogPosition> {
  const server = await serverOf(session, signal);
  const isMaria = session.flavour.family === 'MariaDB';
  // taken first: names of transactions that are missing are only read once more
  const { rows } = await session.query(
    `SELECT ${isMaria ? '@@global.gtid_binlog_pos' : '@@global.gtid_executed'} AS gtid`,
    signal,
  );
  const gtid = (rows[0]?.['gtid'] ?? '').replace(/\s/g, '');
  const { file, offset } = isMaria ? await seenPoint(session, signal) : { file: '', offset: 0 };
  return { server, made: 0, file, offset, gtid };
}

async function lost(
  reading: Reading,
  place: LogPlace,
  session: Session,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (place.of !== nameOf(reading)) return 'table-replaced';
  const { server, file, offset, gtid } = positionOf(place);
  if (server !== (await serverOf(session, signal))) return gtid === '' ? 'server-changed' : undefined;
  if (file === '') return undefined;
  const { rows } = await session.query('SHOW BINARY LOGS', signal);
  const at = rows.findIndex((row) => row['Log_name'] === file);
  if (at < 0) return 'log-purged';
  if (offset > Number(rows[at]!['File_size'])) return 'log-behind';
  if (at === 0 && rows.length > 1)
    reading.context.log.warn(
      { table: reading.table.name, file, files: rows.length },
      'the log that is still needed is the oldest that the server keeps: it goes with the next purge',
    );
  return undefined;
}
