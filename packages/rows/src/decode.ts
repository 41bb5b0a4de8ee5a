import { unescapeText } from './field-text.js';
import { opOf, type RowOp } from './op.js';
import { bufferView } from './views.js';

export interface DecodedRow {
  readonly op: RowOp;
  readonly fields: readonly (string | null)[];
}

const LF = 10;
/** Pieces of this size keep the decoded text of a large block from filling memory. */
const PIECE_BYTES = 256 * 1024;

/**
 * The fast way to values: calls `onRow` for each row with op, fields and row number from 0, and answers the
 * number of rows. The array is new for each row. The block's form was checked before (`scanRows`).
 */
export function readRows(
  bytes: Uint8Array,
  onRow: (op: RowOp, fields: (string | null)[], row: number) => void,
): number {
  let row = 0;
  for (const piece of pieces(bytes)) {
    for (const text of linesOf(piece)) {
      const decoded = decodeLine(text);
      onRow(decoded.op, decoded.fields, row++);
    }
  }
  return row;
}

/** Rows of a block whose form was checked before (`scanRows`), as values. For sinks and tests. */
export function* decodeRows(bytes: Uint8Array): Generator<DecodedRow, void, undefined> {
  for (const piece of pieces(bytes)) {
    for (const text of linesOf(piece)) yield decodeLine(text);
  }
}

/** The value of one field's row text: null for `\N`, escapes resolved. */
export function decodeField(field: Uint8Array): string | null {
  return fieldValue(bufferView(field).toString('utf8'));
}

/** The bytes of a G value (`\x…` as decoded text). */
export function binaryOf(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex');
}

/** Where rows start: one entry for each row and a last one with the block's length. */
export function rowOffsets(bytes: Uint8Array): Uint32Array {
  let offsets = new Uint32Array(1024);
  let count = 0;
  const buffer = bufferView(bytes);
  for (let start = 0; start < bytes.length; ) {
    offsets[count++] = start;
    if (count === offsets.length) {
      const larger = new Uint32Array(count * 2);
      larger.set(offsets);
      offsets = larger;
    }
    start = buffer.indexOf(LF, start) + 1 || bytes.length;
  }
  offsets[count] = bytes.length;
  return offsets.subarray(0, count + 1);
}

function* pieces(bytes: Uint8Array): Generator<Buffer> {
  const buffer = bufferView(bytes);
  for (let start = 0; start < buffer.length; ) {
    let end = buffer.length;
    if (end - start > PIECE_BYTES) end = buffer.indexOf(LF, start + PIECE_BYTES) + 1 || end;
    yield buffer.subarray(start, end);
    start = end;
  }
}

function linesOf(piece: Buffer): string[] {
  const lines = piece.toString('utf8').split('\n');
  lines.pop(); // behind the last LF
  return lines;
}

function decodeLine(line: string): { op: RowOp; fields: (string | null)[] } {
  const fields: (string | null)[] = line.split('\t');
  const op = opOf(line.charCodeAt(0))!;
  fields.shift();
  if (line.includes('\\')) {
    for (let i = 0; i < fields.length; i++) fields[i] = fieldValue(fields[i]!);
  }
  return { op, fields };
}

function fieldValue(text: string): string | null {
  return text === '\\N' ? null : unescapeText(text);
}
