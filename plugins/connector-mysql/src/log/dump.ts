import { errorNumber, throwIfAborted } from '../connection/classify.js';
import { connectionErrors } from '../connection/errors.js';
import { type Session, stalled } from '../connection/session.js';
import { type DriverConnection, type Packet, sendCommand } from '../connection/wire.js';
import { literal } from '../identifier.js';
import type { LogEvent } from './events.js';
import { encodedSet } from './gtid.js';

/** Where a dump begins: in a file, or behind transactions by their names. */
export type DumpStart =
  | { readonly file: string; readonly offset: number; readonly gtid?: never }
  | { readonly gtid: string; readonly family: string };

/** A running dump of the binary log, up to its end. */
export interface Dump {
  /** All that has come, at least one event; undefined at the end. Throws LogLost where the server has it no more. */
  next(signal: AbortSignal): Promise<readonly LogEvent[] | undefined>;
  close(): Promise<void>;
}

/** The server cannot give the log from there; `reason` is a word for a notice. */
export class LogLost extends Error {
  override readonly name = 'LogLost';
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** So many events may wait for the reader; then the socket is paused, and with it the server. */
const WAITING_EVENTS = 20_000;
const COM_BINLOG_DUMP = 0x12;
const COM_BINLOG_DUMP_GTID = 0x1e;
const NON_BLOCK = 1;
/** A dump that stays open gives a sign so often. */
export const HEARTBEAT_MS = 5_000;
const THROUGH_GTID = 4;
const FATAL_READING = 1236;

/** What the server has to know of a reader before it dumps; a reader that is no replica never takes part in semi-sync. */
export async function prepareDump(session: Session, start: DumpStart, signal: AbortSignal): Promise<void> {
  const values = ['@master_binlog_checksum = @@global.binlog_checksum'];
  values.push('@source_binlog_checksum = @@global.binlog_checksum', '@mariadb_slave_capability = 4');
  if (start.gtid !== undefined && start.family === 'MariaDB') {
    values.push(`@slave_connect_state = ${literal(start.gtid)}`);
    values.push('@slave_gtid_strict_mode = 0', '@slave_gtid_ignore_duplicates = 0');
  }
  // in nanoseconds; only a dump that stays open has any
  values.push(`@master_heartbeat_period = ${HEARTBEAT_MS}000000`);
  values.push(`@source_heartbeat_period = ${HEARTBEAT_MS}000000`);
  await session.query(`SET ${values.join(', ')}`, signal);
}

/** On a session of its own that was prepared; the server ends it after the dump. Errors of `decode` come as `broken` makes them. */
export function openDump(
  session: Session,
  start: DumpStart,
  serverId: number,
  decode: (event: Buffer) => readonly LogEvent[],
  broken: (error: unknown) => unknown,
  opening: AbortSignal,
): Dump {
  let stream: DriverConnection['stream'] | undefined;
  let events: LogEvent[] = [];
  let failed: unknown;
  let ended = false;
  let wake = () => {};

  const take = (packet: Packet, connection: DriverConnection): boolean => {
    stream = connection.stream;
    const { buffer, offset, end } = packet;
    if (buffer[offset] === 0xfe && end - offset < 9) return true;
    try {
      events.push(...decode(buffer.subarray(offset + 1, end)));
    } catch (error) {
      failed = broken(error);
      session.abandon();
      return true;
    }
    if (events.length >= WAITING_EVENTS) stream.pause();
    wake();
    return false;
  };
  const running = session
    .during(
      () =>
        sendCommand(session.client, () => payloadOf(start, serverId), take).catch((error: unknown) => {
          failed ??= lostBy(error);
          throw error;
        }),
      opening,
    )
    .catch((error: unknown) => {
      failed ??= error;
    })
    .finally(() => {
      ended = true;
      wake();
    });

  async function arrived(): Promise<void> {
    const limitMs = session.config.statementTimeoutMs;
    const late = () => session.abandon(connectionErrors.STATEMENT_TIMEOUT(stalled(session.about, limitMs)));
    const timer = setTimeout(late, limitMs);
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async next(signal) {
      while (events.length === 0) {
        throwIfAborted(session.about.doing, signal);
        if (failed) throw failed;
        if (ended) return undefined;
        await arrived();
      }
      const taken = events;
      events = [];
      stream?.resume();
      return taken;
    },
    async close() {
      if (!ended) session.abandon();
      await running;
      await session.close();
    },
  };
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_binlog_dump.html and …_gtid.html */
export function payloadOf(start: DumpStart, serverId: number, stays = false): Buffer {
  const block = stays ? 0 : NON_BLOCK;
  if (start.gtid !== undefined && start.family !== 'MariaDB') {
    const set = encodedSet(start.gtid);
    const head = Buffer.alloc(23);
    head[0] = COM_BINLOG_DUMP_GTID;
    head.writeUInt16LE(block | THROUGH_GTID, 1);
    head.writeUInt32LE(serverId, 3);
    head.writeBigUInt64LE(4n, 11);
    head.writeUInt32LE(set.length, 19);
    return Buffer.concat([head, set]);
  }
  const { file, offset } = start.gtid !== undefined ? { file: '', offset: 4 } : start;
  const head = Buffer.alloc(11);
  head[0] = COM_BINLOG_DUMP;
  head.writeUInt32LE(offset, 1);
  head.writeUInt16LE(block, 5);
  head.writeUInt32LE(serverId, 7);
  return Buffer.concat([head, Buffer.from(file)]);
}

/** The server's words are all there is to tell one reason from another. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/same server_(uu)?id|same server id/i, 'same-server-id'],
  [/purged|too old|could not find first log/i, 'log-purged'],
  [/impossible position|position > file size|has more gtids/i, 'log-behind'],
  [/not in the (master|source|primary)'?s? ?'?s binlog|gtid/i, 'gtid-unknown'],
];

export function lostBy(error: unknown): LogLost | undefined {
  if (errorNumber(error) !== FATAL_READING || !(error instanceof Error)) return undefined;
  const { message } = error;
  const [, reason = 'log-unreadable'] = reasons.find(([words]) => words.test(message)) ?? [];
  return new LogLost(reason);
}
