import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { formatOf, openWindow, WINDOW_ROWS, type Window } from '@qianzhi/sql-kit';
import type { TimeFormat, WatermarkSpec } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { whenFree } from '../file/pace.js';
import { columnOf } from '../file/table.js';
import { quoted } from '../identifier.js';
import { checkpointOf, type Place, type WatermarkPlace } from './checkpoint.js';
import { clockMark, markBefore, notBefore } from './mark.js';
import { after, type Bound, type KeyPart, keyPart } from './order.js';
import { condition, note, type Reading } from './reading.js';
import { createSliceReader, type SliceQuery } from './slice.js';
import { readSnapshot, snapshotStart } from './snapshot.js';
import { walk } from './walk.js';

interface Column {
  readonly term: string;
  readonly format: TimeFormat;
  readonly zone: string;
  readonly spec: WatermarkSpec;
}

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export function watermarkColumn(reading: Reading): Column {
  const { spec, table, context, projection } = reading;
  const unfit = (zh: string, en: string) =>
    sqliteErrors.STRATEGY_UNFIT({ strategy: 'watermark', table: table.name, problem: { zh, en } });
  if (!spec.watermark) throw unfit('没有给出 source.watermark', 'source.watermark is not given');
  if (projection.keyFields.length === 0) throw unfit('该资源没有主键信息项', 'the resource has no key items');
  const column = columnOf(table, spec.watermark.column);
  if (!column)
    throw sqliteErrors.COLUMN_MISSING({
      table: table.name,
      column: spec.watermark.column,
      item: 'watermark',
    });
  const item = projection.items.find((each) => each.column === quoted(column.name))?.item;
  const zone = spec.watermark.zone ?? spec.zone ?? context.timeZone;
  try {
    formatOf(zone);
  } catch {
    throw unfit(`时区 ${zone} 无法识别`, `zone ${zone} is unknown`);
  }
  const format = spec.watermark.format ?? (item && spec.timeFormats?.[item.column]) ?? 'text';
  if (!table.indexes.some((index) => index.columns[0]?.toLowerCase() === column.name.toLowerCase())) {
    context.log.warn(
      { table: table.name, column: column.name },
      'watermark column has no index: each read scans the whole table',
    );
  }
  return { term: quoted(column.name), format, zone, spec: spec.watermark };
}

/**
 * First a full copy, its mark taken before the first row; then what lies behind the mark less the overlap and not
 * behind the clock. Rows that stay the same inside the overlap are left out and counted as repeated.
 * SQLite does not tell of other programs' open transactions: the overlap must exceed the longest one.
 */
export async function* readWatermark(
  reading: Reading,
  column: Column,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const look = () => {
    const now = clockMark(
      reading.context.now(),
      column.format,
      column.zone,
      newest(reading, column, undefined),
    );
    countOddTimes(reading, column, now);
    return { clock: now, mark: newest(reading, column, now) };
  };
  const { clock, mark } = await whenFree(look, reading.about, reading.busyTimeoutMs, signal);
  if (from?.phase === 'watermark') {
    yield* readIncrement(reading, column, from, clock, limits, signal);
    return;
  }
  let place = from?.phase === 'snapshot' ? from : undefined;
  if (!place) {
    place = await snapshotStart(reading, signal, mark, await rememberWindow(reading, column, mark, signal));
  }
  const then: WatermarkPlace = { phase: 'watermark', mark: place.mark as KeyPart, seen: place.seen ?? '' };
  yield* readSnapshot(reading, place, then, limits, signal);
}

async function* readIncrement(
  reading: Reading,
  column: Column,
  place: WatermarkPlace,
  clock: Bound,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const window = openWindow(place.seen, reading.projection.keyFields);
  const upTo = place.upTo ?? keyPart(clock);
  let mark = place.after?.[0] ?? place.mark;
  let counted = 0;
  for await (const stretch of windowWalk(reading, column, place, upTo, window, limits, signal)) {
    if (stretch.taken > 0) mark = stretch.last?.[0] ?? mark;
    const lower = stretch.ended ? markBefore(mark, column.spec.overlapSeconds, column.format) : null;
    const next: WatermarkPlace = stretch.ended
      ? {
          phase: 'watermark',
          mark,
          seen: window.packEnd((seen) => notBefore(JSON.parse(seen), lower), place.after !== undefined),
        }
      : { phase: 'watermark', mark: place.mark, upTo, after: stretch.last, seen: window.packAll() };
    const repeated = window.repeated - counted;
    counted = window.repeated;
    note(reading, 'overlap-too-full', window.overflow, {
      table: reading.table.name,
      remembered: WINDOW_ROWS,
    });
    if (stretch.taken === 0 && place.after === undefined) continue;
    yield {
      kind: 'rows',
      phase: 'delta',
      bytes: stretch.bytes,
      rows: stretch.rows,
      repeated,
      rejected: stretch.rejected,
      checkpoint: checkpointOf(reading.strategy, next),
    };
  }
}

