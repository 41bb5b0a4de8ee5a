import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import {
  type Clocks,
  type GoingPlace,
  openWindow,
  type Place,
  secondsLost,
  type WatermarkPlace,
  WINDOW_ROWS,
} from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import { askHorizon, type Horizon } from './horizon.js';
import { readIncrement, windowStretches } from './increment.js';
import { askMarks, countOddTimes } from './marks.js';
import { note, type Reading, withSession } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';
import type { WatermarkColumn } from './watermark-column.js';

/**
 * First a full copy, its mark taken before the first row; then what lies behind the mark less the overlap and not
 * behind the database's clock. The mark is the newest time read, but never later than the beginning of the oldest open
 * transaction, which may yet commit rows of that time. Rows that are met again unchanged are left out as repeated.
 */
export async function* readWatermark(
  reading: Reading,
  column: WatermarkColumn,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  if (from?.phase === 'watermark') {
    const look = (session: Session) => lookFrom(reading, column, from, session, signal);
    const place = await withSession(reading, signal, look);
    yield* readIncrement(reading, column, place, limits, signal);
    return;
  }
  let place = from?.phase === 'snapshot' ? from : undefined;
  if (!place) {
    const first = (session: Session) => firstPlace(reading, column, session, signal);
    place = snapshotStart(reading, await withSession(reading, signal, first));
  }
  yield* readSnapshot(reading, place, place.then ?? { phase: 'done' }, limits, signal);
}

async function lookFrom(
  reading: Reading,
  column: WatermarkColumn,
  place: WatermarkPlace,
  session: Session,
  signal: AbortSignal,
): Promise<GoingPlace> {
  const horizon = await ask(reading, column, session, signal);
  const stepSeconds = steppedBack(reading, place.clocks, horizon.clockMs);
  const marks = await askMarks(reading, column, place.mark, stepSeconds, horizon, session, signal);
  await countOddTimes(reading, column, horizon.now, session, signal);
  return {
    ...place,
    mark: marks.mark,
    lower: marks.lower,
    clocksNow: clocksNow(reading, horizon),
    going: place.going ?? { upTo: horizon.now, next: marks.next, keepFrom: marks.keepFrom },
  };
}

/** Before the first copy: what the window holds now is carried by the copy, and is repeated if it stays the same. */
async function firstPlace(
  reading: Reading,
  column: WatermarkColumn,
  session: Session,
  signal: AbortSignal,
): Promise<WatermarkPlace> {
  const horizon = await ask(reading, column, session, signal);
  const marks = await askMarks(reading, column, null, 0, horizon, session, signal);
  await countOddTimes(reading, column, horizon.now, session, signal);
  const clocks = clocksNow(reading, horizon);
  const place: WatermarkPlace = { phase: 'watermark', mark: marks.next, clocks, seen: '', seenTo: null };
  if (marks.next === null) return place;
  const window = openWindow('', reading.projection.keyFields);
  const going = { upTo: horizon.now, next: marks.next, keepFrom: marks.keepFrom };
  const limits = { blockBytes: 1024 * 1024, maxRows: WINDOW_ROWS };
  const whole: GoingPlace = { ...place, going, lower: marks.keepFrom, clocksNow: clocks };
  for await (const _ of windowStretches(reading, column, whole, window, session, limits, signal));
  return { ...place, seen: window.packAll(), seenTo: horizon.now };
}

async function ask(
  reading: Reading,
  column: WatermarkColumn,
  session: Session,
  signal: AbortSignal,
): Promise<Horizon> {
  const { overlapSeconds } = column.spec;
  const horizon = await askHorizon(session, column.toColumn, overlapSeconds, signal);
  const table = reading.table.name;
  const held = horizon.heldSeconds > Math.max(overlapSeconds, 60) ? 1 : 0;
  note(reading, 'mark-held-back', held, { table, seconds: Math.round(horizon.heldSeconds) });
  return horizon;
}

function clocksNow({ context }: Reading, { clockMs }: Horizon): Clocks {
  return { databaseMs: clockMs, agentMs: context.now().getTime() };
}

function steppedBack(reading: Reading, before: Clocks, databaseMs: number): number {
  const agentMs = reading.context.now().getTime();
  const seconds = secondsLost(before, { databaseMs, agentMs });
  note(reading, 'clock-stepped-back', seconds > 0 ? 1 : 0, { table: reading.table.name, seconds });
  return seconds;
}
