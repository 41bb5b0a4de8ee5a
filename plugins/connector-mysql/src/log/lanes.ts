import { throwIfAborted } from '../connection/classify.js';
import { connectionErrors } from '../connection/errors.js';
import { type Session, stalled } from '../connection/session.js';
import { sendCommand } from '../connection/wire.js';
import { HEARTBEAT_MS, lostBy, payloadOf } from './dump.js';
import {
  createChecker,
  createTableDecoder,
  holdsRows,
  isOfTable,
  type LogEvent,
  type RawEvent,
  type TableDecoder,
} from './events.js';
import { isBefore, type Point } from './position.js';
import type { FollowedTable } from './rows-event.js';

/** One table's part of a dump that stays open, from the first transaction that begins after it was opened. */
export interface Lane {
  /**
   * All that has come; waits for as long as it takes. Undefined where `follow` fires, and where this reader was too slow or the dump
   * is over: the log is to be read from the last place then. Throws what ended the dump.
   */
  next(signal: AbortSignal, follow: AbortSignal): Promise<readonly LogEvent[] | undefined>;
  /** Nothing up to there is told. */
  skipTo(point: Point): void;
  close(): void;
}

/** A dump that stays open, told apart by table. */
export interface Lanes {
  readonly count: number;
  readonly over: boolean;
  open(table: FollowedTable): Lane;
  close(): Promise<void>;
}

/** So many bytes of events may wait for a reader (64 and the key each). */
const LANE_BYTES = 8 * 1_048_576;
/** A reader is woken inside a transaction when so much waits. */
const WAKE_BYTES = 65_536;
/** A reader to whom nothing was told hears of the transactions of others this often. */
const QUIET_MS = 1_000;
const EVERY_4_GIB = 0x1_0000_0000;

/** Where an event of the log ends, and what it told. */
interface Told extends Point {
  readonly made: number;
  readonly events: readonly LogEvent[];
}

interface OpenLane {
  readonly decoder: TableDecoder;
  told: Told[];
  bytes: number;
  /** Something of its table waits. */
  own: boolean;
  left: boolean;
  /** Behind which something is told; undefined before the first transaction. */
  behind: Omit<Told, 'events'>;
  started: boolean;
  placed: boolean;
  skip: Point | undefined;
  wake: () => void;
}

const nobody: FollowedTable = { database: '', name: '', columns: [], key: [] };

