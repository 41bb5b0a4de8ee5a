import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import type { Clocks, Place, WatermarkPlace } from './checkpoint.js';
import { copyStart, type TableCopy, walkCopy } from './copy.js';
import {
  carriesOf,
  type GoingPlace,
  type IncrementStretch,
  secondsLost,
  walkIncrement,
} from './increment.js';
import { note, type WalkedTable } from './walked-table.js';
import { openWindow, WINDOW_ROWS } from './window.js';

/** What the database says before an increment is read. Times as it prints the column; null where there is none. */
export interface WatermarkLook {
  /** Its clock: nothing later is read. */
  readonly now: string;
  /** The mark that holds now: never behind the clock. */
  readonly mark: string | null;
  /** Where the increment begins: the mark less the overlap. */
  readonly lower: string | null;
  /** Where the next one starts: the newest time, but never later than an open transaction began, which may yet commit rows. */
  readonly next: string | null;
  /** Rows from here on are met again by the next one. */
  readonly keepFrom: string | null;
  readonly databaseMs: number;
  /** How far an open transaction holds `next` back; 0 where nobody can see it. */
  readonly heldSeconds: number;
  /** Rows whose times cannot be read in order. */
  readonly odd: { readonly missing: number; readonly future: number; readonly unreadable: number };
}

/** How a connector reads by time. */
export interface WatermarkReader {
  readonly column: string;
  readonly overlapSeconds: number;
  /** Rows may be equal in all terms of the order (a view): an increment is then resumed from its beginning. */
  readonly ties: boolean;
  /**
   * Asked before any row is read: what begins later has later times. `lost` answers by how many seconds the clock has stepped back:
   * `lower` lies so much earlier.
   */
  look(
    mark: string | null,
    lost: (databaseMs: number) => number,
    signal: AbortSignal,
  ): Promise<WatermarkLook>;
  /** Rows from the place's `lower` to its `going.upTo`, behind `after`, in the order of their time; without those that `carries` refuses. */
  stretches(
    place: GoingPlace,
    carries: (time: string, row: Uint8Array) => boolean,
    limits: ReadLimits,
    signal: AbortSignal,
  ): AsyncIterable<IncrementStretch>;
}

/**
 * First a full copy, its mark taken before the first row; then what lies behind the mark less the overlap and not
 * behind the database's clock. The mark is the newest time read, but never later than the beginning of the oldest open
 * transaction, which may yet commit rows of that time. Rows that are met again unchanged are left out as repeated.
 */
export async function* walkWatermark(
  table: WalkedTable,
  copy: TableCopy,
  watermark: WatermarkReader,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  if (from?.phase !== 'watermark') {
    const start =
      from?.phase === 'snapshot' ? from : copyStart(copy, await firstPlace(table, watermark, signal));
    yield* walkCopy(table.strategy, copy, start, limits, signal);
    return;
  }
  const { look, clocks } = await lookAround(table, watermark, from, signal);
  const { now: upTo, next, keepFrom, mark, lower } = look;
  const place = { ...from, mark, lower, clocksNow: clocks, going: from.going ?? { upTo, next, keepFrom } };
  const window = openWindow(place.seen, table.projection.keyFields);
  const stretches = watermark.stretches(place, carriesOf(place, window), limits, signal);
  yield* walkIncrement({ strategy: table.strategy, place, ties: watermark.ties, window, stretches }, limits);
  const details = { table: table.table.name, remembered: WINDOW_ROWS };
  note(table, 'overlap-too-full', window.overflow, details);
}

/** Before the first copy: what the window holds now is carried by the copy, and is repeated if it stays the same. */
async function firstPlace(
  table: WalkedTable,
  watermark: WatermarkReader,
  signal: AbortSignal,
): Promise<WatermarkPlace> {
  const { look, clocks } = await lookAround(table, watermark, undefined, signal);
  const { now: upTo, next, keepFrom } = look;
  const place: WatermarkPlace = { phase: 'watermark', mark: next, clocks, seen: '', seenTo: null };
  if (next === null) return place;
  const window = openWindow('', table.projection.keyFields);
  const limits = { blockBytes: 1024 * 1024, maxRows: WINDOW_ROWS };
  const whole: GoingPlace = { ...place, going: { upTo, next, keepFrom }, lower: keepFrom, clocksNow: clocks };
  for await (const _ of watermark.stretches(whole, carriesOf(whole, window), limits, signal));
  return { ...place, seen: window.packAll(), seenTo: upTo };
}

/** Looks, and tells what it found to be odd. */
async function lookAround(
  table: WalkedTable,
  { column, overlapSeconds, look: ask }: WatermarkReader,
  before: WatermarkPlace | undefined,
  signal: AbortSignal,
): Promise<{ readonly look: WatermarkLook; readonly clocks: Clocks }> {
  const { name } = table.table;
  const clocksAt = (databaseMs: number) => ({ databaseMs, agentMs: table.context.now().getTime() });
  const lost = (databaseMs: number) => {
    const seconds = before ? secondsLost(before.clocks, clocksAt(databaseMs)) : 0;
    note(table, 'clock-stepped-back', seconds > 0 ? 1 : 0, { table: name, seconds });
    return seconds;
  };
  const look = await ask(before?.mark ?? null, lost, signal);
  const seconds = Math.round(look.heldSeconds);
  const held = seconds > Math.max(overlapSeconds, 60) ? 1 : 0;
  note(table, 'mark-held-back', held, { table: name, seconds });
  note(table, 'time-null', look.odd.missing, { table: name, column });
  note(table, 'time-future', look.odd.future, { table: name, column });
  note(table, 'time-unreadable', look.odd.unreadable, { table: name, column });
  return { look, clocks: clocksAt(look.databaseMs) };
}
