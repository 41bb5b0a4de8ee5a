import { takeTurn } from '@qianzhi/sql-kit';
import type { Reading } from '../source/reading.js';
import { createFailures, type Failures } from './failures.js';
import type { Fanout, Lane } from './fanout.js';
import type { Followed } from './followed.js';
import { createHolders, type Holders } from './holders.js';
import type { FollowedTable } from './pgoutput.js';
import { unpublishOthers } from './publication.js';
import { startCopy, startSlot } from './start-stream.js';

/** So many readers that are behind have a walsender and a temporary slot of their own at a time; others wait for their turn. */
const CATCHING_UP = 2;

/** One slot, and whatever reads it in this process: sources of one connector, each by a connection of its own. */
export interface SharedSlot {
  readonly holders: Holders;
  readonly failures: Failures;
  /** One at a time of what makes, drops, starts or moves the slot. */
  alone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** The lane behind `from` of the stream that all share, which is started there if it is not running; undefined: it is further. */
  join(wanted: Wanted, from: bigint, signal: AbortSignal): Promise<SharedLane | undefined>;
  /** The same by a stream of its own, which ends with the lane. */
  catchUp(wanted: Wanted, from: bigint, signal: AbortSignal): Promise<SharedLane>;
  /** A lane of the shared stream where it runs now, wherever it is. */
  laneNow(wanted: Wanted, behind: bigint): SharedLane | undefined;
  /** Lets the running stream tell the server; false where there is none. */
  release(position: bigint): boolean;
  /** Ends the shared stream, and with it the reads of all. */
  stop(): Promise<void>;
}

export interface Wanted {
  readonly reading: Reading;
  readonly followed: Followed;
  readonly table: FollowedTable;
}

export interface SharedLane {
  readonly lane: Lane;
  close(): Promise<void>;
}

/**
 * Of the process: each run of an exchange has a connection of its own, and a slot can be read by one walsender alone. Small, and kept,
 * because nobody knows who comes again.
 */
const slots = new Map<string, SharedSlot>();

export function sharedSlot({ config }: Reading, { slot }: Pick<Followed, 'slot'>): SharedSlot {
  const key = JSON.stringify([config.host, config.port, config.database, slot]);
  const known = slots.get(key) ?? createSharedSlot(key);
  slots.set(key, known);
  return known;
}

function createSharedSlot(key: string): SharedSlot {
  let main: Fanout | undefined;
  let catching = 0;
  const doing = 'follow the log';

  async function alone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = await takeTurn(key, doing, signal);
    try {
      return await work();
    } finally {
      done();
    }
  }
  async function stop(): Promise<void> {
    const fanout = main;
    main = undefined;
    await fanout?.close();
  }

  /** Nobody listens behind the last one. */
  const laneOf = (fanout: Fanout, lane: Lane): SharedLane =>
    withClose(lane, () =>
      alone(never, async () => {
        if (fanout.lanes === 0 && main === fanout) await stop();
      }),
    );

  return {
    holders: createHolders(),
    failures: createFailures(),
    alone,
    stop,
    join: (wanted, from, signal) =>
      alone(signal, async () => {
        if (main?.over) await stop();
        if (main) return main.here > from ? undefined : laneOf(main, main.open(wanted.table, from));
        await unpublishOthers(wanted.reading, wanted.followed, signal);
        const { fanout, lane } = await startSlot(wanted, { ...wanted.reading.about, doing }, from, signal);
        main = fanout;
        return laneOf(fanout, lane);
      }),
    async catchUp(wanted, from, signal) {
      const done = await takeTurn(`${key} ${catching++ % CATCHING_UP}`, doing, signal);
      try {
        const { fanout, lane } = await startCopy(wanted, from, signal);
        return withClose(lane, async () => {
          done();
          await fanout.close();
        });
      } catch (error) {
        done();
        throw error;
      }
    },
    laneNow: ({ table }, behind) => (main && !main.over ? laneOf(main, main.open(table, behind)) : undefined),
    release(position) {
      if (!main || main.over) return false;
      main.release(position);
      return true;
    },
  };
}

const never = new AbortController().signal;

function withClose(lane: Lane, closed: () => Promise<void>): SharedLane {
  return {
    lane,
    async close() {
      lane.close();
      await closed();
    },
  };
}
