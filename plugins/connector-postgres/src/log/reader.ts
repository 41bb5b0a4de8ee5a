import type { ReadLimits } from '@qianzhi/plugin-api';
import { type FollowedLog, type LogPlace, type LogReader, logStretches } from '@qianzhi/sql-kit';
import { openSession, type Session } from '../connection/session.js';
import type { Reading } from '../source/reading.js';
import { type Changes, changedRows } from './changed-rows.js';
import { followSlot } from './follow-slot.js';
import { type Followed, followedTable, identityOf, publish } from './followed.js';
import { positionOf } from './position.js';
import { createSlot, dropSlot, releaseSlot, type SlotState, slotState } from './slot.js';
import type { LogStream, StreamEvent } from './stream.js';
import { createTransactions } from './transactions.js';
import { isSeen, seesCommitted } from './visible.js';

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
        const log = following(state.end, { reading, followed, stream, from: place, limits });
        yield* logStretches(log, limits, signal);
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

function following(
  until: bigint,
  { reading, followed, stream, from, limits: { blockBytes, follow } }: Following,
): FollowedLog<StreamEvent, Changes> {
  const transactions = createTransactions(from);
  const state = (signal: AbortSignal) =>
    reading.sessions.use(signal, (each) => slotState(each, followed.slot, signal));
  let end = follow ? undefined : until;
  let guardedAt = performance.now();
  return {
    transactions,
    next: (signal) => stream.next(signal, end === undefined ? follow : undefined),
    reached: () => end !== undefined && transactions.position >= end,
    staysOpen: () => end === undefined,
    async goesOn(signal) {
      if (follow?.aborted) end = (await state(signal)).end;
      else if (performance.now() - guardedAt > GUARD_MS) {
        guardedAt = performance.now();
        // whoever reads on asks why, and finds it by the same rule
        return !overdue(await state(signal), followed);
      }
      return true;
    },
    rows: (changes, signal) => changedRows(reading, followed.keyColumns, changes, blockBytes, signal),
    seen: ({ xids }, signal) =>
      reading.sessions.use(signal, (session) =>
        isSeen(reading, session, (now) => [...xids].every((xid) => seesCommitted(now, xid)), signal),
      ),
    isStep: (before, behind) => positionOf(behind.position) - positionOf(before.position) >= STEP_BYTES,
  };
}

function overdue({ slot }: SlotState, { maxLagBytes }: Followed): boolean {
  return !slot || slot.keptBytes > maxLagBytes || slot.status === 'lost' || slot.status === 'unreserved';
}
