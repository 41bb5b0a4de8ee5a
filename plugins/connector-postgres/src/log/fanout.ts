import { classify, type Doing, throwIfAborted } from '../connection/classify.js';
import { createDecoder, type FollowedTable, type TableEvent } from './pgoutput.js';
import type { LogStream, StreamListener } from './stream.js';

/** What one follower of a table is told, in the order of commits. */
export type LaneEvent =
  | TableEvent
  | { readonly kind: 'begin'; readonly xid: number }
  | { readonly kind: 'commit'; readonly end: bigint }
  /** All that was committed before was told. */
  | { readonly kind: 'position'; readonly position: bigint }
  /** What follows begins behind the last whole transaction again. */
  | { readonly kind: 'again' };

/** One table's part of a stream. */
export interface Lane {
  /** Behind it everything is told; undefined until the transaction is over in whose midst it was opened. */
  readonly from: bigint | undefined;
  /** It was too slow for a stream that others need: it ends behind a whole transaction, and is to be read again from there. */
  readonly left: boolean;
  /**
   * All that has come. With `follow` it waits for as long as it takes, and answers nothing when that fires; else the server is asked how
   * far it is. Undefined where it `left`.
   */
  next(signal: AbortSignal, follow?: AbortSignal): Promise<readonly LaneEvent[] | undefined>;
  /** Transactions that are whole before the position are not told. */
  skipTo(position: bigint): void;
  close(): void;
}

/** A stream of the log, told apart by table. */
export interface Fanout extends Pick<LogStream, 'opened' | 'release' | 'close'> {
  /** Behind the last whole transaction. */
  readonly here: bigint;
  readonly lanes: number;
  readonly over: boolean;
  /** Tells what is committed behind the position. */
  open(table: FollowedTable, behind: bigint): Lane;
}

/** So many bytes of events may wait for a reader (64, the key and the row each): then it leaves, or the server waits where it is the only one. */
export const LANE_BYTES = 8 * 1_048_576;
/** A reader to whom nothing was told hears of so much log of others. */
const STEP_BYTES = 1_048_576n;
/** A walsender answers a question for its position at once. */
const ASK_MS = 10;

interface OpenLane extends FollowedTable {
  behind: bigint;
  from: bigint | undefined;
  events: LaneEvent[];
  bytes: number;
  /** The begin of the transaction at hand was told. */
  within: boolean;
  left: boolean;
  told: bigint;
  /** Hears of every position, of large steps, or of any soon. */
  wants: 'nothing' | 'step' | 'position';
  wake: () => void;
}

