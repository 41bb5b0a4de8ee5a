import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import {
  checkpointOf,
  followTrail,
  type Holes,
  holeOf,
  type Moment,
  type Place,
  type SerialPlace,
  type Trail,
} from '@qianzhi/sql-kit';
import { openSession, type Session } from '../connection/session.js';
import { CHANGE_PREFIX, type ChangeTable } from './change-table.js';
import { askHorizon } from './horizon.js';
import { type Reading, withSession } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';
import { encodedRows, formOf } from './statement.js';

/**
 * First a full copy, its place in the change table taken before; then each change, with the row as it is now. Serials do
 * not commit in their order: one that is missing stays open until the transactions of its time are over.
 */
export async function* readChanges(
  reading: Reading,
  changes: ChangeTable,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  let place = from;
  if (place?.phase === 'changes') {
    const truncated = yield* readSerials(reading, changes, place, limits, signal);
    if (!truncated) return;
    place = undefined;
  }
  if (place?.phase !== 'snapshot') {
    const newest = (session: Session) => newestPlace(changes, session, signal);
    place = snapshotStart(reading, await withSession(reading, signal, newest));
  }
  yield* readSnapshot(reading, place, place.then ?? { phase: 'done' }, limits, signal);
}

/**
 * Transactions are told apart by the time they began: the server shows no other number of those that are open. Take it
 * before the rows are read.
 */
async function momentOf(session: Session, signal: AbortSignal): Promise<Moment> {
  const { now, safe } = await askHorizon(session, 0, signal);
  const ms = Number(now / 1000n);
  return { oldest: safe / 1000n, next: BigInt(ms) + 1n, ms };
}

/** The newest serial, and every hole below it, from where a transaction could still commit. */
async function newestPlace(
  { serial, from, step }: ChangeTable,
  session: Session,
  signal: AbortSignal,
): Promise<SerialPlace> {
  const moment = await momentOf(session, signal);
  await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY', signal);
  const newest = await session.query(`SELECT MAX(${serial}) AS serial FROM ${from}`, signal);
  const edges = await session.query(
    `SELECT b.${serial} AS serial, (SELECT MAX(a.${serial}) FROM ${from} a WHERE a.${serial} < b.${serial}) AS lower
     FROM ${from} b WHERE NOT EXISTS (SELECT 1 FROM ${from} p WHERE p.${serial} = b.${serial} - ${step}) AND b.${serial} > ${step}
     ORDER BY b.${serial}`,
    signal,
  );
  await session.query('COMMIT', signal);
  const holes: Holes = edges.rows
    .map((row) => ({ from: BigInt(row['lower'] ?? 0) + 1n, to: BigInt(row['serial'] ?? 0) - 1n }))
    .filter((hole) => hole.to >= hole.from)
    .map((hole) => holeOf(hole.from, hole.to, moment));
  // a trail that follows nothing takes too many holes together
  return placeOf(followTrail(BigInt(newest.rows[0]?.['serial'] ?? 0), holes, step, moment));
}

function placeOf(trail: Trail): SerialPlace {
  return { phase: 'changes', serial: String(trail.serial), holes: trail.holes() };
}

/** Answers true where a truncation was met: what follows is a full copy. */
async function* readSerials(
  reading: Reading,
  changes: ChangeTable,
  start: SerialPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, boolean> {
  const session = await reading.sessions.take(signal);
  let place = start;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  try {
    for (;;) {
      const most = Math.min(left, reading.spec.chunkRows);
      const moment = await momentOf(session, signal);
      const found = yield* readChunk(reading, changes, place, moment, most, session, limits, signal);
      place = found.place;
      left -= found.taken;
      if (found.truncated || found.taken < most || left <= 0) return found.truncated;
    }
  } finally {
    await reading.sessions.give(session);
  }
}

async function* readChunk(
  reading: Reading,
  changes: ChangeTable,
  place: SerialPlace,
  moment: Moment,
  most: number,
  session: Session,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, { place: SerialPlace; taken: number; truncated: boolean }> {
  const trail = followTrail(BigInt(place.serial), place.holes, changes.step, moment);
  let truncated = false;
  const form = {
    ...formOf(reading, [], 'U'),
    prefix: CHANGE_PREFIX,
    op(prefix: () => (string | null)[]) {
      if (truncated) return undefined;
      const [serial, op, kind] = prefix();
      truncated = changes.truncateOps.has(op ?? '');
      if (truncated) return undefined;
      trail.passed(BigInt(serial ?? 0));
      return kind === 'D' ? ('D' as const) : ('U' as const);
    },
    mark: () => checkpointOf(reading.strategy, placeOf(trail)),
  };
  const sql = changes.select(BigInt(place.serial), place.holes, most);
  let taken = 0;
  for await (const block of encodedRows(session, sql, form, limits.blockBytes, {}, signal)) {
    taken += block.taken;
    if (block.rows === 0 && block.rejected.length === 0) continue;
    const { bytes, rows, rejected, mark: checkpoint } = block;
    yield { kind: 'rows', phase: 'delta', bytes, rows, repeated: 0, rejected, checkpoint };
  }
  return { place: placeOf(trail), taken, truncated };
}

const PURGE_ROWS = 2000;

/**
 * Deletes changes up to a confirmed place, a few at a time; what may still come into its holes stays. They are named one by
 * one: a range would wait for those who are about to fill a hole.
 */
export async function purgeChanges(
  reading: Reading,
  changes: ChangeTable,
  place: SerialPlace,
  signal: AbortSignal,
): Promise<void> {
  const session = await openSession(reading.about, 'write', signal);
  const { serial, from, index } = changes;
  const open = place.holes.map(
    (hole) => ` AND ${serial} NOT BETWEEN ${BigInt(hole.from)} AND ${BigInt(hole.to)}`,
  );
  const done = `SELECT ${serial} AS serial FROM ${from} WHERE ${serial} <= ${BigInt(place.serial)}${open.join('')} ORDER BY ${serial} LIMIT ${PURGE_ROWS}`;
  try {
    for (;;) {
      const { rows } = await session.query(done, signal);
      if (rows.length === 0) return;
      const serials = rows.map((row) => BigInt(row['serial'] ?? 0)).join(', ');
      await session.query(
        `DELETE c FROM ${from} c FORCE INDEX (${index}) WHERE c.${serial} IN (${serials})`,
        signal,
      );
      if (rows.length < PURGE_ROWS) return;
    }
  } finally {
    await session.close();
  }
}
