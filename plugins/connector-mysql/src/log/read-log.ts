import type { ReadLimits } from '@qianzhi/plugin-api';
import { type FollowedLog, type LogPlace, type LogStretch, logStretches } from '@qianzhi/sql-kit';
import { serverName } from '../connection/classify.js';
import { openSession } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import type { Reading } from '../source/reading.js';
import { requireUnaltered } from './altered.js';
import { BrokenBytes } from './bytes.js';
import { type Changes, changedRows } from './changed-rows.js';
import { type Dump, type DumpStart, LogLost, openDump, prepareDump } from './dump.js';
import { createDecoder, type LogEvent } from './events.js';
import { type Followed, serverOf } from './followed.js';
import { positionOf } from './position.js';
import { createTransactions, type MysqlTransactions } from './transactions.js';
import { isSeen } from './visible.js';

/** A place without rows is given when so much log of others was passed. */
const STEP_BYTES = 1_048_576;
/** A dump begins at an offset of 32 bits. */
const MOST_OFFSET = 0xffff_ffff;

export interface LogEnd {
  readonly place: LogPlace;
  readonly waits: boolean;
}

/** Up to the end of the log as it is when the read begins. Answers the place there, and whether a transaction of ours is prepared. */
export async function* readLog(
  reading: Reading,
  followed: Followed,
  place: LogPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<LogStretch, LogEnd> {
  const { family, server } = await reading.sessions.use(signal, async (session) => ({
    family: session.flavour.family,
    server: await serverOf(session, signal),
  }));
  const from = positionOf(place);
  const byFile = from.server === server && from.file !== '' && from.offset <= MOST_OFFSET;
  const start = byFile ? { file: from.file, offset: from.offset } : { gtid: from.gtid, family };
  const dump = await startDump(reading, followed, start, signal);
  try {
    const transactions = createTransactions(place, family, server, byFile);
    const log = followedLog(reading, followed, transactions, limits, (during) => dump.next(during));
    yield* stretchesOf(reading, log, limits, signal);
    return { place: transactions.place, waits: transactions.waits };
  } catch (error) {
    if (!(error instanceof LogLost)) throw error;
    if (error.reason === 'same-server-id')
      throw mysqlErrors.LOG_TAKEN({ server: serverName(reading.config), serverId: followed.serverId }, error);
    yield { ...nothing, place, copyBecause: error.reason, beginAnew: true };
    return { place, waits: false };
  } finally {
    await dump.close();
  }
}

/** How one table's transactions are read, wherever their events come from. */
export function followedLog(
  reading: Reading,
  followed: Followed,
  transactions: MysqlTransactions,
  { blockBytes }: ReadLimits,
  next: (signal: AbortSignal) => Promise<readonly LogEvent[] | undefined>,
): FollowedLog<LogEvent, Changes> {
  return {
    transactions,
    next,
    reached: () => false,
    rows: (changes, signal) => changedRows(reading, followed, changes, blockBytes, signal),
    seen: (changes, signal) =>
      reading.sessions.use(signal, (session) => isSeen(reading, session, changes, signal)),
    isStep,
  };
}

/** A copy begins the log anew, and only of a table that is as it was when the source was opened. */
export async function* stretchesOf(
  reading: Reading,
  log: FollowedLog<LogEvent, Changes>,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<LogStretch> {
  for await (const stretch of logStretches(log, limits, signal)) {
    if (stretch.copyBecause !== undefined) await requireUnaltered(reading, signal);
    yield { ...stretch, beginAnew: stretch.copyBecause !== undefined };
  }
}

const nothing = { bytes: new Uint8Array(0), rows: 0, rejected: [], taken: 0 } as const;

function isStep(before: LogPlace, behind: LogPlace): boolean {
  const [from, to] = [positionOf(before), positionOf(behind)];
  return from.server !== to.server || from.file !== to.file || to.offset - from.offset >= STEP_BYTES;
}

export async function startDump(
  reading: Reading,
  followed: Followed,
  start: DumpStart,
  signal: AbortSignal,
): Promise<Dump> {
  const session = await openSession(reading.about, 'read', signal);
  try {
    await prepareDump(session, start, signal);
  } catch (error) {
    await session.close();
    throw error;
  }
  const broken = (error: unknown) => {
    if (!(error instanceof BrokenBytes || error instanceof RangeError)) return error;
    const { file, offset } = start.gtid !== undefined ? { file: start.gtid, offset: 0 } : start;
    const { resource, config } = reading;
    const facts = { server: serverName(config), file, offset, problem: error.message, resource };
    return mysqlErrors.LOG_BROKEN(facts, error);
  };
  return openDump(session, start, followed.serverId, createDecoder(followed), broken, signal);
}
