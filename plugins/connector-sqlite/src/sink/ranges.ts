import type { SqliteDatabase } from '../file/open-file.js';
import { quoted } from '../identifier.js';
import { after, type Bound, type KeyPart, keyPart } from '../source/order.js';

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
  const exact = terms.flatMap((term) => [`CASE typeof(${term}) WHEN 'text' THEN CAST(${term} AS BLOB) ELSE ${term} END`, `typeof(${term})`]);
  const found = db
    .prepare<Bound[]>(`SELECT ${exact.join(', ')} FROM ${quoted(table)} WHERE (${behind.sql}) ORDER BY ${terms.join(', ')} LIMIT 1 OFFSET ${rows - 1}`)
    .raw()
    .safeIntegers()
    .get(...behind.values) as Bound[] | undefined;
  return { lower, upper: found && terms.map((_, at) => keyPart(found[at * 2]!, found[at * 2 + 1] === 'text')) };
}

/** `terms` are qualified as the statement needs them. */
export function inRange(terms: readonly string[], range: Range): { sql: string; values: Bound[] } {
  const lower = range.lower ? after(terms, range.lower) : { sql: '1', values: [] };
  const upper = range.upper ? after(terms, range.upper) : { sql: '0', values: [] };
  return { sql: `(${lower.sql}) AND (${upper.sql}) IS NOT TRUE`, values: [...lower.values, ...upper.values] };
}

const START_ROWS = 2000;
const AIM_MS = 25;

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
