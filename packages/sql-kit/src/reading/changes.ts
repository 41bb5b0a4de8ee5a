import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { createRowWriter } from '@qianzhi/rows';
import { createPlaces, qualified } from '../database/dialect.js';
import type { SqlRow, SqlSession } from '../database/session.js';
import type { ChangeTable } from './change-table.js';
import { checkpointOf, type Place, type SerialPlace } from './checkpoint.js';
import { followTrail, type Hole } from './holes.js';
import { MEASURES } from './projection.js';
import type { Reading } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';
import { writeRow } from './write-row.js';

/**
 * First a full copy, its place in the change table taken before; then each change, with the row as it is now. Serials do not
 * commit in their order: one that is missing is looked for again until it is settled.
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
  const start =
    place?.phase === 'snapshot'
      ? place
      : snapshotStart(await newestPlace(reading, changes, await reading.session(signal), signal));
  yield* readSnapshot(reading, start, limits, signal);
}

/** So many serials below the newest may still be uncommitted when a copy begins. */
const LOOK_BACK = 10_000n;

/** The newest serial, and every hole among the last ones. */
async function newestPlace(
  { dialect }: Reading,
  { from, serial, serialText, spec }: ChangeTable,
  session: SqlSession,
  signal: AbortSignal,
): Promise<SerialPlace> {
  const now = await clockMs(dialect.horizon(session, signal));
  const newest = await session.query(`SELECT ${serialText(`max(${serial})`)} FROM ${from}`, [], signal);
  const highest = BigInt(String(newest.rows[0]?.[0] ?? 0));
  const first = highest > LOOK_BACK ? highest - LOOK_BACK : 0n;
  const trail = followTrail(first, [], now, spec.settleSeconds * 1000);
  const sql = `SELECT ${serialText(serial)} FROM ${from} WHERE ${serial} > ${first} ORDER BY ${serial}`;
  for await (const rows of session.stream(sql, [], signal))
    for (const [found] of rows) trail.passed(BigInt(String(found)));
  return {
    phase: 'changes',
    serial: String(trail.serial > highest ? trail.serial : highest),
    holes: trail.holes(),
  };
}

async function clockMs(horizon: ReturnType<Reading['dialect']['horizon']>): Promise<number> {
  const { now } = await horizon;
  const [date, time] = now.split(' ');
  return Date.parse(`${date}T${time?.slice(0, 8)}Z`);
}

/** Answers true where a truncation was met: what follows is a full copy. */
async function* readSerials(
  reading: Reading,
  changes: ChangeTable,
  start: SerialPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, boolean> {
  const { dialect, spec, projection, strategy } = reading;
  const session = await reading.session(signal);
  const now = await clockMs(dialect.horizon(session, signal));
  const trail = followTrail(BigInt(start.serial), start.holes, now, changes.spec.settleSeconds * 1000);
  const writer = createRowWriter();
  let rejected: RowRejection[] = [];
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  const block = (): RowsBlock => {
    const { rows } = writer;
    const place: SerialPlace = { phase: 'changes', serial: String(trail.serial), holes: trail.holes() };
    const checkpoint = checkpointOf(strategy, place);
    const done = { bytes: writer.take(), rows, rejected };
    rejected = [];
    return { kind: 'rows', phase: 'delta', ...done, repeated: 0, checkpoint };
  };
  const write = (cells: SqlRow): void => {
    const [, , op, ...rest] = cells;
    const row = writer.rows + rejected.length;
    const width = MEASURES + projection.items.filter(({ column }) => column).length;
    const gone = op === 'D';
    const refused = gone
      ? writeRow(writer, 'D', rest, width, changes.deletes, row)
      : writeRow(writer, 'U', rest, 0, projection, row);
    if (refused) rejected.push(refused);
  };
  let holes = start.holes;
  for (;;) {
    const most = Math.min(left, spec.chunkRows);
    const places = createPlaces(dialect);
    const rest = `${changes.join} WHERE ${serialsIn(`c.${changes.serial}`, trail.serial, holes)} ORDER BY c.${changes.serial}`;
    let taken = 0;
    for await (const rows of session.stream(
      dialect.limited(changes.list, rest, most),
      places.values,
      signal,
    )) {
      for (const cells of rows) {
        if (writer.bytes >= limits.blockBytes) yield block();
        if (changes.truncateOps.has(String(cells[1]))) {
          if (writer.rows + rejected.length > 0) yield block();
          return true;
        }
        write(cells);
        trail.passed(BigInt(String(cells[0])));
        taken++;
      }
    }
    left -= taken;
    holes = trail.holes();
    if (taken < most || left <= 0) break;
  }
  if (writer.rows + rejected.length > 0) yield block();
  return false;
}

function serialsIn(serial: string, behind: bigint, holes: readonly Hole[]): string {
  const ranges = holes.map(({ from, to }) => `${serial} BETWEEN ${BigInt(from)} AND ${BigInt(to)}`);
  return `(${[`${serial} > ${behind}`, ...ranges].join(' OR ')})`;
}

/** Deletes confirmed changes in one statement each; what may still come into the holes stays. */
export async function purgeChanges(
  { dialect, table }: Reading,
  { spec, serial }: ChangeTable,
  place: SerialPlace,
  session: SqlSession,
  signal: AbortSignal,
): Promise<void> {
  const open = place.holes.map(
    ({ from, to }) => ` AND NOT ${serial} BETWEEN ${BigInt(from)} AND ${BigInt(to)}`,
  );
  const from = qualified(dialect, spec.schema ?? table.schema, spec.table);
  await session.begin('write', signal);
  try {
    await session.query(
      `DELETE FROM ${from} WHERE ${serial} <= ${BigInt(place.serial)}${open.join('')}`,
      [],
      signal,
    );
    await session.commit(signal);
  } catch (error) {
    await session.rollback();
    throw error;
  }
}
