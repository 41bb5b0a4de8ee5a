import type { ReadLimits } from '@qianzhi/plugin-api';
import {
  CAPTURE_OP,
  type ChangeReader,
  type ChangeStretch,
  type ChangeTrail,
  type Moment,
  placeAmong,
  type SerialPlace,
} from '@qianzhi/sql-kit';
import { openSession, type Session } from '../connection/session.js';
import { CHANGE_PREFIX, type ChangeTable } from './change-table.js';
import { askHorizon } from './horizon.js';
import type { Reading } from './reading.js';
import { encodedRows, formOf } from './statement.js';

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

/**
 * Transactions are told apart by the time they began: the server shows no other number of those that are open. Take it
 * before the rows are read.
 */
async function momentOf(session: Session, signal: AbortSignal): Promise<Moment> {
  const { now, safe } = await askHorizon(session, 0, signal);
  const ms = Number(now / 1000n);
  return { oldest: safe / 1000n, next: BigInt(ms) + 1n, ms };
}

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
  const gaps = edges.rows
    .map((row) => ({ from: BigInt(row['lower'] ?? 0) + 1n, to: BigInt(row['serial'] ?? 0) - 1n }))
    .filter((gap) => gap.to >= gap.from);
  return placeAmong(BigInt(newest.rows[0]?.['serial'] ?? 0), gaps, step, moment);
}

async function* stretches(
  reading: Reading,
  sql: string,
  follow: (moment: Moment) => ChangeTrail,
  { blockBytes }: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<ChangeStretch> {
  const session = await reading.sessions.take(signal);
  try {
    const trail = follow(await momentOf(session, signal));
    const form = {
      ...formOf(reading, [], 'U'),
      prefix: CHANGE_PREFIX,
      op(prefix: () => (string | null)[]) {
        const [serial, op, kind] = prefix();
        if (trail.passes(serial ?? null, op ?? null) !== 'row') return undefined;
        return kind === 'D' ? ('D' as const) : ('U' as const);
      },
      mark: trail.place,
    };
    for await (const block of encodedRows(session, sql, form, blockBytes, {}, signal))
      yield { ...block, place: block.mark! };
  } finally {
    await reading.sessions.give(session);
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
    await session.query(`INSERT INTO ${from} (${CAPTURE_OP}) VALUES ('${op}')`, signal);
  } finally {
    await session.close();
  }
}

const PURGE_ROWS = 2000;

/** A few at a time, named one by one: a range would wait for those who are about to fill a hole. */
async function purge(
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
