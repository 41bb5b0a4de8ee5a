import type { Session } from '../connection/session.js';
import { earlier } from './column-time.js';
import type { Horizon } from './horizon.js';
import { condition, note, type Reading } from './reading.js';
import { NO_TIME, timeSql, type WatermarkColumn } from './watermark-column.js';

/** Ends and marks of one increment, as the server prints the column; null where there is no time at all. */
export interface Marks {
  /** The database's clock as a value of the column. */
  readonly now: string;
  /** The mark that holds now: never behind the clock. */
  readonly mark: string | null;
  /** Where the increment begins: the mark less the overlap. */
  readonly lower: string | null;
  /** Where the next one starts, unless later rows come. */
  readonly next: string | null;
  /** Rows from here on are met again by the next one. */
  readonly keepFrom: string | null;
}

/** After the clock has stepped back the window is wider by that step. */
export async function askMarks(
  reading: Reading,
  { spec, term, time }: WatermarkColumn,
  markBefore: string | null,
  stepSeconds: number,
  horizon: Horizon,
  session: Session,
  signal: AbortSignal,
): Promise<Marks> {
  const now = time.of(horizon.now);
  const { rows } = await session.query(
    `SELECT MAX(${term.name}) AS newest FROM ${reading.from}
     WHERE ${term.name} <= ${timeSql(now)} AND ${term.name} >= ${NO_TIME}${condition(reading.spec)}`,
    signal,
  );
  const newest = rows[0]?.['newest'] ?? null;
  const mark = markBefore === null ? null : earlier(markBefore, now);
  const next = newest === null ? null : earlier(newest, time.of(horizon.safe));
  return {
    now,
    mark,
    lower: mark === null ? null : time.back(mark, spec.overlapSeconds + stepSeconds),
    next,
    keepFrom: next === null ? null : time.back(next, spec.overlapSeconds),
  };
}

/** Times that cannot be read in order: alarmed, and read once they are set right or the clock has passed them. */
export async function countOddTimes(
  reading: Reading,
  { term }: WatermarkColumn,
  now: string,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const count = (odd: string) =>
    `(SELECT COUNT(*) FROM ${reading.from} WHERE ${odd}${condition(reading.spec)})`;
  const { rows } = await session.query(
    `SELECT ${count(`${term.name} IS NULL`)} AS missing, ${count(`${term.name} > ${timeSql(now)}`)} AS future,
       ${count(`${term.name} < ${NO_TIME}`)} AS unreadable`,
    signal,
  );
  const found = rows[0] ?? {};
  const details = { table: reading.table.name, column: term.column.name };
  note(reading, 'time-null', Number(found['missing']), details);
  note(reading, 'time-future', Number(found['future']), details);
  note(reading, 'time-unreadable', Number(found['unreadable']), details);
}
