import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import {
  checkpointOf,
  fieldValues,
  followTrail,
  type Holes,
  holeOf,
  type Moment,
  type Place,
  type SerialPlace,
  type Trail,
} from '@qianzhi/sql-kit';
import { copyOut } from '../connection/copy-out.js';
import { openSession, type Session } from '../connection/session.js';
import { CHANGE_PREFIX, type ChangeTable } from './change-table.js';
import { finishRows, type Keep } from './finish.js';
import { type Reading, withSession } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';

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

/** Opens a transaction of one moment, and answers what is known of it. */
async function beginMoment(session: Session, signal: AbortSignal): Promise<Moment> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', [], signal);
  const { rows } = await session.query(
    `SELECT pg_catalog.txid_snapshot_xmin(s) AS oldest, pg_catalog.txid_snapshot_xmax(s) AS next,
       floor(extract(epoch FROM clock_timestamp()) * 1000) AS ms
     FROM (SELECT pg_catalog.txid_current_snapshot() AS s) now`,
    [],
    signal,
  );
  const { oldest, next, ms } = rows[0]!;
  return { oldest: BigInt(oldest!), next: BigInt(next!), ms: Number(ms) };
}

/** The newest serial, and every hole below it, from where a transaction could still commit. */
async function newestPlace(
  changes: ChangeTable,
  session: Session,
  signal: AbortSignal,
): Promise<SerialPlace> {
  const moment = await beginMoment(session, signal);
  const { rows } = await session.query(
    `SELECT before, serial, newest FROM (
       SELECT ${changes.serial} AS serial, lag(${changes.serial}) OVER (ORDER BY ${changes.serial}) AS before,
         max(${changes.serial}) OVER () AS newest FROM ${changes.from}) each
     WHERE serial - coalesce(before, 0) > ${changes.step} OR serial = newest ORDER BY serial`,
    [],
    signal,
  );
  await session.query('COMMIT', [], signal);
  const serial = BigInt(rows.at(-1)?.newest ?? 0);
  const gaps = rows.map((row) => ({ before: BigInt(row.before ?? 0), serial: BigInt(row.serial!) }));
  const holes: Holes = gaps
    .filter((gap) => gap.serial - gap.before > changes.step)
    .map((gap) => holeOf(gap.before + 1n, gap.serial - 1n, moment));
  // a trail that follows nothing takes too many holes together
  return placeOf(followTrail(serial, holes, changes.step, moment));
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
  let inTransaction = false;
  try {
    for (;;) {
      const most = Math.min(left, reading.spec.chunkRows);
      inTransaction = true;
      const moment = await beginMoment(session, signal);
      const chunk = readChunk(reading, changes, place, moment, most, session, limits, signal);
      const found = yield* chunk;
      await session.query('COMMIT', [], signal);
      inTransaction = false;
      place = found.place;
      left -= found.taken;
      if (found.truncated || found.taken < most || left <= 0) return found.truncated;
    }
  } finally {
    if (inTransaction) session.abandon();
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
  const keep: Keep = (bytes, start, content) => {
    if (truncated) return false;
    const [serial, op] = fieldValues(bytes, start, content - 1, [0, 1]);
    truncated = changes.truncateOps.has(op ?? '');
    if (!truncated) trail.passed(BigInt(serial!));
    return !truncated;
  };
  const { projection, checksText } = reading;
  const form = { projection, checksText, prefix: CHANGE_PREFIX, wanted: [] };
  const sql = `COPY (${changes.select(BigInt(place.serial), place.holes, most)}) TO STDOUT`;
  let taken = 0;
  for await (const copied of copyOut(session, sql, { blockBytes: limits.blockBytes }, signal)) {
    const { bytes, rows, rejected, taken: more } = finishRows(copied, form, keep);
    taken += more;
    if (rows === 0 && rejected.length === 0) continue;
    const checkpoint = checkpointOf(reading.strategy, placeOf(trail));
    yield { kind: 'rows', phase: 'delta', bytes, rows, repeated: 0, rejected, checkpoint };
  }
  return { place: placeOf(trail), taken, truncated };
}

const PURGE_ROWS = 5000;

/** Deletes changes up to a confirmed place, a few at a time; what may still come into its holes stays. */
export async function purgeChanges(
  reading: Reading,
  changes: ChangeTable,
  place: SerialPlace,
  signal: AbortSignal,
): Promise<void> {
  const session = await openSession(reading.about, 'write', signal);
  const { serial, from } = changes;
  const ends = place.holes
    .map((hole) => `(${BigInt(hole.from)}::bigint, ${BigInt(hole.to)}::bigint)`)
    .join(', ');
  const open =
    ends && ` AND NOT EXISTS (SELECT 1 FROM (VALUES ${ends}) h(a, b) WHERE ${serial} BETWEEN h.a AND h.b)`;
  const sql = `DELETE FROM ${from} WHERE ${serial} IN (
    SELECT ${serial} FROM ${from} WHERE ${serial} <= ${BigInt(place.serial)}${open} ORDER BY ${serial} LIMIT ${PURGE_ROWS})`;
  try {
    for (let gone = PURGE_ROWS; gone === PURGE_ROWS; )
      ({ count: gone } = await session.query(sql, [], signal));
  } finally {
    await session.close();
  }
}
