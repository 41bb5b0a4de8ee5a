import { isUtf8 } from 'node:buffer';
import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf, opOf, type RowOp, type RowWriter } from '@qianzhi/rows';
import { eachRow, fieldSpans } from './fields.js';
import type { Projection } from './projection.js';

const NULL_FIELD = Buffer.from('\\N');

/** Leaves out rows with text that is no UTF-8, each rejected with the first item at fault. */
export function withoutBadText(
  bytes: Buffer,
  projection: Projection,
): { readonly bytes: Buffer; readonly rows: number; readonly rejected: readonly RowRejection[] } {
  const good = createRowWriter(bytes.length);
  const rejected: RowRejection[] = [];
  eachRow(bytes, (spans, op) => {
    const fields = projection.items.map((_, at) => bytes.subarray(spans[2 * at + 2], spans[2 * at + 3]));
    const bad = fields.findIndex((field) => !isUtf8(field));
    if (bad < 0) {
      writeFields(good, op, fields);
      return;
    }
    const known = fields.map((field) => (isUtf8(field) ? field : NULL_FIELD));
    const item = projection.items[bad]!.item.column;
    rejected.push(rejectionOf(op, good.rows + rejected.length, item, 'invalid-utf8', known, projection));
  });
  const { rows } = good;
  const taken = good.take();
  return { bytes: Buffer.from(taken.buffer, taken.byteOffset, taken.length), rows, rejected };
}

/** Only the beginning of such a row is known; what is kept of it is its key. */
export function tooLarge(start: Buffer, row: number, projection: Projection): RowRejection {
  const spans = fieldSpans(start, 0, start.length);
  // the last field may be cut
  const whole = spans.length / 2 - 2;
  const known = projection.items.map(({ item }, at) =>
    item.key && at < whole ? start.subarray(spans[2 * at + 2], spans[2 * at + 3]) : NULL_FIELD,
  );
  return rejectionOf(opOf(start[0]) ?? 'S', row, '*', 'row-too-large', known, projection);
}

function rejectionOf(
  op: RowOp,
  row: number,
  item: string,
  reason: string,
  fields: readonly Buffer[],
  { keyFields }: Projection,
): RowRejection {
  const writer = createRowWriter(1024);
  writeFields(writer, op, fields);
  const bytes = writer.take();
  const keyKnown = keyFields.length > 0 && keyFields.every((field) => fields[field] !== NULL_FIELD);
  return { row, op, item, reason, bytes, ...(keyKnown && { key: Buffer.from(keyOf(bytes, keyFields)) }) };
}

function writeFields(writer: RowWriter, op: RowOp, fields: readonly Buffer[]): void {
  writer.begin(op);
  for (const field of fields) writer.field(field);
  writer.end();
}
