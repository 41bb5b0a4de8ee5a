import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import {
  carriesOf,
  type GoingPlace,
  openWindow,
  WINDOW_ROWS,
  type Window,
  walkIncrement,
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

/** Reads one increment. */
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
  const stretches = windowStretches(reading, column, place, window, session, limits, signal);
  const { strategy, table } = reading;
  yield* walkIncrement({ strategy, place, ties: column.ties, window, stretches }, limits);
  note(reading, 'overlap-too-full', window.overflow, { table: table.name, remembered: WINDOW_ROWS });
}

/**
 * The rows from the place's lower end to its upper one, in the order of their time, without those that `window` knows.
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
  const form = {
    projection: reading.projection,
    checksText: reading.checksText,
    prefix: terms.length,
    wanted: [],
  };
  const carries = carriesOf(place, window);
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
