import { setTimeout as pause } from 'node:timers/promises';
import { serverName, throwIfAborted } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { isBefore, type Point } from './position.js';
import { xidIn } from './statement.js';

const LOOK_MS = 5;

/** What has to be seen before rows are read. */
export interface Unseen {
  /** Of MariaDB: inside the last transaction, or behind it. */
  readonly until: Point | undefined;
  /** Of MySQL: the transactions. */
  readonly gtids: string;
  /** Of MariaDB: transactions that were prepared before. What commits them is in the log before it is done, whatever the view says. */
  readonly xids: ReadonlySet<string>;
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
  { until, gtids, xids }: Unseen,
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
  const isThere = async () =>
    !isBefore(await seenPoint(session, signal), until) &&
    (xids.size === 0 || !(await preparedNow(session, signal)).some((xid) => xids.has(xid)));
  while (!(await isThere())) {
    if (performance.now() > deadline) throw unseen();
    await pause(LOOK_MS);
    throwIfAborted(reading.about.doing, signal);
  }
}

/** Each as `xidIn` tells it. */
async function preparedNow(session: Session, signal: AbortSignal): Promise<readonly string[]> {
  const { rows } = await session.query(`XA RECOVER FORMAT = 'SQL'`, signal);
  return rows.map((row) => xidIn(row['data'] ?? '') ?? '');
}
