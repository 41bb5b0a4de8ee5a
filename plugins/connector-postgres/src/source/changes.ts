import type { ReadLimits } from '@qianzhi/plugin-api';
import {
  CAPTURE_OP,
  type ChangeReader,
  type ChangeStretch,
  type ChangeTrail,
  fieldValues,
  type Moment,
  placeAmong,
  type SerialPlace,
} from '@qianzhi/sql-kit';
import { copyOut } from '../connection/copy-out.js';
import { openSession, type Session } from '../connection/session.js';
import { CHANGE_PREFIX, type ChangeTable } from './change-table.js';
import { finishRows, type Keep } from './finish.js';
import type { Reading } from './reading.js';

/** `owned`: the change table is one of ours, and may be written. */
export function changeReader(reading: Reading, changes: ChangeTable, owned: boolean): ChangeReader {
  return {
    step: changes.step,
    chunkRows: reading.spec.chunkRows,
    truncateOps: changes.truncateOps,
    newest: (signal) => reading.sessions.use(signal, (session) => newestPlace(changes, session, signal)),
    stretches: (place, most, follow, limits, signal) =>
      stretches(reading, changes.select(place, most), follow, limits, signal),
    purge: changes.spec.purge ? (place, signal) => purge(reading, changes, place, signal) : undefined,
    canary: owned ? (op, signal) => writeCanary(reading, changes, op, signal) : undefined,
  };
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
  const gaps = rows
    .map((row) => ({ from: BigInt(row.before ?? 0) + 1n, to: BigInt(row.serial!) - 1n }))
    .filter(({ from, to }) => to - from + 2n > changes.step);
  return placeAmong(BigInt(rows.at(-1)?.newest ?? 0), gaps, changes.step, moment);
}

async function* stretches(
  reading: Reading,
  sql: string,
  follow: (moment: Moment) => ChangeTrail,
  { blockBytes }: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<ChangeStretch> {
  const { projection, checksText, sessions } = reading;
  const form = { projection, checksText, prefix: CHANGE_PREFIX, wanted: [] };
  const session = await sessions.take(signal);
  let done = false;
  try {
    const trail = follow(await beginMoment(session, signal));
    const keep: Keep = (bytes, start, content) => {
      const [serial, op] = fieldValues(bytes, start, content - 1, [0, 1]);
      return trail.passes(serial ?? null, op ?? null) === 'row';
    };
    for await (const copied of copyOut(session, `COPY (${sql}) TO STDOUT`, { blockBytes }, signal))
      yield { ...finishRows(copied, form, keep), place: trail.place() };
    await session.query('COMMIT', [], signal);
    done = true;
  } finally {
    // a session that is left in its transaction is of no more use
    if (!done) session.abandon();
    await sessions.give(session);
  }
}

async function writeCanary(
  { about }: Reading,
  { from }: ChangeTable,
  op: string,
  signal: AbortSignal,
): Promise<void> {
  const session = await openSession(about, 'write', signal);
  try {
    await session.query(`INSERT INTO ${from} (${CAPTURE_OP}) VALUES ('${op}')`, [], signal);
  } finally {
    await session.close();
  }
}

const PURGE_ROWS = 5000;

/** A few at a time. */
async function purge(
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
