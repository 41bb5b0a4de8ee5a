import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, type RowOp, rowLimits } from '@qianzhi/rows';
import type { Statement } from 'better-sqlite3';
import type { Doing } from '../file/classify.js';
import type { SqliteDatabase } from '../file/open-file.js';
import { type Pace, whenFree } from '../file/pace.js';
import { type Encoding, writeExactRow } from './exact-row.js';
import { type Bound, type KeyPart, keyPart, sameKey } from './order.js';
import { exactList, exactTerms, type Projection, quickList } from './projection.js';

/** A select whose list is filled in twice: quick and exact. */
export interface SliceQuery {
  /** Everything after the select list, ordered by `terms`; `?` values in `values`. */
  readonly body: string;
  readonly values: readonly Bound[];
  /** What the next slice goes on from. */
  readonly terms: readonly string[];
  /** Rows may be equal in all terms (a view): a slice then ends only between different keys. */
  readonly ties: boolean;
}

export interface Slice {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Rows taken from the table: rows + rejected + left out by `keep`. */
  readonly taken: number;
  readonly last: readonly KeyPart[] | undefined;
  /** The table has no more rows behind this slice. */
  readonly ended: boolean;
}

export interface SliceLimits {
  readonly bytes: number;
  readonly rows: number;
}

/** Called for each row's bytes (op first, LF last) with its first order term; false leaves the row out. */
export type Keep = (row: Uint8Array, term: Bound) => boolean;

export interface SliceReader {
  read(
    query: SliceQuery,
    limits: SliceLimits,
    firstRow: number,
    pace: Pace,
    signal: AbortSignal,
  ): Promise<Slice>;
}

const MAX_ROWS = 20_000;
const REPLACEMENT = Buffer.from('\ufffd');

/**
 * Reads rows in slices, each in one short read transaction: a legacy program that writes the file waits
 * milliseconds, never for the whole table. The quick way takes the driver's strings; a slice that holds U+FFFD or
 * U+0000, which is what invalid text looks like there, is read again in the same transaction by its bytes.
 */
export function createSliceReader(
  db: SqliteDatabase,
  projection: Projection,
  op: RowOp,
  about: Doing,
  busyTimeoutMs: number,
  keep?: Keep,
): SliceReader {
  const statements = new Map<string, Statement<Bound[]>>();
  const encoding = db.pragma('encoding', { simple: true }) as Encoding;
  const width = projection.items.filter((item) => item.column !== undefined).length;
  const writer = createRowWriter();
  /** First order term of each row written, for `keep`. */
  const terms: Bound[] = [];

  function prepare(list: readonly string[], query: SliceQuery): Statement<Bound[]> {
    const sql = `SELECT ${list.join(', ')} ${query.body} LIMIT ?`;
    let statement = statements.get(sql);
    if (!statement) {
      if (statements.size > 32) statements.clear();
      statement = db.prepare<Bound[]>(sql).raw().safeIntegers();
      statements.set(sql, statement);
    }
    return statement;
  }

  /** Writes rows until a limit; answers how many were taken and the last one's key values. */
  function quick(query: SliceQuery, limits: SliceLimits, pace: Pace) {
    const statement = prepare([...quickList(projection), ...query.terms], query);
    let taken = 0;
    let last: Bound[] | undefined;
    let ended = true;
    const most = Math.min(limits.rows, MAX_ROWS);
    let lastKey: KeyPart[] | undefined;
    terms.length = 0;
    for (const values of statement.iterate(
      ...query.values,
      BigInt(query.ties ? MAX_ROWS * 50 : most + 1),
    ) as Iterable<Bound[]>) {
      const full =
        taken >= most || writer.bytes >= limits.bytes || (taken > 0 && (taken & 31) === 0 && pace.due());
      if (query.ties) {
        const key = values.slice(width).map((value) => keyPart(value));
        const differs = lastKey === undefined || !sameKey(lastKey, key);
        if (full && differs) {
          ended = false;
          break;
        }
        lastKey = key;
      } else if (full) {
        ended = false;
        break;
      }
      writeQuickRow(values);
      if (keep) terms.push(values[width]!);
      taken++;
      last = values;
    }
    return { taken, last: last?.slice(width), ended };
  }

  function writeQuickRow(values: readonly Bound[]): void {
    let at = 0;
    writer.begin(op);
    for (const { column, write, constant } of projection.items) {
      if (column === undefined) writer.field(constant!);
      // a BLOB where text belongs: U+0000 sends the slice to the exact way, which names row and item
      else if (!write(writer, values[at++]!)) writer.text('\0');
    }
    writer.end();
  }

  function exact(query: SliceQuery, taken: number, firstRow: number) {
    const statement = prepare([...exactList(projection), ...exactTerms(query.terms)], query);
    const rejected: RowRejection[] = [];
    let last: KeyPart[] | undefined;
    let row = firstRow;
    terms.length = 0;
    for (const values of statement.iterate(...query.values, BigInt(taken)) as Iterable<Bound[]>) {
      const rejection = writeExactRow(writer, op, values, projection, encoding, row++);
      const key = values.slice(width * 2);
      if (!rejection) terms.push(key[0]!);
      else if (!keep || keep(rejection.bytes, key[0]!)) rejected.push(rejection);
      last = query.terms.map((_, i) => keyPart(key[i * 2]!, key[i * 2 + 1] === 'text'));
    }
    return { rejected, last };
  }

  function readSlice(query: SliceQuery, limits: SliceLimits, firstRow: number, pace: Pace): Slice {
    const found = quick(query, limits, pace);
    let rejected: readonly RowRejection[] = [];
    let last = found.last?.map((value) => keyPart(value));
    let rows = writer.rows;
    let bytes = writer.take();
    if (needsExact(bytes, found.last)) {
      ({ rejected, last } = exact(query, found.taken, firstRow));
      rows = writer.rows;
      bytes = writer.take();
    }
    if (keep) ({ bytes, rows } = kept(bytes, keep, terms));
    return { bytes, rows, rejected, taken: found.taken, last, ended: found.ended };
  }

  function needsExact(bytes: Uint8Array, last: readonly Bound[] | undefined): boolean {
    if (encoding !== 'UTF-8' && bytes.length > 0) return true;
    if (bytes.includes(0) || Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(REPLACEMENT))
      return true;
    return (
      (last?.some((value) => typeof value === 'string' && value.includes('\ufffd')) ?? false) ||
      tooLarge(bytes)
    );
  }

  return {
    async read(query, limits, firstRow, pace, signal) {
      return whenFree(
        () => {
          writer.take();
          db.exec('BEGIN');
          try {
            return readSlice(query, limits, firstRow, pace);
          } finally {
            if (db.inTransaction) db.exec('COMMIT');
          }
        },
        about,
        busyTimeoutMs,
        signal,
      );
    },
  };
}

/** A block this large may hold a row over the limit; the exact way measures each. */
function tooLarge(bytes: Uint8Array): boolean {
  return bytes.length >= rowLimits.rowBytes;
}

function kept(bytes: Uint8Array, keep: Keep, terms: readonly Bound[]): { bytes: Uint8Array; rows: number } {
  const pieces: Uint8Array[] = [];
  let start = 0;
  let at = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(10, start) + 1;
    const row = bytes.subarray(start, end);
    if (keep(row, terms[at++]!)) pieces.push(row);
    start = end;
  }
  return { bytes: Buffer.concat(pieces), rows: pieces.length };
}
