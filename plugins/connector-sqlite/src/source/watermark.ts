import type { ReadLimits } from '@qianzhi/plugin-api';
import {
  condition,
  earlier,
  type GoingPlace,
  type IncrementStretch,
  requireZone,
  unfitFor,
  type WatermarkLook,
  type WatermarkReader,
  watermarkColumnOf,
} from '@qianzhi/sql-kit';
import type { TimeFormat } from '../config.js';
import { whenFree } from '../file/pace.js';
import { columnOf } from '../file/table.js';
import { quoted } from '../identifier.js';
import { boundMark, clockMark, markBefore, markOf } from './mark.js';
import { after, type Bound, type KeyPart } from './order.js';
import type { Reading } from './reading.js';
import { createSliceReader, type SliceQuery } from './slice.js';
import { walk } from './walk.js';

interface Column {
  /** Quoted. */
  readonly term: string;
  readonly format: TimeFormat;
  readonly zone: string;
  readonly overlapSeconds: number;
}

/**
 * SQLite does not tell of other programs' open transactions: the overlap must exceed the longest one. Throws STRATEGY_UNFIT or
 * COLUMN_MISSING (config) before anything is read.
 */
export function watermarkReader(reading: Reading): WatermarkReader {
  const { table, projection, context } = reading;
  const { spec, column: found } = watermarkColumnOf({
    table: reading,
    find(name) {
      const column = columnOf(table, name);
      return column && { ...column, nativeType: column.declared };
    },
    // a column holds whatever was put into it: what is no time is counted and told
    isTime: () => true,
    isIndexed: ({ name }) =>
      table.indexes.some((index) => index.columns[0]?.toLowerCase() === name.toLowerCase()),
  });
  const item = projection.items.find((each) => each.column === quoted(found.name))?.item;
  const column: Column = {
    term: quoted(found.name),
    format: spec.format ?? (item && reading.spec.timeFormats?.[item.column]) ?? 'text',
    zone: spec.zone ?? reading.spec.zone ?? context.timeZone,
    overlapSeconds: spec.overlapSeconds,
  };
  requireZone(column.zone, unfitFor(reading));
  return {
    column: spec.column,
    overlapSeconds: spec.overlapSeconds,
    // a slice ends between keys alone, so that it can go on behind any of them
    ties: false,
    look: (mark, lost, signal) =>
      whenFree(() => look(reading, column, mark, lost), reading.about, reading.busyTimeoutMs, signal),
    stretches: (place, carries, limits, signal) => stretches(reading, column, place, carries, limits, signal),
  };
}

function look(
  reading: Reading,
  column: Column,
  before: string | null,
  lost: (databaseMs: number) => number,
): WatermarkLook {
  const { format, zone, overlapSeconds } = column;
  const databaseMs = reading.context.now().getTime();
  const now = clockMark(databaseMs, format, zone, newest(reading, column, undefined));
  const mark = before === null ? null : earlier(before, now);
  const next = newest(reading, column, now);
  return {
    now,
    mark,
    lower: mark === null ? null : markBefore(mark, overlapSeconds + lost(databaseMs), format),
    next,
    keepFrom: next === null ? null : markBefore(next, overlapSeconds, format),
    databaseMs,
    heldSeconds: 0,
    odd: countOddTimes(reading, column, now),
  };
}

function countOddTimes(reading: Reading, { term, format }: Column, now: string): WatermarkLook['odd'] {
  const isText = format === 'text';
  const count = (sql: string, ...values: Bound[]): number =>
    Number(
      reading.db
        .prepare<Bound[]>(`SELECT count(*) FROM ${reading.from} WHERE (${sql})${condition(reading)}`)
        .pluck()
        .get(...values),
    );
  return {
    missing: count(`${term} IS NULL`),
    future: count(`${term} > ? AND ${term} < ${isText ? "x''" : "''"}`, boundMark(now)),
    unreadable: count(isText ? `${term} < '' OR ${term} >= x''` : `${term} >= ''`),
  };
}

/** The newest time of the right kind, not behind `upTo`; null for an empty table. */
function newest(reading: Reading, { term, format }: Column, upTo: string | undefined): string | null {
  const kind = format === 'text' ? `${term} >= '' AND ${term} < x''` : `${term} < ''`;
  const sql = `SELECT max(${term}) FROM ${reading.from} WHERE ${kind}${upTo === undefined ? '' : ` AND ${term} <= ?`}${condition(reading)}`;
  const values = upTo === undefined ? [] : [boundMark(upTo)];
  const found = reading.db
    .prepare<Bound[]>(sql)
    .pluck()
    .safeIntegers()
    .get(...values) as Bound | undefined;
  return found === undefined || found === null ? null : markOf(found);
}

async function* stretches(
  reading: Reading,
  { term }: Column,
  { lower, going, after: start }: GoingPlace,
  carries: (time: string, row: Uint8Array) => boolean,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<IncrementStretch> {
  const { db, projection, order, about, busyTimeoutMs } = reading;
  const terms = [term, ...order.terms.filter((each) => each !== term)];
  const query = (key: readonly KeyPart[] | undefined): SliceQuery => {
    const behind = key ? after(terms, key) : { sql: '1', values: [] };
    return {
      body: `FROM ${reading.from} WHERE ${lower === null ? `${term} IS NOT NULL` : `${term} >= ?`} AND ${term} <= ? AND (${behind.sql})${condition(reading)} ORDER BY ${terms.join(', ')}`,
      values: [...(lower === null ? [] : [boundMark(lower)]), boundMark(going.upTo), ...behind.values],
      terms,
      ties: !order.total,
    };
  };
  let lastTime = '';
  const keep = (row: Uint8Array, time: Bound) => {
    lastTime = markOf(time!);
    return carries(lastTime, row);
  };
  const reader = createSliceReader(db, projection, 'U', about, busyTimeoutMs, keep);
  for await (const stretch of walk(reader, query, start, limits, about.doing, signal))
    yield { ...stretch, last: stretch.last ?? [], lastTime };
}
