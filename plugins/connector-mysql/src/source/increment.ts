import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { rowOffsets } from '@qianzhi/rows';
import {
  type Clocks,
  checkpointOf,
  openWindow,
  type WatermarkPlace,
  WINDOW_ROWS,
  type Window,
} from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import { after, type Key, orderBy } from './order.js';
import { note, type Reading } from './reading.js';
import type { EncodedRows } from './row-encoder.js';
import { encodedRows, formOf, selectStatement } from './statement.js';
import { NO_TIME, timeSql, type WatermarkColumn } from './watermark-column.js';

/** A place whose increment has its end and its next mark; one that is resumed keeps those it had. */
export interface GoingPlace extends WatermarkPlace {
  readonly going: NonNullable<WatermarkPlace['going']>;
  /** Where the increment begins; null for all there is. */
  readonly lower: string | null;
  /** For the place behind the increment; while it is read those of the place before hold. */
  readonly clocksNow: Clocks;
}

/** Reads one increment; every block's checkpoint stands for its own rows alone, also in what it remembers of the window. */
export async function* readIncrement(
  reading: Reading,
  column: WatermarkColumn,
  place: GoingPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const window = openWindow(place.seen, reading.projection.keyFields);
  let counted = 0;
  let taken = 0;
  // made before more rows come, which its checkpoint must not know of; held until it is known to be the last
  let held: RowsBlock | undefined;
  for await (const stretch of windowStretches(reading, column, place, window, limits, signal)) {
    if (held) yield held;
    taken += stretch.taken;
    held = {
      kind: 'rows',
      phase: 'delta',
      bytes: stretch.bytes,
      rows: stretch.rows,
      repeated: window.repeated - counted,
      rejected: stretch.rejected,
      checkpoint: checkpointOf(reading.strategy, placeWithin(column, place, stretch.last, window)),
    };
    counted = window.repeated;
  }
  note(reading, 'overlap-too-full', window.overflow, { table: reading.table.name, remembered: WINDOW_ROWS });
  const cut = taken >= (limits.maxRows ?? Number.POSITIVE_INFINITY);
  const checkpoint = checkpointOf(reading.strategy, placeBehind(place, window));
  if (held) yield cut ? held : { ...held, checkpoint };
  else if (place.after) {
    yield {
      kind: 'rows',
      phase: 'delta',
      bytes: new Uint8Array(0),
      rows: 0,
      repeated: 0,
      rejected: [],
      checkpoint,
    };
  }
}

/** Where the next increment starts: this one is read to its end. */
function placeBehind({ going, after, mark, clocksNow }: GoingPlace, window: Window): WatermarkPlace {
  const { next, keepFrom, upTo } = going;
  const stays = (time: string) => keepFrom === null || time >= keepFrom;
  const seen = window.packEnd(stays, after !== undefined);
  return { phase: 'watermark', mark: next ?? mark, clocks: clocksNow, seen, seenTo: upTo };
}

/** Where this increment goes on. Rows that may be equal in all terms are read once more, and known by their digests. */
function placeWithin(
  { ties }: WatermarkColumn,
  { lower: _, clocksNow: __, ...place }: GoingPlace,
  last: Key,
  window: Window,
): WatermarkPlace {
  const passed = !ties && place.seenTo !== null && last[0] != null && last[0] > place.seenTo;
  // behind what was seen before, only this read's own rows are worth remembering
  const seen = passed ? window.packEnd(() => true, false) : window.packAll();
  return { ...place, ...(!ties && { after: last }), seen };
}

/**
 * The rows from the place's lower end to its upper one, in the order of their time, without those that `window` knows.
 * Only times that an earlier or a later increment may meet again are looked up and remembered.
 */
export async function* windowStretches(
  reading: Reading,
  { terms, term, ties }: WatermarkColumn,
  place: GoingPlace,
  window: Window,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<EncodedRows> {
  const { going, lower, seenTo } = place;
  const carries = (time: string, row: Uint8Array) => {
    const known = seenTo !== null && time <= seenTo;
    const needed = known || going.keepFrom === null || time >= going.keepFrom;
    return !needed || window.carry(row, time);
  };
  const form = { ...formOf(reading, terms, 'U'), firsts: true };
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  let key = place.after;
  while (left > 0) {
    const most = ties ? left : Math.min(left, reading.spec.chunkRows);
    const conditions = [
      `${term.name} <= ${timeSql(going.upTo)}`,
      `${term.name} >= ${lower === null ? NO_TIME : timeSql(lower)}`,
      ...(key ? [`(${after(terms, key)})`] : []),
    ];
    const limit = Number.isFinite(most) ? ` LIMIT ${most}` : '';
    const sql = selectStatement(reading, terms, conditions, `${orderBy(terms)}${limit}`);
    let taken = 0;
    const session: Session = await reading.sessions.take(signal);
    try {
      for await (const block of encodedRows(session, sql, form, limits.blockBytes, {}, signal)) {
        taken += block.taken;
        key = block.last;
        yield filtered(block, carries);
      }
    } finally {
      await reading.sessions.give(session);
    }
    if (taken < most) return;
    left -= taken;
  }
}

/** Squeezes out, in place, the rows that are not to be carried; `firsts` are their times. */
function filtered(block: EncodedRows, carries: (time: string, row: Uint8Array) => boolean): EncodedRows {
  const { bytes, firsts } = block;
  const offsets = rowOffsets(bytes);
  let out = 0;
  let rows = 0;
  for (let row = 0; row < block.rows; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (!carries(firsts[row] ?? '', bytes.subarray(start, end))) continue;
    bytes.copyWithin(out, start, end);
    out += end - start;
    rows++;
  }
  return { ...block, bytes: bytes.subarray(0, out), rows };
}
