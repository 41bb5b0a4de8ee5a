import type { ReadLimits } from '@qianzhi/plugin-api';
import { createPlaces, type Places } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { columnNamed, type SqlColumn } from '../database/table.js';
import type { SqlSource } from '../schemas.js';
import type { GoingPlace, IncrementStretch } from '../strategies/increment.js';
import { condition, unfitFor } from '../strategies/walked-table.js';
import type { WatermarkLook, WatermarkReader } from '../strategies/watermark.js';
import { watermarkColumnOf } from '../strategies/watermark-column.js';
import {
  columnTime,
  earlier,
  instantMs,
  requireZone,
  safeTime,
  secondsBefore,
} from '../strategies/watermark-times.js';
import { textOf, walk } from './chunks.js';
import { type Key, type OrderTerm, termOf } from './order.js';
import type { Reading } from './reading.js';

/** The column that tells when a row changed, checked. */
interface WatermarkColumn {
  readonly spec: NonNullable<SqlSource['watermark']>;
  readonly zone: string;
  readonly column: SqlColumn;
  /** Column first, then what settles the order of rows. */
  readonly terms: readonly OrderTerm[];
  readonly total: boolean;
}

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export function watermarkReader(reading: Reading): WatermarkReader {
  const { table, dialect } = reading;
  const { spec, column } = watermarkColumnOf({
    table: reading,
    find: (name) => columnNamed(table, name),
    isTime: ({ family }: SqlColumn) => ['wall', 'instant', 'date'].includes(family),
    isIndexed: ({ name }) => table.indexes.some(({ columns }) => columns[0] === name),
  });
  const order = reading.order!;
  const zone = spec.zone ?? reading.zone;
  requireZone(zone, unfitFor(reading));
  // the bounds of an increment leave NULLs out
  const term = termOf(dialect, { ...column, required: true });
  const terms = [term, ...order.terms.filter((each) => each.column.name !== column.name)];
  const watermark: WatermarkColumn = { spec, zone, column, terms, total: order.total };
  return {
    column: column.name,
    overlapSeconds: spec.overlapSeconds,
    // a walk ends between keys alone, so that it can go on behind any of them
    ties: false,
    async look(mark, lost, signal) {
      return look(reading, watermark, mark, lost, await reading.session(signal), signal);
    },
    stretches: (place, carries, limits, signal) =>
      stretches(reading, watermark, place, carries, limits, signal),
  };
}

async function* stretches(
  reading: Reading,
  watermark: WatermarkColumn,
  { lower, going, after }: GoingPlace,
  carries: (time: string, row: Uint8Array) => boolean,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<IncrementStretch> {
  const { terms, total } = watermark;
  const { name } = terms[0]!;
  const plan = {
    op: 'U',
    terms,
    total,
    bounds: (places: Places) => [
      lower === null ? `${name} IS NOT NULL` : `${name} >= ${timeValue(reading, watermark, places, lower)}`,
      `${name} <= ${timeValue(reading, watermark, places, going.upTo)}`,
    ],
    keep: (row: Uint8Array, key: Key) => carries(spelled(key[0] ?? ''), row),
  } as const;
  const session = await reading.session(signal);
  for await (const stretch of walk(reading, session, plan, after, limits, signal)) {
    const { last } = stretch;
    if (stretch.taken > 0) yield { ...stretch, last: last ?? [], lastTime: spelled(last?.[0] ?? '') };
  }
}

function timeValue({ dialect }: Reading, { column }: WatermarkColumn, places: Places, time: string): string {
  return dialect.valueOf(column, places.add(column.family === 'instant' ? `${time}+00` : time));
}

/** As `columnTime` spells it. */
function spelled(time: string): string {
  const plain = time.replace(/ ?\+00(:?00)?$/, '');
  return plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain;
}

async function look(
  reading: Reading,
  watermark: WatermarkColumn,
  before: string | null,
  lost: (databaseMs: number) => number,
  session: SqlSession,
  signal: AbortSignal,
): Promise<WatermarkLook> {
  const { dialect } = reading;
  const { column, zone, terms, spec } = watermark;
  const { overlapSeconds } = spec;
  const horizon = await dialect.horizon(session, signal);
  const now = columnTime(horizon.now, column.family, zone);
  const oldest = horizon.oldest === null ? null : columnTime(horizon.oldest, column.family, zone);
  const safe = spelled(safeTime(now, oldest, horizon.seesOthers, overlapSeconds));
  const places = createPlaces(dialect);
  const { name } = terms[0]!;
  const bound = timeValue(reading, watermark, places, now);
  const sql = `SELECT ${dialect.keyText(column, `max(${name})`)} FROM ${reading.from} t WHERE ${name} <= ${bound}${condition(reading)}`;
  const newest = textOf((await session.query(sql, places.values, signal)).rows[0]?.[0] ?? null);
  const databaseMs = instantMs(horizon.now);
  // a clock that stepped back, or a transaction older than the last mark
  const mark = before === null ? null : earlier(before, now);
  const next = newest === null ? null : earlier(spelled(newest), safe);
  return {
    now,
    mark,
    lower: mark === null ? null : secondsBefore(mark, overlapSeconds + lost(databaseMs)),
    next,
    keepFrom: next === null ? null : secondsBefore(next, overlapSeconds),
    databaseMs,
    heldSeconds: horizon.oldest === null ? 0 : (databaseMs - instantMs(horizon.oldest)) / 1000,
    odd: await countOddTimes(reading, watermark, now, session, signal),
  };
}

/**
 * Times that cannot be read in order: read once they are set right or the clock has passed them. Counted one by one, so that an
 * index finds them.
 */
async function countOddTimes(
  reading: Reading,
  watermark: WatermarkColumn,
  now: string,
  session: SqlSession,
  signal: AbortSignal,
): Promise<WatermarkLook['odd']> {
  const { name } = watermark.terms[0]!;
  const count = async (odd: (places: Places) => string): Promise<number> => {
    const places = createPlaces(reading.dialect);
    const sql = `SELECT count(*) FROM ${reading.from} t WHERE ${odd(places)}${condition(reading)}`;
    return Number((await session.query(sql, places.values, signal)).rows[0]?.[0] ?? 0);
  };
  return {
    missing: watermark.column.required ? 0 : await count(() => `${name} IS NULL`),
    future: await count((places) => `${name} > ${timeValue(reading, watermark, places, now)}`),
    unreadable: 0,
  };
}