export function createFanout(
  about: Doing,
  from: bigint,
  start: (listener: StreamListener) => LogStream,
): Fanout {
  const lanes = new Set<OpenLane>();
  let here = from;
  let transaction: { readonly xid: number; readonly at: bigint } | undefined;
  let ended: { readonly error: unknown } | undefined;
  let waitsFor: OpenLane | undefined;

  function push(lane: OpenLane, event: LaneEvent): void {
    lane.events.push(event);
    lane.bytes += 64;
    if (event.kind === 'key') {
      for (const part of event.key) lane.bytes += part.length;
      lane.bytes += event.row?.length ?? 0;
    }
    lane.wake();
    if (lane.bytes < LANE_BYTES || event.kind === 'commit') return;
    if (lanes.size > 1) leave(lane);
    else if (!waitsFor) {
      waitsFor = lane;
      stream.pause();
    }
  }
  function leave(lane: OpenLane): void {
    lane.left = true;
    lane.within = false;
    lane.events.length = lane.events.findLastIndex(({ kind }) => kind === 'commit') + 1;
    lane.wake();
  }
  function goOn(): void {
    if (!waitsFor) return;
    waitsFor = undefined;
    stream.resume();
  }
  function moved(soon: boolean): void {
    for (const lane of lanes) {
      const due = soon || lane.wants === 'position' || here - lane.told >= STEP_BYTES;
      if (lane.wants !== 'nothing' && due) lane.wake();
    }
  }
  const decode = createDecoder<OpenLane>({
    of: (schema, name) => [...lanes].filter((lane) => lane.schema === schema && lane.name === name),
    begin(xid, at) {
      transaction = { xid, at };
    },
    tell(lane, event) {
      if (!transaction || lane.left || lane.from === undefined || transaction.at < lane.behind) return;
      if (!lane.within) push(lane, { kind: 'begin', xid: transaction.xid });
      lane.within = !lane.left;
      if (lane.within) push(lane, event);
    },
    commit(end) {
      transaction = undefined;
      here = end;
      for (const lane of lanes) {
        if (lane.within) push(lane, { kind: 'commit', end });
        lane.within = false;
        lane.from ??= end;
      }
      moved(false);
    },
  });
  const stream = start({
    message: decode,
    position(position) {
      // inside a transaction it says nothing of what was told
      if (!transaction && position > here) here = position;
      moved(false);
    },
    tick: () => moved(true),
    over(error) {
      ended = { error };
      for (const lane of lanes) lane.wake();
    },
  });

  function taken(lane: OpenLane): readonly LaneEvent[] {
    const { events } = lane;
    lane.events = [];
    lane.bytes = 0;
    if (waitsFor === lane) goOn();
    if (!lane.within && lane.from !== undefined && !lane.left) {
      lane.told = here;
      events.push({ kind: 'position', position: here });
    }
    return events;
  }

  async function arrived(lane: OpenLane, signal: AbortSignal, follow?: AbortSignal): Promise<void> {
    lane.wants = follow ? 'step' : 'position';
    if (!follow) stream.ask();
    const asking = follow ? undefined : setInterval(() => stream.ask(), ASK_MS);
    try {
      await new Promise<void>((resolve) => {
        lane.wake = () => resolve();
        signal.addEventListener('abort', lane.wake, { once: true });
        follow?.addEventListener('abort', lane.wake, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', lane.wake);
      follow?.removeEventListener('abort', lane.wake);
      clearInterval(asking);
      lane.wake = () => {};
      lane.wants = 'nothing';
    }
  }

  return {
    opened: stream.opened,
    release: stream.release,
    close: () => stream.close(),
    get here() {
      return here;
    },
    get lanes() {
      return lanes.size;
    },
    get over() {
      return ended !== undefined;
    },
    open(table, behind) {
      const lane: OpenLane = {
        ...table,
        behind,
        from: transaction ? undefined : here,
        events: [],
        bytes: 0,
        within: false,
        left: false,
        told: behind,
        wants: 'nothing',
        wake: () => {},
      };
      lanes.add(lane);
      if (waitsFor) leave(waitsFor);
      goOn();
      const failure = () => ended?.error ?? classify(new Error('Connection terminated'), about);
      return {
        get from() {
          return lane.from;
        },
        get left() {
          return lane.left;
        },
        async next(signal, follow) {
          if (lane.events.length > 0) return taken(lane);
          if (lane.left) return undefined;
          if (follow?.aborted) return [];
          throwIfAborted(about.doing, signal);
          if (ended) throw failure();
          await arrived(lane, signal, follow);
          throwIfAborted(about.doing, signal);
          if (lane.events.length === 0 && lane.left) return undefined;
          if (lane.events.length === 0 && ended) throw failure();
          return taken(lane);
        },
        skipTo(position) {
          lane.behind = position;
          const goesOn = !transaction || transaction.at >= position;
          lane.within &&= goesOn;
          lane.events = goesOn ? behindOnly(lane.events, position) : [];
        },
        close() {
          lanes.delete(lane);
          if (waitsFor === lane) goOn();
        },
      };
    },
  };
}

/** Without the transactions that ended before. */
function behindOnly(events: readonly LaneEvent[], position: bigint): LaneEvent[] {
  const last = events.findLastIndex((event) => event.kind === 'commit' && event.end <= position);
  return events.slice(last + 1);
}
