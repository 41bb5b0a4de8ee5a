import type { ReadLimits } from '@qianzhi/plugin-api';
import type { LogPlace, LogReader, LogStretch } from '@qianzhi/sql-kit';
import { throwIfAborted } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import type { Reading } from '../source/reading.js';
import { changedRows } from './changed-rows.js';
import { followSlot } from './follow-slot.js';
import { type Followed, followedTable, identityOf, publish } from './followed.js';
import { positionOf, positionText } from './position.js';
import { createSlot, dropSlot, releaseSlot, type SlotState, slotState } from './slot.js';
import type { LogStream } from './stream.js';
import { createTransactions } from './transactions.js';
import { isSeen, seesCommitted } from './visible.js';

/** Keys that are looked up by one statement at most. */
const KEYS = 5000;
/** A place without rows is given when so much log of others was passed: a smaller step frees no file of the server. */
const STEP_BYTES = 1_048_576n;
/** A read that stays open looks so often whether the server keeps too much. */
const GUARD_MS = 10_000;

/**
 * Follows the log by a slot and the plugin pgoutput. Of the log only keys are taken, and each changed row is read as it is now: so a
 * row is always whole, whatever its values are made of. Throws what `followedTable` does.
 */
export async function logReader(
  reading: Reading,
  session: Session,
  opening: AbortSignal,
): Promise<LogReader> {
  const followed = await followedTable(reading, session, opening);
  const { slot } = followed;
  let open: LogStream | undefined;
  return {
    follows: true,
    begin: (signal) => begin(reading, followed, signal),
    lost: (place, signal) =>
      reading.sessions.use(signal, (each) => lost(reading, followed, place, each, signal)),
    async *stretches(place, limits, signal) {
      const state = await reading.sessions.use(signal, (each) => slotState(each, slot, signal));
      const position = positionOf(place.position);
      if (position >= state.end && !limits.follow) return;
      const released = state.slot?.released ?? position;
      const stream = await followSlot(reading, followed, { position, released }, signal);
      open = stream;
      try {
        yield* changesUpTo(state.end, { reading, followed, stream, from: place, limits }, signal);
      } finally {
        open = undefined;
        await stream.close();
      }
    },
    async release({ position }, signal) {
      if (open) open.release(positionOf(position));
      else await reading.sessions.use(signal, (each) => releaseSlot(each, slot, position, signal));
    },
  };
}

/** A new slot each time: where an old one stands, nobody knows what was read behind it. */
async function begin(reading: Reading, followed: Followed, signal: AbortSignal): Promise<LogPlace> {
  if (followed.mayPublish) {
    const write = await openSession(reading.about, 'write', signal);
    try {
      await publish(reading, followed, write, signal);
    } finally {
      await write.close();
    }
  }
  return reading.sessions.use(signal, async (session) => {
    await dropSlot(session, followed.slot, signal);
    const position = await createSlot(reading, followed.slot, session, signal);
    return { phase: 'log', position, of: await identityOf(reading, followed, session, signal) };
  });
}

/** A slot for which the server keeps too much is dropped here, before the server's disk is full. */
async function lost(
  reading: Reading,
  followed: Followed,
  place: LogPlace,
  session: Session,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { end, slot } = await slotState(session, followed.slot, signal);
  if (!slot) return 'slot-missing';
  if (slot.status === 'lost') return 'slot-lost';
  if (slot.keptBytes > followed.maxLagBytes || slot.status === 'unreserved') {
    await dropSlot(session, followed.slot, signal);
    const keptBytes = Number(slot.keptBytes);
    const facts = { table: reading.table.name, slot: followed.slot, keptBytes };
    reading.context.log.error(facts, 'the server kept too much log for the slot: it was dropped');
    return 'slot-dropped';
  }
  if (place.of !== (await identityOf(reading, followed, session, signal))) return 'table-replaced';
  const position = positionOf(place.position);
  if (position < slot.released) return 'slot-ahead';
  return position > end ? 'log-behind' : undefined;
}

interface Following {
  readonly reading: Reading;
  readonly followed: Followed;
  readonly stream: LogStream;
  readonly from: LogPlace;
  readonly limits: ReadLimits;
}

async function* changesUpTo(
  until: bigint,
  { reading, followed, stream, from, limits }: Following,
  signal: AbortSignal,
): AsyncGenerator<LogStretch> {
  const { maxRows = Number.POSITIVE_INFINITY, blockBytes, follow } = limits;
  const transactions = createTransactions(positionOf(from.position));
  const placeAt = (position: bigint): LogPlace => ({ ...from, position: positionText(position) });
  const state = () => reading.sessions.use(signal, (each) => slotState(each, followed.slot, signal));
  let end = follow ? undefined : until;
  let guardedAt = performance.now();
  let told = transactions.position;
  let taken = 0;
  /** Rows of a transaction were told under the place before it. */
  let ahead = false;
  const look = (): AsyncGenerator<LogStretch> => {
    const changes = transactions.take();
    const places = { before: placeAt(told), behind: placeAt(transactions.position) };
    taken += changes.keys.length;
    told = transactions.position;
    ahead = transactions.within;
    return changedRows(reading, followed.keyColumns, changes, places, blockBytes, signal);
  };
  const isDone = () =>
    !transactions.within &&
    ((end !== undefined && transactions.position >= end) || taken + transactions.keys >= maxRows);
  while (!isDone()) {
    for (const event of await stream.next(signal, end === undefined ? follow : undefined)) {
      transactions.add(event);
      if (transactions.keys >= KEYS) yield* look();
      if (transactions.within) continue;
      const { copyBecause } = transactions;
      if (copyBecause !== undefined) {
        const { xids } = transactions.take();
        await reading.sessions.use(signal, (session) =>
          isSeen(reading, session, (now) => [...xids].every((xid) => seesCommitted(now, xid)), signal),
        );
        yield { ...nothing, place: placeAt(transactions.position), copyBecause };
        return;
      }
      if (isDone()) break;
    }
    throwIfAborted(reading.about.doing, signal);
    if (end !== undefined) continue;
    if (!transactions.within) {
      if (transactions.keys > 0) yield* look();
      else if (ahead || transactions.position - told >= STEP_BYTES) {
        told = transactions.position;
        ahead = false;
        yield { ...nothing, place: placeAt(told) };
      }
    }
    if (follow?.aborted) end = (await state()).end;
    else if (performance.now() - guardedAt > GUARD_MS) {
      guardedAt = performance.now();
      // whoever reads on asks why, and finds it by the same rule
      if (overdue(await state(), followed)) return;
    }
  }
  if (transactions.keys > 0) yield* look();
  const step = transactions.position - told;
  if (ahead || step >= STEP_BYTES) yield { ...nothing, place: placeAt(transactions.position) };
}

function overdue({ slot }: SlotState, { maxLagBytes }: Followed): boolean {
  return !slot || slot.keptBytes > maxLagBytes || slot.status === 'lost' || slot.status === 'unreserved';
}

const nothing = { bytes: new Uint8Array(0), rows: 0, rejected: [], taken: 0 } as const;
