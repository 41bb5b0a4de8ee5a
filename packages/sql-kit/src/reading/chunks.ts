import type { ReadLimits, RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, type RowOp, rowOffsets } from '@qianzhi/rows';
import { createPlaces, type Places } from '../database/dialect.js';
import type { SqlCell, SqlRow, SqlSession } from '../database/session.js';
import { condition } from '../strategies/walked-table.js';
import { behind, type Key, keyList, type OrderTerm, orderBy } from './order.js';
import { selectList } from './projection.js';
import type { Reading } from './reading.js';
import { writeRow } from './write-row.js';

/** What is read: rows in the order of `terms`, bounded by `bounds`. */
export interface Walk {
  readonly op: RowOp;
  /** Empty: in any order and one piece. */
  readonly terms: readonly OrderTerm[];
  /** No two rows are equal in all terms: a statement may end after any row. */
  readonly total: boolean;
  /** Further conditions. */
  readonly bounds?: (places: Places) => readonly string[];
  /** Called for each row's bytes (op first, LF last) with its key; false leaves the row out. */
  readonly keep?: (row: Uint8Array, key: Key) => boolean;
}

/** A block's worth of rows. */
export interface Stretch {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  readonly taken: number;
  /** Key of the last row taken so far, or where the walk began. */
  readonly last: Key | undefined;
}

/**
 * Walks from behind `start` to the end or to `maxRows`. Each statement reads so many rows at most that an interruption costs
 * little and no statement is open for long.
 */
export async function* walk(
  reading: Reading,
  session: SqlSession,
  { op, terms, total, bounds, keep }: Walk,
  start: Key | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const { dialect, projection, spec } = reading;
  const list = [...keyList(dialect, terms), ...selectList(dialect, projection, 't')];
  const most =
    total && terms.length > 0 && spec.consistency === 'chunk' ? spec.chunkRows : Number.POSITIVE_INFINITY;
  const writer = createRowWriter();
  /** Of the rows written, for `keep`. */
  let keys: Key[] = [];
  let rejected: RowRejection[] = [];
  let last = start;
  let taken = 0;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  const stretch = (): Stretch => {
    const { rows } = writer;
    const kept = keep ? rowsKept(writer.take(), keys, keep) : { bytes: writer.take(), rows };
    const done = { ...kept, rejected, taken, last };
    rejected = [];
    keys = [];
    taken = 0;
    return done;
  };
  const take = (cells: SqlRow, key: Key): void => {
    const refused = writeRow(writer, op, cells, terms.length, projection, writer.rows + rejected.length);
    if (!refused) keys.push(key);
    else if (keep?.(refused.bytes, key) ?? true) rejected.push(refused);
    last = key;
    taken++;
    left--;
  };
  for (;;) {
    const places = createPlaces(dialect);
    const conditions = [
      ...(bounds?.(places) ?? []),
      ...(last === undefined || terms.length === 0 ? [] : [behind(dialect, terms, last, places)]),
    ];
    const where = `WHERE ${conditions.length === 0 ? '1 = 1' : conditions.join(' AND ')}${condition(reading)}`;
    const rest = `FROM ${reading.from} t ${where}${terms.length === 0 ? '' : ` ${orderBy(dialect, terms)}`}`;
    const wanted = Math.min(most, total ? left : Number.POSITIVE_INFINITY);
    const sql = Number.isFinite(wanted)
      ? dialect.limited(list, rest, wanted)
      : `SELECT ${list.join(', ')} ${rest}`;
    let read = 0;
    for await (const rows of session.stream(sql, places.values, signal)) {
      for (const cells of rows) {
        const key = terms.map((_, at) => textOf(cells[at] ?? null));
        // between rows of one key a read cannot go on
        const cut = total || !sameKey(key, last);
        if (cut && taken > 0 && (writer.bytes >= limits.blockBytes || left <= 0)) {
          yield stretch();
          if (left <= 0) return;
        }
        take(cells, key);
        read++;
      }
    }
    if (read < wanted || !Number.isFinite(wanted) || left <= 0) {
      if (taken > 0) yield stretch();
      return;
    }
  }
}

function rowsKept(
  bytes: Uint8Array,
  keys: readonly Key[],
  keep: NonNullable<Walk['keep']>,
): { bytes: Uint8Array; rows: number } {
  const offsets = rowOffsets(bytes);
  const pieces = keys.flatMap((key, at) => {
    const row = bytes.subarray(offsets[at], offsets[at + 1]);
    return keep(row, key) ? [row] : [];
  });
  return { bytes: Buffer.concat(pieces), rows: pieces.length };
}

export function textOf(cell: SqlCell): string | null {
  return cell === null ? null : String(cell);
}

function sameKey(a: Key, b: Key | undefined): boolean {
  return b !== undefined && a.length > 0 && a.length === b.length && a.every((part, at) => part === b[at]);
}
