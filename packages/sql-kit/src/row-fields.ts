import { decodeField, opOf, type RowOp, rowOffsets } from '@qianzhi/rows';

const TAB = 9;
const LF = 10;

/** Start and end of each field of the row at [start, end), the LF not included. */
export function fieldSpans(bytes: Buffer, start: number, end: number): number[] {
  const spans: number[] = [];
  for (let at = start; at <= end; ) {
    const tab = bytes.indexOf(TAB, at);
    const stop = tab < 0 || tab > end ? end : tab;
    spans.push(at, stop);
    at = stop + 1;
  }
  return spans;
}

/** Values of some fields of the row at [start, end), counted from its very first one. */
export function fieldValues(
  bytes: Buffer,
  start: number,
  end: number,
  fields: readonly number[],
): (string | null)[] {
  const spans = fieldSpans(bytes, start, end);
  return fields.map((field) => decodeField(bytes.subarray(spans[2 * field], spans[2 * field + 1])));
}

/** Where the row begins that ends at `end`, behind its LF. */
export function rowBefore(bytes: Buffer, end: number): number {
  return end < 2 ? 0 : bytes.lastIndexOf(LF, end - 2) + 1;
}

/** Where the row text begins behind `fields` more fields. */
export function behindFields(bytes: Buffer, start: number, fields: number): number {
  let at = start;
  for (let left = fields; left > 0 && at < bytes.length; at++) if (bytes[at] === TAB) left--;
  return at;
}

/** Calls `onRow` for each row with the spans of its fields, op first. */
export function eachRow(bytes: Buffer, onRow: (spans: readonly number[], op: RowOp) => void): void {
  const offsets = rowOffsets(bytes);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const start = offsets[row]!;
    onRow(fieldSpans(bytes, start, offsets[row + 1]! - 1), opOf(bytes[start]!)!);
  }
}
