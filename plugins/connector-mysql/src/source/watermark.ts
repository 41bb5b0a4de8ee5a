import type { ReadLimits } from '@qianzhi/plugin-api';
import { rowOffsets } from '@qianzhi/rows';
import {
  condition,
  earlier,
  type GoingPlace,
  requireZone,
  secondsBefore,
  unfitFor,
  type WatermarkLook,
  type WatermarkReader,
  type WatermarkSpec,
  watermarkColumnOf,
} from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import { columnOf, type TableColumn } from '../connection/table.js';
import { literal } from '../identifier.js';
import { timeIn } from './column-time.js';
import { askHorizon, SECOND } from './horizon.js';
import { after, type OrderTerm, orderBy, termOf } from './order.js';
import type { Reading } from './reading.js';
import type { EncodedRows } from './row-encoder.js';
import { encodedRows, formOf, selectStatement } from './statement.js';

/** The column that tells when a row changed, checked. */
interface WatermarkColumn {
  readonly spec: WatermarkSpec;
  readonly term: OrderTerm;
  /** An instant as a value of the column. */
  readonly toColumn: (instant: bigint) => string;
  /** Column first, then what makes the order of a table's rows settled. */
  readonly terms: readonly OrderTerm[];
  readonly ties: boolean;
}

/** SQL of a time that the server cannot order by: zero dates. */
const NO_TIME = "'0001-01-01'";

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export function watermarkReader(reading: Reading): WatermarkReader {
  const { table } = reading;
  const { spec, column } = watermarkColumnOf({
    table: reading,
    find: (name) => columnOf(table, name),
    isTime: ({ baseType }: TableColumn) => /^(timestamp|datetime|date)$/.test(baseType),
    isIndexed: ({ name }) =>
      table.indexes.some(({ columns }) => columns[0]?.toLowerCase() === name.toLowerCase()),
  });
  const zone = spec.zone ?? reading.zone;
  requireZone(zone, unfitFor(reading));
  const order = reading.order!;
  // the bounds of an increment leave NULLs out
  const term = { ...termOf(table, column), nullable: false };
  const watermark: WatermarkColumn = {
    spec,
    term,
    toColumn: timeIn(column, zone),
    terms: [term, ...order.terms.filter((each) => each.column.name !== column.name)],
    ties: !order.total,
  };
  return {
    column: column.name,
    overlapSeconds: spec.overlapSeconds,
    ties: watermark.ties,
    look: (mark, lost, signal) =>
      reading.sessions.use(signal, (session) => look(reading, watermark, mark, lost, session, signal)),
    stretches: (place, carries, limits, signal) =>
      stretches(reading, watermark, place, carries, limits, signal),
  };
}

async function look(
  reading: Reading,
  { spec, term, toColumn }: WatermarkColumn,
  before: string | null,
  lost: (databaseMs: number) => number,
  session: Session,
  signal: AbortSignal,
): Promise<WatermarkLook> {
  const { overlapSeconds } = spec;
  const horizon = await askHorizon(session, overlapSeconds, signal);
  const databaseMs = Number(horizon.now / 1000n);
  const now = toColumn(horizon.now);
  const { rows } = await session.query(
    `SELECT MAX(${term.name}) AS newest FROM ${reading.from}
     WHERE ${term.name} <= ${literal(now)} AND ${term.name} >= ${NO_TIME}${condition(reading)}`,
    signal,
  );
  const newest = rows[0]?.['newest'] ?? null;
  const mark = before === null ? null : earlier(before, now);
  const next = newest === null ? null : earlier(newest, toColumn(horizon.safe));
  return {
    now,
    mark,
    lower: mark === null ? null : secondsBefore(mark, overlapSeconds + lost(databaseMs)),
    next,
    keepFrom: next === null ? null : secondsBefore(next, overlapSeconds),
    databaseMs,
    heldSeconds: horizon.hidden ? 0 : Number((horizon.now - horizon.safe) / SECOND),
    odd: await countOddTimes(reading, term, now, session, signal),
  };
}

async function countOddTimes(
  reading: Reading,
  { name }: OrderTerm,
  now: string,
  session: Session,
  signal: AbortSignal,
): Promise<WatermarkLook['odd']> {
  const count = (odd: string) => `(SELECT COUNT(*) FROM ${reading.from} WHERE ${odd}${condition(reading)})`;
  const { rows } = await session.query(
    `SELECT ${count(`${name} IS NULL`)} AS missing, ${count(`${name} > ${literal(now)}`)} AS future,
       ${count(`${name} < ${NO_TIME}`)} AS unreadable`,
    signal,
  );
  const found = rows[0] ?? {};
  const [missing, future, unreadable] = [found['missing'], found['future'], found['unreadable']].map(Number);
  return { missing: missing!, future: future!, unreadable: unreadable! };
}

async function* stretches(
  reading: Reading,
  { terms, term, ties }: WatermarkColumn,
  place: GoingPlace,
  carries: (time: string, row: Uint8Array) => boolean,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<EncodedRows> {
  const { going, lower } = place;
  const form = { ...formOf(reading, terms, 'U'), firsts: true };
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  let key = place.after;
  while (left > 0) {
    const most = ties ? left : Math.min(left, reading.spec.chunkRows);
    const conditions = [
      `${term.name} <= ${literal(going.upTo)}`,
      `${term.name} >= ${lower === null ? NO_TIME : literal(lower)}`,
      ...(key ? [`(${after(terms, key)})`] : []),
    ];
    const limit = Number.isFinite(most) ? ` LIMIT ${most}` : '';
    const sql = selectStatement(reading, terms, conditions, `${orderBy(terms)}${limit}`);
    let taken = 0;
    const session = await reading.sessions.take(signal);
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