/** Before the first copy: what the window holds now is carried by the copy, and is repeated if it stays the same. */
async function rememberWindow(
  reading: Reading,
  column: Column,
  mark: KeyPart,
  signal: AbortSignal,
): Promise<string> {
  if (mark === null) return '';
  const window = openWindow('', reading.projection.keyFields);
  const place: WatermarkPlace = { phase: 'watermark', mark, seen: '' };
  const limits = { blockBytes: 1024 * 1024, maxRows: WINDOW_ROWS };
  for await (const _ of windowWalk(reading, column, place, mark, window, limits, signal));
  return window.packAll();
}

function windowWalk(
  reading: Reading,
  column: Column,
  place: WatermarkPlace,
  upTo: KeyPart,
  window: Window,
  limits: ReadLimits,
  signal: AbortSignal,
) {
  const terms = [column.term, ...reading.order.terms.filter((term) => term !== column.term)];
  const lower =
    place.mark === null ? null : markBefore(place.mark, column.spec.overlapSeconds, column.format);
  const bounds = lower === null ? `${column.term} IS NOT NULL` : `${column.term} >= ?`;
  const queryAfter = (key: readonly KeyPart[] | undefined): SliceQuery => {
    const behind = key ? after(terms, key) : { sql: '1', values: [] };
    return {
      body: `FROM ${reading.from} WHERE ${bounds} AND ${column.term} <= ? AND (${behind.sql})${condition(reading)} ORDER BY ${terms.join(', ')}`,
      values: [...(lower === null ? [] : [lower]), boundMark(upTo), ...behind.values],
      terms,
      ties: !reading.order.total,
    };
  };
  const keep = (row: Uint8Array, term: Bound) => window.carry(row, JSON.stringify(keyPart(term)));
  const reader = createSliceReader(
    reading.db,
    reading.projection,
    'U',
    reading.about,
    reading.busyTimeoutMs,
    keep,
  );
  return walk(reader, queryAfter, place.after, limits, reading.about.doing, signal);
}

function boundMark(mark: KeyPart): Bound {
  if (mark === null || 'b' in mark) return null;
  if ('i' in mark) return BigInt(mark.i);
  return 'r' in mark ? mark.r : Buffer.from(mark.t, 'base64').toString();
}

/** Times that cannot be read in order: alarmed, and read once they are set right or the clock has passed them. */
function countOddTimes(reading: Reading, column: Column, clock: Bound): void {
  const { term } = column;
  const other = column.format === 'text' ? `${term} < '' OR ${term} >= x''` : `${term} >= ''`;
  const future = column.format === 'text' ? `${term} > ? AND ${term} < x''` : `${term} > ? AND ${term} < ''`;
  const count = (sql: string, ...values: Bound[]): number =>
    Number(
      reading.db
        .prepare<Bound[]>(`SELECT count(*) FROM ${reading.from} WHERE (${sql})${condition(reading)}`)
        .pluck()
        .get(...values),
    );
  const details = { table: reading.table.name, column: column.spec.column };
  note(reading, 'time-null', count(`${term} IS NULL`), details);
  note(reading, 'time-future', count(future, clock), details);
  note(reading, 'time-unreadable', count(other), details);
}

/** The newest time of the right kind, not behind `upTo`; null for an empty table. */
function newest(reading: Reading, column: Column, upTo: Bound | undefined): KeyPart {
  const { term } = column;
  const kind = column.format === 'text' ? `${term} >= '' AND ${term} < x''` : `${term} < ''`;
  const sql = `SELECT max(${term}) FROM ${reading.from} WHERE ${kind}${upTo === undefined ? '' : ` AND ${term} <= ?`}${condition(reading)}`;
  const values = upTo === undefined ? [] : [upTo];
  return keyPart(
    (reading.db
      .prepare<Bound[]>(sql)
      .pluck()
      .safeIntegers()
      .get(...values) as Bound) ?? null,
  );
}
