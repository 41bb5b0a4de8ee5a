import type { ReadLimits } from '@qianzhi/plugin-api';
import {
  condition,
  type GoingPlace,
  type WatermarkLook,
  type WatermarkReader,
  type WatermarkSpec,
  watermarkColumnOf,
} from '@qianzhi/sql-kit';
import { copyOut } from '../connection/copy-out.js';
import type { Session } from '../connection/session.js';
import { columnOf, type TableColumn } from '../connection/table.js';
import { literal } from '../identifier.js';
import { type FinishedRows, finishRows, type Keep } from './finish.js';
import { askHorizon, instantAs } from './horizon.js';
import { after, type Key, type OrderTerm, termOf } from './order.js';
import type { Reading } from './reading.js';
import { changedRows } from './stretch.js';
import { findUntranslatable, isUntranslatable } from './untranslatable.js';
import { checkZone } from './zone.js';

/** The column that tells when a row changed, checked. */
interface WatermarkColumn {
  readonly spec: WatermarkSpec;
  readonly term: OrderTerm;
  /** An instant as a value of the column. */
  readonly toColumn: (instant: string) => string;
  /** Column first, then what makes the order of a table's rows settled. */
  readonly terms: readonly OrderTerm[];
  readonly ties: boolean;
  /** Without an index each statement scans the whole table. */
  readonly indexed: boolean;
}

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export async function watermarkReader(
  reading: Reading,
  session: Session,
  opening: AbortSignal,
): Promise<WatermarkReader> {
  const { table } = reading;
  const { spec, column, indexed } = watermarkColumnOf({
    table: reading,
    find: (name) => columnOf(table, name),
    isTime: ({ baseType }: TableColumn) => /^(timestamp|timestamptz|date)$/.test(baseType),
    isIndexed: ({ name }) => table.indexes.some((index) => index.valid && index.columns[0] === name),
  });
  const zone = spec.zone ?? reading.spec.zone ?? reading.context.timeZone;
  await checkZone(session, zone, 'watermark', table.name, opening);
  const order = reading.order!;
  // the bounds of an increment leave NULLs out
  const term = { ...termOf(table, column), nullable: false };
  const watermark: WatermarkColumn = {
    spec,
    term,
    toColumn: instantAs(column.baseType, zone),
    terms: [term, ...order.terms.filter((each) => each.column.name !== column.name)],
    ties: !order.total,
    indexed,
  };
  return {
    column: column.name,
    overlapSeconds: spec.overlapSeconds,
    ties: watermark.ties,
    look: (mark, lost, signal) =>
      reading.sessions.use(signal, (each) => look(reading, watermark, mark, lost, each, signal)),
    async *stretches(place, carries, limits, signal) {
      const each = await reading.sessions.take(signal);
      try {
        yield* stretches(reading, watermark, place, carries, each, limits, signal);
      } finally {
        await reading.sessions.give(each);
      }
    },
  };
}

/** PostgreSQL counts with times, so that nothing of a value is lost on the way. */
async function look(
  reading: Reading,
  { spec, term, toColumn, indexed }: WatermarkColumn,
  before: string | null,
  lost: (databaseMs: number) => number,
  session: Session,
  signal: AbortSignal,
): Promise<WatermarkLook> {
  const { overlapSeconds } = spec;
  const horizon = await askHorizon(session, toColumn, overlapSeconds, signal);
  const lostSeconds = lost(horizon.clockMs);
  const type = term.column.castType;
  const value = (text: string | null) => (text === null ? `NULL::${type}` : `${literal(text)}::${type}`);
  const back = (time: string, seconds: number) => `(${time} - interval '${seconds} seconds')::${type}::text`;
  const { rows } = await session.query(
    `WITH newest AS (
       SELECT max(${term.name}) AS time FROM ${reading.from}
       WHERE ${term.name} <= ${value(horizon.now)} AND isfinite(${term.name})${condition(reading)}
     ),
     marks AS (
       SELECT least(n.time, ${value(horizon.safe)}) AS next, least(${value(before)}, ${value(horizon.now)}) AS mark
       FROM newest n
     )
     SELECT CASE WHEN ${before === null} THEN NULL ELSE m.mark::text END AS mark,
       CASE WHEN ${before === null} THEN NULL ELSE ${back('m.mark', overlapSeconds + lostSeconds)} END AS lower,
       CASE WHEN n.time IS NULL THEN NULL ELSE m.next::text END AS next,
       CASE WHEN n.time IS NULL THEN NULL ELSE ${back('m.next', overlapSeconds)} END AS keep_from
     FROM marks m, newest n`,
    [],
    signal,
  );
  const { mark, lower, next, keep_from: keepFrom } = rows[0]!;
  return {
    now: horizon.now,
    mark: mark ?? null,
    lower: lower ?? null,
    next: next ?? null,
    keepFrom: keepFrom ?? null,
    databaseMs: horizon.clockMs,
    heldSeconds: horizon.heldSeconds,
    odd: await countOddTimes(reading, term, indexed, horizon.now, session, signal),
  };
}

async function countOddTimes(
  reading: Reading,
  { name, column }: OrderTerm,
  indexed: boolean,
  now: string,
  session: Session,
  signal: AbortSignal,
): Promise<WatermarkLook['odd']> {
  const clock = `${literal(now)}::${column.castType}`;
  const restricted = condition(reading);
  // an index finds each of the three at once; without one they share a scan
  const count = (odd: string) =>
    indexed
      ? `(SELECT count(*) FROM ${reading.from} WHERE ${odd}${restricted})`
      : `count(CASE WHEN ${odd}${restricted} THEN 1 END)`;
  const { rows } = await session.query(
    `SELECT ${count(`${name} IS NULL`)} AS missing, ${count(`${name} > ${clock}`)} AS future,
       ${count(`${name} = '-infinity'`)} AS unreadable${indexed ? '' : ` FROM ${reading.from}`}`,
    [],
    signal,
  );
  const { missing, future, unreadable } = rows[0]!;
  return { missing: Number(missing), future: Number(future), unreadable: Number(unreadable) };
}

async function* stretches(
  reading: Reading,
  column: WatermarkColumn,
  place: GoingPlace,
  carries: (time: string, row: Uint8Array) => boolean,
  session: Session,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<FinishedRows> {
  const { terms, ties, indexed } = column;
  const { projection, checksText } = reading;
  const form = { projection, checksText, prefix: terms.length, wanted: [] };
  const keep: Keep = (bytes, start, content, end) =>
    carries(bytes.toString('latin1', start, bytes.indexOf(9, start)), bytes.subarray(content, end));
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  let key = place.after;
  while (left > 0) {
    const most = ties || !indexed ? left : Math.min(left, reading.spec.chunkRows);
    let taken = 0;
    const conditions = conditionsOf(column, place, key);
    const sql = changedRows(reading, terms, conditions, most);
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
