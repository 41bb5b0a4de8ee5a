import type { ReadLimits } from '@qianzhi/plugin-api';
import { type FollowedLog, type LogPlace, type LogReader, logStretches } from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import type { Reading } from '../source/reading.js';
import { beginLog } from './begin.js';
import { type Changes, changedRows, type Told } from './changed-rows.js';
import type { LaneEvent } from './fanout.js';
import { type Followed, followedTable, identityOf } from './followed.js';
import { giveUp, guard } from './guard.js';
import { loggedRow } from './logged-row.js';
import { positionOf, positionText } from './position.js';
import { releaseSlot, slotState } from './slot.js';
import { type SharedSlot, sharedSlot } from './slot-readers.js';
import { openTap, type Tap } from './tap.js';
import { createTransactions, type Transactions } from './transactions.js';
import { isSeen, seesCommitted } from './visible.js';

/** A place without rows is given when so much log of others was passed: a smaller step frees no file of the server. */
const STEP_BYTES = 1_048_576n;
/** A read that stays open looks so often whether the server keeps too much. */
const GUARD_MS = 10_000;

/** One table of a log that others may follow by the same slot. */
export interface Following {
  readonly reading: Reading;
  readonly followed: Followed;
  readonly slot: SharedSlot;
}

/**
 * Follows the log by a slot and the plugin pgoutput. A changed row is taken from the log where that tells it whole
 * and as the table would, else its key alone, and it is read as it is now: so a row is always whole, whatever its values are made of. Throws what `followedTable` does; `leave` takes what is to be done at the end.
 */
export async function logReader(
  reading: Reading,
  session: Session,
  leave: (() => void)[],
  opening: AbortSignal,
): Promise<LogReader> {
  const followed = await followedTable(reading, session, opening);
  const slot = sharedSlot(reading, followed);
  const { holders, failures } = slot;
  const following = { reading, followed, slot };
  const { resource } = reading;
  const { maxLagBytes } = followed;
  leave.push(() => holders.unclaim(resource));
  return {
    follows: true,
    begin: (signal) => beginLog(following, signal),
    lost: (place, signal) => reading.sessions.use(signal, (each) => lost(following, place, each, signal)),
    async *stretches(place, limits, signal) {
      const { end, released } = await stateOf(following, signal);
      const position = positionOf(place.position);
      // until it has a receipt nothing is known of it
      holders.claimFirst({ resource, position: released ?? position, maxLagBytes });
      if (position >= end && !limits.follow) return;
      const transactions = createTransactions(place);
      const endNow = async (during: AbortSignal) => (await stateOf(following, during)).end;
      const { keyColumns } = followed;
      // each time: the table, or what its server waits for, may be another than when the source was opened
      const logged = await reading.sessions.use(signal, (each) =>
        loggedRow(reading, keyColumns, each, signal),
      );
      const table = { ...reading.table, keyColumns: keyColumns.map(({ name }) => name), logged };
      const tap = await failures.during(
        resource,
        () => transactions.position,
        () => openTap(slot, { reading, followed, table }, transactions, endNow, signal),
      );
      try {
        const log = followedLog(end, following, { keyColumns, logged }, tap, transactions, limits);
        yield* logStretches(log, limits, signal);
        failures.passed(resource);
      } finally {
        await tap.close();
      }
    },
    async release(place, signal) {
      const position = positionOf(place.position);
      holders.claimFirst({ resource, position, maxLagBytes });
      holders.confirmed(resource, position);
      await release(following, signal);
    },
  };
}

/** Up to the lowest place of all. */
async function release({ reading, followed, slot }: Following, signal: AbortSignal): Promise<void> {
  const least = slot.holders.lowest(followed.slot, reading.alongside);
  if (least === undefined || slot.release(least)) return;
  await slot.alone(signal, () =>
    reading.sessions.use(signal, (session) =>
      releaseSlot(session, followed.slot, positionText(least), signal),
    ),
  );
}

async function stateOf({ reading, followed }: Following, signal: AbortSignal) {
  const { end, slot } = await reading.sessions.use(signal, (each) => slotState(each, followed.slot, signal));
  return { end, released: slot?.released };
}

async function lost(
  { reading, followed, slot: shared }: Following,
  place: LogPlace,
  session: Session,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { resource } = reading;
  const { maxLagBytes } = followed;
  const position = positionOf(place.position);
  const state = await slotState(session, followed.slot, signal);
  const { here, slot } = state;
  if (!slot) return 'slot-missing';
  if (slot.status === 'lost') return 'slot-lost';
  shared.holders.claimFirst({ resource, position, maxLagBytes });
  const { keptBytes } = slot;
  const drop = (because: string) =>
    giveUp(shared, reading, followed, { because, keptBytes }, session, signal);
  if (shared.failures.isBroken(resource)) {
    await drop('the server failed several times to read its log for the slot');
    return 'slot-broken';
  }
  const verdict = await guard(shared, reading, followed, state, session, signal);
  if (verdict === 'drop') await drop('the server kept too much log for the slot');
  if (verdict !== 'fine') return 'slot-dropped';
  if (place.of !== (await identityOf(reading, followed, session, signal))) return 'table-replaced';
  if (position < slot.released) return here - position > maxLagBytes ? 'slot-dropped' : 'slot-ahead';
  return position > here ? 'log-behind' : undefined;
}

function followedLog(
  until: bigint,
  following: Following,
  told: Told,
  tap: Tap,
  transactions: Transactions,
  { blockBytes, follow }: ReadLimits,
): FollowedLog<LaneEvent, Changes> {
  const { reading, followed, slot } = following;
  let end = follow ? undefined : until;
  let guardedAt = performance.now();
  const look = async (session: Session, signal: AbortSignal) => {
    const state = await slotState(session, followed.slot, signal);
    return guard(slot, reading, followed, state, session, signal);
  };
  return {
    transactions,
    next: (signal) =>
      slot.failures.during(
        reading.resource,
        () => transactions.position,
        () => tap.next(signal, end === undefined ? follow : undefined),
      ),
    reached: () => end !== undefined && transactions.position >= end,
    staysOpen: () => end === undefined,
    async goesOn(signal) {
      if (follow?.aborted) end = (await stateOf(following, signal)).end;
      else if (performance.now() - guardedAt > GUARD_MS) {
        guardedAt = performance.now();
        // whoever reads on asks why, and finds it by the same rule
        const verdict = await reading.sessions.use(signal, (session) => look(session, signal));
        return verdict === 'fine' && !slot.holders.isOut(reading.resource);
      }
      return true;
    },
    rows: (changes, signal) => changedRows(reading, told, changes, blockBytes, signal),
    seen: ({ xids }, signal) =>
      reading.sessions.use(signal, (session) =>
        isSeen(reading, session, (now) => [...xids].every((xid) => seesCommitted(now, xid)), signal),
      ),
    isStep: (before, behind) => positionOf(behind.position) - positionOf(before.position) >= STEP_BYTES,
  };
}
