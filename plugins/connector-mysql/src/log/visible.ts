import { setTimeout as pause } from 'node:timers/promises';
import { serverName, throwIfAborted } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { isBefore, type Point } from './position.js';

const LOOK_MS = 5;

/** What has to be seen before rows are read. */
export interface Unseen {
  /** Of MariaDB: inside the last transaction, or behind it. */
  readonly until: Point | undefined;
  /** Of MySQL: the transactions. */
  readonly gtids: string;
}

/** Where the log ends for a view of the tables that is taken at the same moment: all before is seen, all behind is not. MariaDB's alone. */
export async function seenPoint(session: Session, signal: AbortSignal): Promise<Point> {
  await session.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ', signal);
  await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY', signal);
  const { rows } = await session.query(`SHOW STATUS LIKE 'Binlog\\_snapshot\\_%'`, signal);
  await session.query('COMMIT', signal);
  const value = (name: string) => rows.find((row) => row['Variable_name'] === name)?.['Value'] ?? '';
  return { file: value('Binlog_snapshot_file'), offset: Number(value('Binlog_snapshot_position')) };
}

/**
 * A transaction is in the log before others see it. Looks until the session sees it; throws LOG_UNSEEN after the statement's
 * limit.
 */
export async function isSeen(
  reading: Reading,
  session: Session,
  { until, gtids }: Unseen,
  signal: AbortSignal,
): Promise<void> {
  const { statementTimeoutMs: timeoutMs } = reading.config;
  const unseen = () => mysqlErrors.LOG_UNSEEN({ server: serverName(reading.config), timeoutMs });
  if (session.flavour.family !== 'MariaDB') {
    if (gtids === '') return;
    const seconds = Math.max(1, Math.floor(timeoutMs / 1000));
    const { rows } = await session.query(
      `SELECT WAIT_FOR_EXECUTED_GTID_SET(${literal(gtids)}, ${seconds}) AS late`,
      signal,
    );
    if (rows[0]?.['late'] !== '0') throw unseen();
    return;
  }
  if (!until) return;
  const deadline = performance.now() + timeoutMs;
  while (isBefore(await seenPoint(session, signal), until)) {
    if (performance.now() > deadline) throw unseen();
    await pause(LOOK_MS);
    throwIfAborted(reading.about.doing, signal);
  }
}
