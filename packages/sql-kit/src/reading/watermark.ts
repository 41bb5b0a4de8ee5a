import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { createPlaces, type Places } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { columnNamed, type SqlColumn } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import type { SqlSource } from '../schemas.js';
import { openWindow, WINDOW_ROWS, type Window } from '../window.js';
import { checkpointOf, type Place, type WatermarkPlace } from './checkpoint.js';
import { textOf, type Walk, walk } from './chunks.js';
import { type Key, type OrderTerm, termOf } from './order.js';
import { condition, note, type Reading } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';
import { columnTime, earlier, isZone, safeTime, secondsBefore } from './watermark-times.js';

type WatermarkSpec = NonNullable<SqlSource['watermark']>;

/** The column that tells when a row changed, checked. */
export interface WatermarkColumn {
  readonly spec: WatermarkSpec;
  readonly zone: string;
  readonly column: SqlColumn;
  /** Column first, then what settles the order of rows. */
  readonly terms: readonly OrderTerm[];
  readonly total: boolean;
}

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export function watermarkColumn(reading: Reading): WatermarkColumn {
  const { spec, table, order, projection, dialect, context } = reading;
  const unfit = (zh: string, en: string) =>
    sourceErrors.STRATEGY_UNFIT({ strategy: 'watermark', table: table.name, problem: { zh, en } });
  if (!spec.watermark) throw unfit('没有给出 source.watermark', 'source.watermark is not given');
  if (projection.keyFields.length === 0) throw unfit('资源没有主键项', 'the resource has no key items');
  if (!order) throw unfit('主键项的类型不能排序', 'the key items are of types without an order');
  const column = columnNamed(table, spec.watermark.column);
  if (!column)
    throw sourceErrors.COLUMN_MISSING({
      table: table.name,
      column: spec.watermark.column,
      item: 'watermark',
    });
  if (!['wall', 'instant', 'date'].includes(column.family))
    throw unfit(
      `列“${column.name}”的类型是 ${column.nativeType},不是日期或时间`,
      `column "${column.name}" is of type ${column.nativeType}, which is no date or time`,
    );
  const zone = spec.watermark.zone ?? reading.zone;
  if (!isZone(zone)) throw unfit(`时区 ${zone} 无法识别`, `zone ${zone} is unknown`);
  if (!table.indexes.some(({ columns }) => columns[0] === column.name)) {
    const facts = { table: table.name, column: column.name };
    context.log.warn(facts, 'watermark column has no index: each read scans the whole table');
  }
  // the bounds of an increment leave NULLs out
  const term = termOf(dialect, { ...column, required: true });
  const terms = [term, ...order.terms.filter((each) => each.column.name !== column.name)];
  return { spec: spec.watermark, zone, column, terms, total: order.total };
}

/** What was found before an increment: nothing behind `now` is read, and the mark never passes `safe`. */
interface Marks {
  readonly now: string;
  readonly next: string | null;
}

/**
 * First a full copy, its mark taken before the first row; then what lies behind the mark less the overlap and not behind the
 * database's clock. The mark never passes the beginning of an open transaction. Rows met again unchanged are `repeated`.
 */
export async function* readWatermark(
  reading: Reading,
  column: WatermarkColumn,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  if (from?.phase === 'snapshot') return yield* readSnapshot(reading, from, limits, signal);
  const session = await reading.session(signal);
  const marks = await askMarks(reading, column, session, signal);
  await countOddTimes(reading, column, marks.now, session, signal);
  if (from?.phase === 'watermark') {
    yield* readIncrement(reading, column, from, marks, session, limits, signal);
    return;
  }
  const { next } = marks;
  const seen = next === null ? '' : await rememberWindow(reading, column, next, marks.now, session, signal);
  yield* readSnapshot(reading, snapshotStart({ phase: 'watermark', mark: next, seen }), limits, signal);
}

