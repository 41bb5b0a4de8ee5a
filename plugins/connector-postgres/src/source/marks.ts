import type { Session } from '../connection/session.js';
import { literal } from '../identifier.js';
import type { Horizon } from './horizon.js';
import { condition, note, type Reading } from './reading.js';
import type { WatermarkColumn } from './watermark-column.js';

/** Ends and marks of one increment, as PostgreSQL prints the column; null where there is no time at all. */
export interface Marks {
  /** The mark that holds now: never behind the clock. */
  readonly mark: string | null;
  /** Where the increment begins: the mark less the overlap. */
  readonly lower: string | null;
  /** Where the next one starts, unless later rows come. */
  readonly next: string | null;
  /** Rows from here on are met again by the next one. */
  readonly keepFrom: string | null;
}

/**
 * PostgreSQL counts with times, so that nothing of a value is lost on the way. After the clock has stepped back the window
 * is wider by that step.
 */
export async function askMarks(
  reading: Reading,
  { spec, term }: WatermarkColumn,
  mark: string | null,
  stepSeconds: number,
  horizon: Horizon,
  session: Session,
  signal: AbortSignal,
): Promise<Marks> {
  const type = term.column.castType;
  const value = (text: string | null) => (text === null ? `NULL::${type}` : `${literal(text)}::${type}`);
  const back = (time: string, seconds: number) => `(${time} - interval '${seconds} seconds')::${type}::text`;
  const { rows } = await session.query(
    `WITH newest AS (
       SELECT max(${term.name}) AS time FROM ${reading.from}
       WHERE ${term.name} <= ${value(horizon.now)} AND isfinite(${term.name})${condition(reading.spec)}
     ),
     marks AS (
       SELECT least(n.time, ${value(horizon.safe)}) AS next, least(${value(mark)}, ${value(horizon.now)}) AS mark
       FROM newest n
     )
     SELECT CASE WHEN ${mark === null} THEN NULL ELSE m.mark::text END AS mark,
       CASE WHEN ${mark === null} THEN NULL ELSE ${back('m.mark', spec.overlapSeconds + stepSeconds)} END AS lower,
       CASE WHEN n.time IS NULL THEN NULL ELSE m.next::text END AS next,
       CASE WHEN n.time IS NULL THEN NULL ELSE ${back('m.next', spec.overlapSeconds)} END AS keep_from
     FROM marks m, newest n`,
    [],
    signal,
  );
  const found = rows[0]!;
  return {
    mark: found.mark ?? null,
    lower: found.lower ?? null,
    next: found.next ?? null,
    keepFrom: found.keep_from ?? null,
  };
}

/** Times that cannot be read in order: alarmed, and read once they are set right or the clock has passed them. */
export async function countOddTimes(
  reading: Reading,
  { term, indexed }: WatermarkColumn,
  now: string,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const clock = `${literal(now)}::${term.column.castType}`;
  const restricted = condition(reading.spec);
  // an index finds each of the three at once; without one they share a scan
  const count = (odd: string) =>
    indexed
      ? `(SELECT count(*) FROM ${reading.from} WHERE ${odd}${restricted})`
      : `count(*) FILTER (WHERE ${odd}${restricted})`;
  const { rows } = await session.query(
    `SELECT ${count(`${term.name} IS NULL`)} AS missing, ${count(`${term.name} > ${clock}`)} AS future,
       ${count(`${term.name} = '-infinity'`)} AS unreadable${indexed ? '' : ` FROM ${reading.from}`}`,
    [],
    signal,
  );
  const found = rows[0]!;
  const details = { table: reading.table.name, column: term.column.name };
  note(reading, 'time-null', Number(found.missing), details);
  note(reading, 'time-future', Number(found.future), details);
  note(reading, 'time-unreadable', Number(found.unreadable), details);
}
