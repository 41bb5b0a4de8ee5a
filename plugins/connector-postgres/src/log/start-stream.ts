import { setTimeout as pause } from 'node:timers/promises';
import { isQianzhiError } from '@qianzhi/model';
import type { Doing } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { literal, ownName, quoted } from '../identifier.js';
import { createFanout, type Fanout, type Lane } from './fanout.js';
import type { Followed } from './followed.js';
import type { FollowedTable } from './pgoutput.js';
import { positionText } from './position.js';
import { orSlotsFull } from './slot.js';
import type { Start, Wanted } from './slot-readers.js';
import { openStream } from './stream.js';

const AGAIN_MS = 50;

/** A stream with its first lane, which is there before anything comes. */
export interface Started {
  readonly fanout: Fanout;
  readonly lane: Lane;
}

/**
 * Starts the slot's stream behind a position. A slot that is still in use, by a walsender that has not noticed yet that nobody
 * listens, is waited for as long as for a lock. What runs does not end with `signal`: others join it.
 */
export async function startSlot(
  { reading, followed, table }: Wanted,
  about: Doing,
  from: Start,
  signal: AbortSignal,
): Promise<Started> {
  const deadline = performance.now() + reading.config.lockTimeoutMs;
  for (;;) {
    const session = await openSession(about, 'log', signal);
    try {
      return await start(session, followed, table, from, new AbortController().signal);
    } catch (error) {
      if (!isQianzhiError(error, 'QZ_POSTGRES_LOCKED') || performance.now() > deadline) throw error;
    }
    await pause(AGAIN_MS);
  }
}

let copies = 0;

/** The same by a temporary copy of the slot, which goes with its session: the slot itself may be read meanwhile. */
export async function startCopy(
  { reading, followed, table }: Wanted,
  from: Start,
  signal: AbortSignal,
): Promise<Started> {
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
  return start(session, { ...followed, slot: copy }, table, from, signal);
}

async function start(
  session: Session,
  { slot, publication }: Pick<Followed, 'slot' | 'publication'>,
  table: FollowedTable,
  { position, released }: Start,
  during: AbortSignal,
): Promise<Started> {
  const options = `proto_version '1', publication_names ${literal(quoted(publication))}`;
  const sql = `START_REPLICATION SLOT ${quoted(slot)} LOGICAL ${positionText(position)} (${options})`;
  const fanout = createFanout(session.about, position, (listener) =>
    openStream(session, sql, { received: position, released }, listener, during),
  );
  const lane = fanout.open(table, position);
  try {
    await fanout.opened;
    return { fanout, lane };
  } catch (error) {
    await fanout.close();
    throw error;
  }
}
