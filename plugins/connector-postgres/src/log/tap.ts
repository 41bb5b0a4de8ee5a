import type { LaneEvent } from './fanout.js';
import type { SharedLane, SharedSlot, Wanted } from './slot-readers.js';
import type { Transactions } from './transactions.js';

/** The changes of one table, wherever they are read. */
export interface Tap {
  /** As `Lane.next`; never undefined. */
  next(signal: AbortSignal, follow?: AbortSignal): Promise<readonly LaneEvent[]>;
  close(): Promise<void>;
}

const again: readonly LaneEvent[] = [{ kind: 'again' }];

/**
 * Reads by the stream that all share. Where that is further, or went on without a reader that was too slow, by a stream of its own, until
 * it has caught up. `transactions` gathers what is answered, and says from where on is to be read.
 */
export async function openTap(
  slot: SharedSlot,
  wanted: Wanted,
  transactions: Transactions,
  endNow: (signal: AbortSignal) => Promise<bigint>,
  signal: AbortSignal,
): Promise<Tap> {
  const shared = await slot.join(wanted, transactions.position, signal);
  let current = shared ?? (await slot.catchUp(wanted, transactions.position, signal));
  let isShared = shared !== undefined;
  /** A lane of the shared stream that already gathers what comes behind what is being caught up with. */
  let ahead: SharedLane | undefined;

  /** Where the log ended when it was begun to catch up: a lane ahead of that would fill before it is needed. */
  let near: bigint | undefined;

  async function fallBehind(during: AbortSignal): Promise<void> {
    await current.close();
    current = await slot.catchUp(wanted, transactions.position, during);
    isShared = false;
  }

  /** True once the shared stream is read. */
  async function rejoined(during: AbortSignal): Promise<boolean> {
    const { position } = transactions;
    if (ahead?.lane.left) {
      await ahead.close();
      ahead = undefined;
    }
    ahead ??= slot.laneNow(wanted, position);
    if (!ahead) {
      // nobody reads it any more: it goes on from here
      ahead = await slot.join(wanted, position, during);
      if (!ahead) return false;
    }
    const { from } = ahead.lane;
    if (from === undefined || from > position || transactions.within) return false;
    ahead.lane.skipTo(position);
    const before = current;
    current = ahead;
    ahead = undefined;
    isShared = true;
    await before.close();
    return true;
  }

  return {
    async next(during, follow) {
      if (!isShared && follow && !follow.aborted) {
        near ??= await endNow(during);
        if (transactions.position >= near && (await rejoined(during))) {
          near = undefined;
          return again;
        }
      }
      // while it catches up it asks how far it is
      const events = await current.lane.next(during, isShared ? follow : undefined);
      if (events) return events;
      await fallBehind(during);
      near = undefined;
      return again;
    },
    async close() {
      await ahead?.close();
      await current.close();
    },
  };
}