async function* readIncrement(
  reading: Reading,
  column: WatermarkColumn,
  place: WatermarkPlace,
  marks: Marks,
  session: SqlSession,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const window = openWindow(place.seen, reading.projection.keyFields);
  const resumed = place.going !== undefined;
  const going = place.going ?? { upTo: marks.now, next: marks.next, after: [] };
  const { overlapSeconds } = column.spec;
  // a clock that stepped back, or a transaction older than the last mark
  const mark = place.mark === null ? null : earlier(place.mark, marks.now);
  const lower = mark === null ? null : secondsBefore(mark, overlapSeconds);
  const plan = windowWalk(reading, column, lower, going.upTo, window);
  let counted = 0;
  const start = going.after.length > 0 ? going.after : undefined;
  for await (const { bytes, rows, rejected, taken, last, ended } of walk(
    reading,
    session,
    plan,
    start,
    limits,
    signal,
  )) {
    const keepFrom = going.next === null ? null : secondsBefore(going.next, overlapSeconds);
    const next: WatermarkPlace = ended
      ? {
          phase: 'watermark',
          mark: going.next ?? place.mark,
          seen: window.packEnd((time) => keepFrom !== null && time >= keepFrom, resumed),
        }
      : { ...place, going: { ...going, after: last ?? [] }, seen: window.packAll() };
    const repeated = window.repeated - counted;
    counted = window.repeated;
    note(reading, 'overlap-too-full', window.overflow, {
      table: reading.table.name,
      remembered: WINDOW_ROWS,
    });
    if (taken === 0 && !resumed) continue;
    const checkpoint = checkpointOf(reading.strategy, next);
    yield { kind: 'rows', phase: 'delta', bytes, rows, repeated, rejected, checkpoint };
  }
}

/** Before the first copy: what the window holds now is carried by the copy, and is repeated if it stays the same. */
async function rememberWindow(
  reading: Reading,
  column: WatermarkColumn,
  mark: string,
  upTo: string,
  session: SqlSession,
  signal: AbortSignal,
): Promise<string> {
  const window = openWindow('', reading.projection.keyFields);
  const plan = windowWalk(reading, column, secondsBefore(mark, column.spec.overlapSeconds), upTo, window);
  const limits = { blockBytes: 1024 * 1024, maxRows: WINDOW_ROWS };
  for await (const _ of walk(reading, session, plan, undefined, limits, signal));
  return window.packAll();
}

function windowWalk(
  { dialect }: Reading,
  { column, terms, total }: WatermarkColumn,
  lower: string | null,
  upTo: string,
  window: Window,
): Walk {
  const { name } = terms[0]!;
  const value = (places: Places, time: string) => dialect.valueOf(column, places.add(asTime(column, time)));
  return {
    op: 'U',
    terms,
    total,
    bounds: (places) => [
      lower === null ? `${name} IS NOT NULL` : `${name} >= ${value(places, lower)}`,
      `${name} <= ${value(places, upTo)}`,
    ],
    keep: (row, key) => window.carry(row, plainTime(key)),
  };
}

/** As `valueOf` wants it. */
function asTime({ family }: SqlColumn, time: string): string {
  return family === 'instant' ? `${time}+00` : time;
}

function plainTime(key: Key): string {
  return spelled(key[0] ?? '');
}

/** As `columnTime` spells it. */
function spelled(time: string): string {
  const plain = time.replace(/ ?\+00(:?00)?$/, '');
  return plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain;
}

async function askMarks(
  reading: Reading,
  { column, zone, terms, spec }: WatermarkColumn,
  session: SqlSession,
  signal: AbortSignal,
): Promise<Marks> {
  const { dialect } = reading;
  const horizon = await dialect.horizon(session, signal);
  const now = columnTime(horizon.now, column.family, zone);
  const oldest = horizon.oldest === null ? null : columnTime(horizon.oldest, column.family, zone);
  const places = createPlaces(dialect);
  const { name } = terms[0]!;
  const bound = dialect.valueOf(column, places.add(asTime(column, now)));
  const newestSql = `SELECT ${dialect.keyText(column, `max(${name})`)} FROM ${reading.from} t WHERE ${name} <= ${bound}${condition(reading)}`;
  const { rows } = await session.query(newestSql, places.values, signal);
  const newest = textOf(rows[0]?.[0] ?? null);
  const safe = safeTime(now, oldest, horizon.seesOthers, spec.overlapSeconds);
  return { now, next: newest === null ? null : earlier(spelled(newest), safe) };
}

/**
 * Times that cannot be read in order: alarmed, and read once they are set right or the clock has passed them. Counted one by
 * one, so that an index finds them.
 */
async function countOddTimes(
  reading: Reading,
  { column, terms }: WatermarkColumn,
  now: string,
  session: SqlSession,
  signal: AbortSignal,
): Promise<void> {
  const { dialect } = reading;
  const { name } = terms[0]!;
  const count = async (odd: (places: Places) => string): Promise<number> => {
    const places = createPlaces(dialect);
    const sql = `SELECT count(*) FROM ${reading.from} t WHERE ${odd(places)}${condition(reading)}`;
    return Number((await session.query(sql, places.values, signal)).rows[0]?.[0] ?? 0);
  };
  const details = { table: reading.table.name, column: column.name };
  note(reading, 'time-null', column.required ? 0 : await count(() => `${name} IS NULL`), details);
  const future = await count(
    (places) => `${name} > ${dialect.valueOf(column, places.add(asTime(column, now)))}`,
  );
  note(reading, 'time-future', future, details);
}
