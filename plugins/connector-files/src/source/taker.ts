import { isUtf8 } from 'node:buffer';
import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf, type RowOp, type RowWriter, rowLimits } from '@qianzhi/rows';
import { fieldText } from '../formats/csv-scanner.js';
import { DOUBLED, type Fields, PLAIN, QUOTED, type RecordTaker } from '../formats/table-file.js';
import type { ProjectedItem, Projection } from './projection.js';

/** What is kept of a refused row for the quarantine. */
const KEPT_BYTES = 64 * 1024;
/** A file of bad rows alone is cut into blocks as well. */
const MOST_REJECTED = 1000;

export interface TakenBlock {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  readonly placeOf: (row: number) => string;
}

/** Makes row text of records: the row path. */
export interface Taker extends RecordTaker {
  /** Rows and rejected rows since the last block. */
  take(): TakenBlock;
}

/** Told of each refused line, for a person: numbers only. */
export type OnRefused = (line: number, reason: string) => void;

export function createTaker(
  projection: Projection,
  phase: 'snapshot' | 'delta',
  blockBytes: number,
  quote: number,
  file: string,
  onRefused: OnRefused,
): Taker {
  const { items, columns, keyFields } = projection;
  const writer = createRowWriter(Math.min(blockBytes + 64 * 1024, 2 * 1024 * 1024));
  const scratch = createRowWriter(4096);
  const opColumn = projection.op;
  let rejected: RowRejection[] = [];
  /** Line of each row since the last block. */
  let lines: number[] = [];

  function refuse(
    reason: string,
    line: number,
    op: RowOp,
    bytes: Uint8Array,
    item = '*',
    key?: Uint8Array,
  ): void {
    const row = writer.rows + rejected.length;
    rejected.push({ row, op, item, reason, bytes, place: `${file}:${line}`, ...(key && { key }) });
    onRefused(line, reason);
  }

  /** The row once more, apart from the good ones, as far as it is worth keeping. */
  function refuseRow(reason: string, line: number, op: RowOp, write: (writer: RowWriter) => void): void {
    scratch.begin(op);
    write(scratch);
    scratch.end();
    const row = scratch.take();
    const key = Buffer.from(keyOf(row, keyFields));
    const known = keyFields.length > 0 && isUtf8(row) ? key : undefined;
    refuse(reason, line, op, row.subarray(0, KEPT_BYTES), '*', known);
  }

  function opAt(text: string | null | undefined): RowOp | undefined {
    if (opColumn < 0) return phase === 'snapshot' ? 'S' : 'U';
    const written = (text ?? '').trim();
    const op = projection.ops.get(written);
    if (phase === 'delta') return op;
    // a full copy has nothing to delete, and often no op at all
    return written === '' || op === 'U' ? 'S' : undefined;
  }

  function put(
    op: RowOp,
    line: number,
    badBytes: boolean,
    write: (into: RowWriter, op: RowOp) => void,
  ): void {
    const before = writer.bytes;
    writer.begin(op);
    write(writer, op);
    const tooLarge = writer.bytes - before >= rowLimits.rowBytes;
    if (!tooLarge && !badBytes) {
      writer.end();
      lines.push(line);
      return;
    }
    writer.drop();
    if (tooLarge) refuse('row-too-large', line, op, new Uint8Array());
    else refuseRow('invalid-utf8', line, op, (into) => write(into, op));
  }

  const taker: Taker = {
    get full() {
      return writer.bytes >= blockBytes || rejected.length >= MOST_REJECTED;
    },
    fields(fields, line, valid) {
      if (fields.count !== columns) {
        if (!isBlank(fields)) taker.bad('malformed', line, lineOf(fields));
        return;
      }
      const op = opAt(opColumn < 0 ? null : fieldText(fields, opColumn, quote));
      if (op === undefined) {
        taker.bad('malformed', line, lineOf(fields));
        return;
      }
      put(op, line, !valid && !isUtf8(lineOf(fields)), (into, op) => {
        for (const projected of items) {
          if (op === 'D' && !projected.item.key) into.null();
          else writeField(into, projected, fields, quote);
        }
      });
    },
    values(values, line) {
      const op = opAt(values[opColumn]);
      if (op === undefined) {
        taker.bad('malformed', line);
        return;
      }
      const nested = items.find(({ column }) => column >= 0 && values[column] === undefined);
      if (nested) {
        refuse('type', line, op, new Uint8Array(), nested.item.column);
        return;
      }
      put(op, line, false, (into, op) => {
        for (const { item, column, cell, constant } of items) {
          if (op === 'D' && !item.key) into.null();
          else if (constant) into.field(constant);
          else {
            const value = values[column] ?? null;
            into.text(
              value === null ? null : cell.text(value, value === '' ? true : value !== cell.nullText),
            );
          }
        }
      });
    },
    bad(reason, line, bytes) {
      const op = phase === 'snapshot' ? 'S' : 'U';
      if (bytes === undefined || bytes.length === 0) {
        refuse(reason, line, op, new Uint8Array());
        return;
      }
      scratch.begin(op);
      scratch.utf8(bytes, 0, Math.min(bytes.length, KEPT_BYTES));
      scratch.end();
      refuse(reason, line, op, scratch.take());
    },
    take() {
      const taken = lines;
      const placeOf = (row: number) => `${file}:${taken[row]}`;
      const block = { rows: writer.rows, bytes: writer.take(), rejected, placeOf };
      rejected = [];
      lines = [];
      return block;
    },
  };
  return taker;
}

function writeField(
  into: RowWriter,
  { column, cell, constant }: ProjectedItem,
  fields: Fields,
  quote: number,
): void {
  if (constant) {
    into.field(constant);
    return;
  }
  if (fields.kinds[column] === DOUBLED) undouble(fields, column, quote);
  const start = fields.starts[column]!;
  const end = fields.ends[column]!;
  const kind = fields.kinds[column]!;
  if (start === end) {
    if (cell.emptyIsNull(kind !== PLAIN)) into.null();
    else into.text('');
  } else if ((cell.nullText === undefined || kind !== PLAIN) && cell.asIs?.(fields.data, start, end)) {
    into.utf8(fields.data, start, end);
  } else {
    into.text(cell.text(fieldText(fields, column, quote), kind !== PLAIN));
  }
}

/** Makes one of quotes that are written twice, where they stand: the bytes are read once. */
function undouble({ data, starts, ends, kinds }: Fields, column: number, quote: number): void {
  const end = ends[column]!;
  let to = data.indexOf(quote, starts[column]) + 1;
  for (let at = to + 1; at < end; at++) {
    const byte = data[at]!;
    data[to++] = byte;
    if (byte === quote) at++;
  }
  ends[column] = to;
  kinds[column] = QUOTED;
}

/** Lines without anything stand at the end of many files; in a table of one column an empty line is a row. */
function isBlank({ count, starts, ends, kinds }: Fields): boolean {
  return count === 1 && kinds[0] === PLAIN && starts[0] === ends[0];
}

function lineOf({ data, count, starts, ends }: Fields): Buffer {
  return count === 0 ? Buffer.alloc(0) : data.subarray(starts[0]!, ends[count - 1]!);
}
