import { isUtf8 } from 'node:buffer';
import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf, type RowOp, type RowWriter, rowLimits } from '@qianzhi/rows';
import { type SerialPlace, withoutBadText } from '@qianzhi/sql-kit';
import type { RowTaker } from '../connection/read-rows.js';
import { type Coded, readCoded } from '../connection/wire.js';
import type { Spelling } from './expression.js';
import type { Projection } from './projection.js';

/** How a statement writes its rows: the prefix, one column that says of 1 that the row is too large, the items. */
export interface RowForm {
  readonly projection: Projection;
  readonly spellings: readonly Spelling[];
  readonly prefix: number;
  readonly sizes: boolean;
  /** The row's op from its prefix; undefined leaves it out. */
  op(prefix: () => (string | null)[]): RowOp | undefined;
  /** Wanted of each row's prefix: its first value, see `EncodedRows.firsts`. */
  readonly firsts?: boolean;
  /** Asked when a block is made, before any later row is looked at; see `EncodedRows.mark`. */
  mark?(): SerialPlace;
}

/** Rows of a statement as row text. */
export interface EncodedRows {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Rows that were read for it, those left out included. */
  readonly taken: number;
  /** Prefix of the last of them. */
  readonly last: readonly (string | null)[];
  /** The first prefix value of each row that is in `bytes`; empty unless wanted. */
  readonly firsts: readonly string[];
  /** What the form's `mark` answered when the block was made; more rows may have come by the time it is taken. */
  readonly mark: SerialPlace | undefined;
}

const NUL = 0;
const ZERO = 48;
const ONE = 49;
/** `2026-01-01 08:00:00` */
const WHOLE_SECONDS = 19;
/** Rejected rows are small and must not pile up. */
const MOST_REJECTED = 1000;

/** Makes blocks of about `blockBytes` of row text from packets, without an object for a row. */
export function createRowEncoder(form: RowForm, blockBytes: number): RowTaker<EncodedRows> {
  const { projection, spellings, prefix, sizes } = form;
  const fields = spellings.length;
  const writer = createRowWriter(blockBytes + blockBytes / 4 + 4096);
  const coded: Coded = { value: 0, end: 0 };
  let rejected: RowRejection[] = [];
  let firsts: string[] = [];
  let taken = 0;
  let lastBytes: Buffer = Buffer.alloc(0);
  let lastStart = 0;

  const prefixOf = (bytes: Buffer, start: number): (string | null)[] => {
    const values: (string | null)[] = [];
    for (let at = start; values.length < prefix; ) {
      readCoded(bytes, at, coded);
      const { value, end } = coded;
      values.push(value < 0 ? null : bytes.toString('utf8', end, end + value));
      at = value < 0 ? end : end + value;
    }
    return values;
  };

  const behind = (bytes: Buffer, at: number): number => {
    readCoded(bytes, at, coded);
    return coded.value < 0 ? coded.end : coded.end + coded.value;
  };

  /** Only the key of such a row is kept. */
  function tooLarge(bytes: Buffer, itemsAt: number, op: RowOp): void {
    const keyWriter = createRowWriter(1024);
    let known = projection.keyFields.length > 0;
    keyWriter.begin(op);
    for (let field = 0, at = itemsAt; field < fields; field++) {
      readCoded(bytes, at, coded);
      const { value, end } = coded;
      at = value < 0 ? end : end + value;
      const isKey = projection.keyFields.includes(field);
      if (isKey && value >= 0) writeValue(keyWriter, spellings[field]!, bytes, end, at);
      else keyWriter.null();
      known &&= !isKey || value >= 0;
    }
    keyWriter.end();
    const text = keyWriter.take();
    const key = known ? { key: Buffer.from(keyOf(text, projection.keyFields)) } : {};
    const at = writer.rows + rejected.length;
    rejected.push({ row: at, op, item: '*', reason: 'row-too-large', bytes: text, ...key });
  }

  function row(bytes: Buffer, start: number): void {
    taken++;
    lastBytes = bytes;
    lastStart = start;
    const op = form.op(() => prefixOf(bytes, start));
    if (op === undefined) return;
    let at = start;
    for (let skipped = 0; skipped < prefix; skipped++) at = behind(bytes, at);
    if (sizes) {
      const isTooLarge = bytes[at] === 1 && bytes[at + 1] === ONE;
      at = behind(bytes, at);
      if (isTooLarge) {
        tooLarge(bytes, at, op);
        return;
      }
    }
    const itemsAt = at;
    const before = writer.bytes;
    writer.begin(op);
    for (let field = 0; field < fields; field++) {
      readCoded(bytes, at, coded);
      const { value, end } = coded;
      at = value < 0 ? end : end + value;
      if (value < 0) writer.null();
      else writeValue(writer, spellings[field]!, bytes, end, at);
    }
    if (writer.bytes - before >= rowLimits.rowBytes) {
      writer.drop();
      tooLarge(bytes, itemsAt, op);
      return;
    }
    writer.end();
    if (form.firsts) firsts.push(prefixOf(bytes, start)[0] ?? '');
  }

  function take(): EncodedRows {
    const { rows } = writer;
    const text = writer.take();
    const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
    const last = prefixOf(lastBytes, lastStart);
    const found = { bytes, rows, rejected, taken, last, firsts, mark: form.mark?.() };
    rejected = [];
    firsts = [];
    taken = 0;
    if (isUtf8(bytes) && !bytes.includes(NUL)) return found;
    const good = withoutBadText(bytes, projection);
    const bad = new Set(good.rejected.map((each) => each.row));
    const among = good.rejected.map((each) => ({ ...each, row: numberAmong(each.row, found.rejected) }));
    return {
      ...found,
      ...good,
      rejected: [...found.rejected, ...among],
      firsts: found.firsts.filter((_, at) => !bad.has(at)),
    };
  }

  return {
    row,
    full: () => (writer.bytes >= blockBytes || rejected.length >= MOST_REJECTED ? take() : undefined),
    rest: () => (taken > 0 ? take() : undefined),
  };
}

/** The number in the block of the row that is `row` among those that were written; `others` were left out, in their order. */
function numberAmong(row: number, others: readonly RowRejection[]): number {
  let number = row;
  for (const other of others) if (other.row <= number) number++;
  return number;
}

/** Writes the bytes of a field, as the text protocol has them. */
export function writeValue(
  writer: RowWriter,
  spelling: Spelling,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  switch (spelling) {
    case 'text':
      writer.utf8(bytes, start, end);
      break;
    case 'plain':
      writer.field(bytes, start, end);
      break;
    case 'wall':
      writer.field(bytes, start, withoutZeros(bytes, start, end));
      break;
    case 'utc':
      writer.text(`${bytes.toString('latin1', start, withoutZeros(bytes, start, end))}+00`);
      break;
    case 'hex':
      writer.binary(bytes.subarray(start, end));
      break;
    case 'truth':
      if (end - start === 1 && (bytes[start] === ONE || bytes[start] === ZERO))
        writer.bool(bytes[start] === ONE);
      else writer.utf8(bytes, start, end);
      break;
    default:
      writer.text(spelling(bytes.toString('utf8', start, end)));
      break;
  }
}

/** The end of a time without zeros at the end of its fraction. */
function withoutZeros(bytes: Buffer, start: number, end: number): number {
  if (end - start <= WHOLE_SECONDS) return end;
  let at = end;
  while (bytes[at - 1] === ZERO) at--;
  return at - start === WHOLE_SECONDS + 1 ? at - 1 : at;
}
