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
import { askHorizon, type Horizon, SECOND } from './horizon.js';
import { readIncrement, windowStretches } from './increment.js';
import { askMarks, countOddTimes, type Marks } from './marks.js';
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
    yield* readIncrement(reading, column, await placeFrom(reading, column, from, signal), limits, signal);
    return;
  }
  const place =
    from?.phase === 'snapshot' ? from : snapshotStart(reading, await firstPlace(reading, column, signal));
  yield* readSnapshot(reading, place, place.then ?? { phase: 'done' }, limits, signal);
}

async function placeFrom(
  reading: Reading,
  column: WatermarkColumn,
  place: WatermarkPlace,
  signal: AbortSignal,
): Promise<GoingPlace> {
  const { marks, clocksNow } = await look(reading, column, place, signal);
  return {
    ...place,
    mark: marks.mark,
    lower: marks.lower,
    clocksNow,
    going: place.going ?? { upTo: marks.now, next: marks.next, keepFrom: marks.keepFrom },
  };
}

/** Before the first copy: what the window holds now is carried by the copy, and is repeated if it stays the same. */
async function firstPlace(
  reading: Reading,
  column: WatermarkColumn,
  signal: AbortSignal,
): Promise<WatermarkPlace> {
  const { marks, clocksNow: clocks } = await look(reading, column, undefined, signal);
  const place: WatermarkPlace = { phase: 'watermark', mark: marks.next, clocks, seen: '', seenTo: null };
  if (marks.next === null) return place;
  const window = openWindow('', reading.projection.keyFields);
  const going = { upTo: marks.now, next: marks.next, keepFrom: marks.keepFrom };
  const limits = { blockBytes: 1024 * 1024, maxRows: WINDOW_ROWS };
  const whole: GoingPlace = { ...place, going, lower: marks.keepFrom, clocksNow: clocks };
  for await (const _ of windowStretches(reading, column, whole, window, limits, signal));
  return { ...place, seen: window.packAll(), seenTo: marks.now };
}

function look(
  reading: Reading,
  column: WatermarkColumn,
  before: WatermarkPlace | undefined,
  signal: AbortSignal,
): Promise<{ readonly marks: Marks; readonly clocksNow: Clocks }> {
  const { overlapSeconds } = column.spec;
  return withSession(reading, signal, async (session: Session) => {
    const horizon = await askHorizon(session, overlapSeconds, signal);
    tellHeld(reading, horizon, overlapSeconds);
    const clocksNow = { databaseMs: Number(horizon.now / 1000n), agentMs: reading.context.now().getTime() };
    const step = before ? steppedBack(reading, before.clocks, clocksNow) : 0;
    const marks = await askMarks(reading, column, before?.mark ?? null, step, horizon, session, signal);
    await countOddTimes(reading, column, marks.now, session, signal);
    return { marks, clocksNow };
  });
}

function tellHeld(reading: Reading, { now, safe, hidden }: Horizon, overlapSeconds: number): void {
  const seconds = Number((now - safe) / SECOND);
  const held = !hidden && seconds > Math.max(overlapSeconds, 60) ? 1 : 0;
  note(reading, 'mark-held-back', held, { table: reading.table.name, seconds });
}

function steppedBack(reading: Reading, before: Clocks, now: Clocks): number {
  const seconds = secondsLost(before, now);
  note(reading, 'clock-stepped-back', seconds > 0 ? 1 : 0, { table: reading.table.name, seconds });
  return seconds;
}