/** On a session of its own that was prepared. Errors of decoding come as `broken` makes them. */
export function openLanes(
  session: Session,
  start: Point,
  serverId: number,
  broken: (error: unknown) => unknown,
): Lanes {
  const lanes = new Set<OpenLane>();
  const check = createChecker();
  const general = createTableDecoder(nobody);
  let now = { ...start, made: 0 };
  let ended: { readonly error: unknown } | undefined;
  let heardAt = performance.now();
  const closing = new AbortController();

  function route(raw: RawEvent): void {
    const events = general.decode(raw);
    now = behindOf(now, events);
    const passing = events.filter(({ kind }) => kind === 'passed');
    for (const lane of lanes) {
      if (lane.left) continue;
      if (!isOfTable(raw)) push(lane, raw, events);
      else push(lane, raw, lane.decoder.wants(raw) ? lane.decoder.decode(raw) : passing);
    }
  }

  function push(lane: OpenLane, raw: RawEvent, events: readonly LogEvent[]): void {
    lane.told.push({ ...now, events });
    lane.bytes += 64;
    for (const event of events) {
      if (event.kind === 'copy' || event.kind === 'key') lane.own = true;
      if (event.kind === 'key') for (const part of event.key) lane.bytes += 64 + part.length;
    }
    if (lane.bytes > LANE_BYTES) {
      lane.left = true;
      lane.told = [];
      lane.wake();
    } else if (lane.bytes > WAKE_BYTES || (lane.own && !holdsRows(raw))) lane.wake();
  }

  const quiet = setInterval(() => {
    const limitMs = Math.max(session.config.statementTimeoutMs, 2 * HEARTBEAT_MS);
    if (performance.now() - heardAt > limitMs)
      session.abandon(connectionErrors.STATEMENT_TIMEOUT(stalled(session.about, limitMs)));
    for (const lane of lanes) if (lane.told.length > 0) lane.wake();
  }, QUIET_MS);
  quiet.unref();

  const running = session
    .during(
      () =>
        sendCommand(
          session.client,
          () => payloadOf(start, serverId, true),
          ({ buffer, offset, end }) => {
            heardAt = performance.now();
            if (buffer[offset] === 0xfe && end - offset < 9) return true;
            try {
              const raw = check(buffer.subarray(offset + 1, end));
              if (raw) route(raw);
            } catch (error) {
              ended = { error: broken(error) };
              session.abandon();
              return true;
            }
            return false;
          },
        ).catch((error: unknown) => {
          throw lostBy(error) ?? error;
        }),
      closing.signal,
    )
    .then(() => undefined)
    .catch((error: unknown) => error)
    .then((error) => {
      ended ??= { error };
      clearInterval(quiet);
      for (const lane of lanes) lane.wake();
    });

  async function arrived(lane: OpenLane, signal: AbortSignal, follow: AbortSignal): Promise<void> {
    try {
      await new Promise<void>((resolve) => {
        lane.wake = () => resolve();
        for (const each of [signal, follow]) each.addEventListener('abort', lane.wake, { once: true });
      });
    } finally {
      for (const each of [signal, follow]) each.removeEventListener('abort', lane.wake);
      lane.wake = () => {};
    }
  }

  return {
    get count() {
      return lanes.size;
    },
    get over() {
      return ended !== undefined;
    },
    open(table) {
      const lane: OpenLane = {
        decoder: createTableDecoder(table),
        told: [],
        bytes: 0,
        own: false,
        left: false,
        behind: now,
        started: false,
        placed: false,
        skip: undefined,
        wake: () => {},
      };
      lanes.add(lane);
      return {
        async next(signal, follow) {
          while (lane.told.length === 0 && !lane.left && !follow.aborted) {
            throwIfAborted(session.about.doing, signal);
            if (ended?.error) throw ended.error;
            if (ended) return undefined;
            await arrived(lane, signal, follow);
          }
          return lane.left || follow.aborted ? undefined : taken(lane);
        },
        skipTo(point) {
          lane.skip = point;
        },
        close: () => void lanes.delete(lane),
      };
    },
    async close() {
      session.abandon();
      await running;
      await session.close();
    },
  };
}

function taken(lane: OpenLane): LogEvent[] {
  const events: LogEvent[] = [];
  for (const told of lane.told) {
    lane.started ||= told.events.some(({ kind }) => kind === 'gtid');
    if (!lane.started || (lane.skip && !isBefore(lane.skip, told))) {
      lane.behind = told;
      continue;
    }
    if (!lane.placed) {
      const { file, offset, made } = lane.behind;
      events.push({ kind: 'file', file, offset }, { kind: 'format', made });
    }
    lane.placed = true;
    events.push(...told.events);
  }
  lane.told = [];
  lane.bytes = 0;
  lane.own = false;
  return events;
}

/** Positions in the log have 32 bits, its files more. */
function behindOf(from: Omit<Told, 'events'>, events: readonly LogEvent[]): Omit<Told, 'events'> {
  let { file, offset, made } = from;
  for (const event of events) {
    if (event.kind === 'file') ({ file, offset } = event);
    else if (event.kind === 'format') ({ made } = event);
    else if (event.kind === 'passed') {
      const high = Math.floor(offset / EVERY_4_GIB) * EVERY_4_GIB;
      offset = high + event.offset < offset ? high + EVERY_4_GIB + event.offset : high + event.offset;
    }
  }
  return { file, offset, made };
}
