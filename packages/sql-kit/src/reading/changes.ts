import type { ReadLimits } from '@qianzhi/plugin-api';
import { CAPTURE_OP } from '../capture/capture.js';
import type { SqlSession } from '../database/session.js';
import type { ChangeReader, ChangeStretch, ChangeTrail } from '../strategies/changes.js';
import { placeAmong } from '../strategies/changes.js';
import type { SerialPlace } from '../strategies/checkpoint.js';
import type { Hole, Moment } from '../strategies/holes.js';
import { instantMs } from '../strategies/watermark-times.js';
import type { ChangeTable } from './change-table.js';
import { createChangedRows } from './changed-rows.js';
import type { Reading } from './reading.js';

/** Sequences of these databases may have another step; a gap that none will fill is given up like any other. */
const STEP = 1n;

/** `writer` opens a session that may write. `owned`: the change table is one of ours. */
export function changeReader(
  reading: Reading,
  changes: ChangeTable,
  writer: (signal: AbortSignal) => Promise<SqlSession>,
  owned: boolean,
): ChangeReader {
  return {
    step: STEP,
    chunkRows: reading.spec.chunkRows,
    truncateOps: changes.truncateOps,
    newest: (signal) => newestPlace(reading, changes, signal),
    stretches: (place, most, follow, limits, signal) =>
      stretches(reading, changes, place, most, follow, limits, signal),
    purge: changes.spec.purge
      ? (place, signal) => purge(changes, place, () => writer(signal), signal)
      : undefined,
    canary: owned ? (op, signal) => writeCanary(reading, changes, op, writer, signal) : undefined,
  };
}

async function writeCanary(
  { dialect }: Reading,
  { from }: ChangeTable,
  op: string,
  writer: (signal: AbortSignal) => Promise<SqlSession>,
  signal: AbortSignal,
): Promise<void> {
  await using session = await writer(signal);
  const column = dialect.quoted(dialect.newName(CAPTURE_OP));
  await session.begin('write', signal);
  await session.query(`INSERT INTO ${from} (${column}) VALUES ('${op}')`, [], signal);
  await session.commit(signal);
}

/** What the database says of its transactions, told apart by the time they began. Taken before the rows are read. */
async function momentOf(
  { dialect }: Reading,
  { spec }: ChangeTable,
  session: SqlSession,
  signal: AbortSignal,
): Promise<Moment> {
  const { now, oldest } = await dialect.horizon(session, signal);
  const ms = instantMs(now);
  return {
    oldest: BigInt(oldest === null ? ms : Math.min(ms, instantMs(oldest))),
    next: BigInt(ms) + 1n,
    ms,
    settleMs: spec.settleSeconds * 1000,
  };
}

/** So many serials below the newest may still be uncommitted when a copy begins. */
const LOOK_BACK = 10_000n;

/** The newest serial, and every hole among the last ones. */
async function newestPlace(
  reading: Reading,
  changes: ChangeTable,
  signal: AbortSignal,
): Promise<SerialPlace> {
  const { from, serial, serialText } = changes;
  const session = await reading.session(signal);
  const moment = await momentOf(reading, changes, session, signal);
  const newest = await session.query(`SELECT ${serialText(`max(${serial})`)} FROM ${from}`, [], signal);
  const highest = BigInt(String(newest.rows[0]?.[0] ?? 0));
  let last = highest > LOOK_BACK ? highest - LOOK_BACK : 0n;
  const sql = `SELECT ${serialText(serial)} FROM ${from} WHERE ${serial} > ${last} ORDER BY ${serial}`;
  const gaps: { from: bigint; to: bigint }[] = [];
  for await (const rows of session.stream(sql, [], signal)) {
    for (const [cell] of rows) {
      const found = BigInt(String(cell));
      if (found - last > STEP) gaps.push({ from: last + 1n, to: found - 1n });
      last = found;
    }
  }
  return placeAmong(last > highest ? last : highest, gaps, STEP, moment);
}

async function* stretches(
  reading: Reading,
  changes: ChangeTable,
  place: SerialPlace,
  most: number,
  follow: (moment: Moment) => ChangeTrail,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<ChangeStretch> {
  const { dialect, projection } = reading;
  const session = await reading.session(signal);
  const trail = follow(await momentOf(reading, changes, session, signal));
  const changed = createChangedRows(projection, changes.deletes);
  let taken = 0;
  const stretch = (): ChangeStretch => {
    const done = { ...changed.take(), taken, place: trail.place() };
    taken = 0;
    return done;
  };
  const serial = `c.${changes.serial}`;
  const rest = `${changes.join} WHERE ${serialsIn(serial, place)} ORDER BY ${serial}`;
  read: for await (const rows of session.stream(dialect.limited(changes.list, rest, most), [], signal)) {
    for (const cells of rows) {
      if (changed.bytes >= limits.blockBytes) yield stretch();
      const passed = trail.passes(String(cells[0]), String(cells[1]));
      if (passed === 'end') break read;
      if (passed === 'row') changed.write(cells[2] === 'D', cells.slice(3));
      taken++;
    }
  }
  yield stretch();
}

function serialsIn(serial: string, { serial: behind, holes }: SerialPlace): string {
  return `(${[`${serial} > ${BigInt(behind)}`, ...holes.map((hole) => within(serial, hole))].join(' OR ')})`;
}

function within(serial: string, { from, to }: Hole): string {
  return `${serial} BETWEEN ${BigInt(from)} AND ${BigInt(to)}`;
}

/** In one statement: what is confirmed, but nothing that may still come into the holes. */
async function purge(
  { from, serial }: ChangeTable,
  place: SerialPlace,
  open: () => Promise<SqlSession>,
  signal: AbortSignal,
): Promise<void> {
  const holes = place.holes.map((hole) => ` AND NOT ${within(serial, hole)}`);
  const sql = `DELETE FROM ${from} WHERE ${serial} <= ${BigInt(place.serial)}${holes.join('')}`;
  const session = await open();
  try {
    await session.begin('write', signal);
    await session.query(sql, [], signal);
    await session.commit(signal);
  } catch (error) {
    await session.rollback();
    throw error;
  } finally {
    await session[Symbol.asyncDispose]();
  }
}
