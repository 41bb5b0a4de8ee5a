import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import {
  type Clocks,
  checkpointOf,
  openWindow,
  type WatermarkPlace,
  WINDOW_ROWS,
  type Window,
} from '@qianzhi/sql-kit';
import { copyOut } from '../connection/copy-out.js';
import type { Session } from '../connection/session.js';
import { literal } from '../identifier.js';
import { type FinishedRows, finishRows, type Keep } from './finish.js';
import { after, type Key, orderBy } from './order.js';
import { selectList } from './projection.js';
import { condition, note, type Reading } from './reading.js';
import { findUntranslatable, isUntranslatable } from './untranslatable.js';
import type { WatermarkColumn } from './watermark-column.js';

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
  const session = await reading.sessions.take(signal);
  try {
    yield* incrementBlocks(reading, column, place, session, limits, signal);
  } finally {
    await reading.sessions.give(session);
  }
}

async function* incrementBlocks(
  reading: Reading,
  column: WatermarkColumn,
  place: GoingPlace,
  session: Session,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const window = openWindow(place.seen, reading.projection.keyFields);
  let counted = 0;
  let taken = 0;
  // made before more rows come, which its checkpoint must not know of; held until it is known to be the last
  let held: RowsBlock | undefined;
  for await (const stretch of windowStretches(reading, column, place, window, session, limits, signal)) {
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
  const ended = { checkpoint: checkpointOf(reading.strategy, placeBehind(place, window)) };
  if (held) yield cut ? held : { ...held, ...ended };
  else if (place.after) yield { ...emptyDelta, ...ended };
}

const emptyDelta = {
  kind: 'rows',
  phase: 'delta',
  bytes: new Uint8Array(0),
  rows: 0,
  repeated: 0,
  rejected: [],
} as const satisfies Partial<RowsBlock>;

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
  const passed = !ties && place.seenTo !== null && last[0] !== null && last[0]! > place.seenTo;
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
  column: WatermarkColumn,
  place: GoingPlace,
  window: Window,
  session: Session,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<FinishedRows> {
  const { terms, ties, indexed } = column;
  const { keepFrom } = place.going;
  const form = {
    projection: reading.projection,
    checksText: reading.checksText,
    prefix: terms.length,
    wanted: [],
  };
  const carries = (time: string, row: Uint8Array) => {
    const known = place.seenTo !== null && time <= place.seenTo;
    const needed = known || keepFrom === null || time >= keepFrom;
    return !needed || window.carry(row, time);
  };
  const keep: Keep = (bytes, start, content, end) =>
    carries(bytes.toString('latin1', start, bytes.indexOf(9, start)), bytes.subarray(content, end));
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  let key = place.after;
  while (left > 0) {
    const most = ties || !indexed ? left : Math.min(left, reading.spec.chunkRows);
    let taken = 0;
    const conditions = conditionsOf(column, place, key);
    const sql = statement(reading, terms, conditions, most);
    try {
      for await (const copied of copyOut(session, sql, { blockBytes: limits.blockBytes }, signal)) {
        const finished = finishRows(copied, form, keep);
        taken += finished.taken;
        key = finished.last;
        yield finished;
      }
    } catch (error) {
      if (ties || !isUntranslatable(error)) throw error;
      const found = await findUntranslatable(reading, terms, conditionsOf(column, place, key), 'U', signal);
      if (!found) throw error;
      key = found.key;
      left -= taken + 1;
      // one that was told of before is repeated, as a good row would be
      const isNew = carries(key[0] ?? '', found.rejection.bytes);
      yield {
        bytes: Buffer.alloc(0),
        rows: 0,
        rejected: isNew ? [found.rejection] : [],
        taken: 1,
        last: key,
      };
      continue;
    }
    if (taken < most) return;
    left -= taken;
  }
}

function conditionsOf(
  { terms, term }: WatermarkColumn,
  { going, lower }: GoingPlace,
  key: Key | undefined,
): readonly string[] {
  const value = (text: string) => `${literal(text)}::${term.column.castType}`;
  return [
    `${term.name} <= ${value(going.upTo)}`,
    lower === null ? `isfinite(${term.name})` : `${term.name} >= ${value(lower)}`,
    ...(key ? [`(${after(terms, key)})`] : []),
  ];
}

function statement(
  reading: Reading,
  terms: WatermarkColumn['terms'],
  conditions: readonly string[],
  most: number,
): string {
  const list = [...terms.map((each) => each.name), selectList(reading.projection, 'U')].join(', ');
  const limit = Number.isFinite(most) ? ` LIMIT ${most}` : '';
  return `COPY (SELECT ${list} FROM ${reading.from} WHERE ${conditions.join(' AND ')}${condition(reading.spec)} ${orderBy(terms)}${limit}) TO STDOUT`;
}
