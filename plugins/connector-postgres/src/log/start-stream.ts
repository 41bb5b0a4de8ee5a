import { setTimeout as pause } from 'node:timers/promises';
import { isQianzhiError } from '@qianzhi/model';
import { type Doing, serverName } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import { literal, ownName, quoted } from '../identifier.js';
import { createFanout, type Fanout, type Lane } from './fanout.js';
import { positionText } from './position.js';
import { orSlotsFull, slotState } from './slot.js';
import type { Wanted } from './slot-readers.js';
import { openStream } from './stream.js';

const AGAIN_MS = 50;

/** A stream with its first lane, which is there before anything comes. */
export interface Started {
  readonly fanout: Fanout;
  readonly lane: Lane;
}

/**
 * Starts the slot's stream behind a position. A slot that is still in use, by a walsender that has not noticed yet that nobody
 * listens, is waited for as long as for a lock. Throws LOG_PASSED. What runs does not end with `signal`: others join it.
 */
export async function startSlot(
  wanted: Wanted,
  about: Doing,
  from: bigint,
  signal: AbortSignal,
): Promise<Started> {
  const deadline = performance.now() + wanted.reading.config.lockTimeoutMs;
  for (;;) {
    const session = await openSession(about, 'log', signal);
    try {
      const part = { session, slot: wanted.followed.slot };
      return await start(wanted, part, from, signal, new AbortController().signal);
    } catch (error) {
      if (!isQianzhiError(error, 'QZ_POSTGRES_LOCKED') || performance.now() > deadline) throw error;
    }
    await pause(AGAIN_MS);
  }
}

let copies = 0;

/** The same by a temporary copy of the slot, which goes with its session: the slot itself may be read meanwhile. */
export async function startCopy(wanted: Wanted, from: bigint, signal: AbortSignal): Promise<Started> {
  const { reading, followed } = wanted;
  const session = await openSession(reading.about, 'log', signal);
  const copy = ownName('catchup', followed.slot, String(process.pid), String(copies++));
  try {
    await orSlotsFull(reading, signal, () =>
      session.query(
        `SELECT pg_catalog.pg_copy_logical_replication_slot(${literal(followed.slot)}, ${literal(copy)}, true)`,
        [],
        signal,
      ),
    );
  } catch (error) {
    await session.close();
    throw error;
  }
  return start(wanted, { session, slot: copy }, from, signal, signal);
}

/**
 * A server begins silently at what its slot has released, also where that is further than it was asked to begin: so that is looked at
 * once nobody else can move the slot, and nothing is released before.
 */
async function start(
  { reading, followed: { publication }, table }: Wanted,
  { session, slot }: { readonly session: Session; readonly slot: string },
  position: bigint,
  signal: AbortSignal,
  during: AbortSignal,
): Promise<Started> {
  const options = `proto_version '1', publication_names ${literal(quoted(publication))}`;
  const sql = `START_REPLICATION SLOT ${quoted(slot)} LOGICAL ${positionText(position)} (${options})`;
  const fanout = createFanout(session.about, position, (listener) =>
    openStream(session, sql, position, listener, during),
  );
  const lane = fanout.open(table, position);
  try {
    await fanout.opened;
    const { slot: held } = await reading.sessions.use(signal, (each) => slotState(each, slot, signal));
    const released = held?.released ?? position;
    if (released > position) throw postgresErrors.LOG_PASSED({ server: serverName(reading.config), slot });
    fanout.release(released);
    return { fanout, lane };
  } catch (error) {
    await fanout.close();
    throw error;
  }
}
