import type { SqliteDatabase } from '../file/open-file.js';
import { quoted } from '../identifier.js';
import { after, type Bound, boundKey, type KeyPart, keyPart, placeOf } from '../source/order.js';

/** A stretch of a table in key order: rows behind `lower`, not behind `upper`; open where undefined. */
export interface Range {
  readonly lower: readonly KeyPart[] | undefined;
  readonly upper: readonly KeyPart[] | undefined;
}

/** Range of at most `rows` rows from `lower` on; `upper` is undefined when it reaches the end. */
export function nextRange(
  db: SqliteDatabase,
  table: string,
  terms: readonly string[],
  lower: readonly KeyPart[] | undefined,
  rows: number,
): Range {
  const behind = lower ? after(terms, lower) : { sql: '1', values: [] };
  const exact = terms.flatMap((term) => [
    `CASE typeof(${term}) WHEN 'text' THEN CAST(${term} AS BLOB) ELSE ${term} END`,
    `typeof(${term})`,
  ]);
  const found = db
    .prepare<Bound[]>(
      `SELECT ${exact.join(', ')} FROM ${quoted(table)} WHERE (${behind.sql}) ORDER BY ${terms.join(', ')} LIMIT 1 OFFSET ${rows - 1}`,
    )
    .raw()
    .safeIntegers()
    .get(...behind.values) as Bound[] | undefined;
  return {
    lower,
    upper: found && terms.map((_, at) => keyPart(found[at * 2]!, found[at * 2 + 1] === 'text')),
  };
}

/** `terms` are qualified as the statement needs them. */
export function inRange(terms: readonly string[], range: Range): { sql: string; values: Bound[] } {
  const lower = range.lower ? after(terms, range.lower) : { sql: '1', values: [] };
  if (!range.upper) return lower;
  const upper = after(terms, range.upper);
  const end = firstNotAfter(terms[0]!, range);
  return {
    sql: `(${lower.sql}) AND (${upper.sql}) IS NOT TRUE${end.sql}`,
    values: [...lower.values, ...upper.values, ...end.values],
  };
}

/** Says again of the first term alone where the range ends: this an index can use. NULLs come first. */
function firstNotAfter(term: string, range: Range): { sql: string; values: Bound[] } {
  const end = range.upper?.[0] ?? null;
  if (end === null) return { sql: ` AND ${term} IS NULL`, values: [] };
  const bound = placeOf(end);
  const started = (range.lower?.[0] ?? null) !== null;
  return {
    sql: started ? ` AND ${term} <= ${bound}` : ` AND (${term} <= ${bound} OR ${term} IS NULL)`,
    values: [boundKey(end)],
  };
}

const START_ROWS = 1000;
const AIM_MS = 15;

/** Work on a table in stretches of about one slice of time each. */
export function createStride(): { rows: number; took(ms: number): void } {
  const stride = {
    rows: START_ROWS,
    took(ms: number) {
      if (ms < AIM_MS / 2) stride.rows = Math.min(stride.rows * 2, 50_000);
      else if (ms > AIM_MS * 1.5) stride.rows = Math.max(Math.floor(stride.rows / 2), 100);
    },
  };
  return stride;
}
