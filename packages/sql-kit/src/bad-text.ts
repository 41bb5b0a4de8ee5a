import { isUtf8 } from 'node:buffer';
import type { CatalogItem } from '@qianzhi/model';
import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf, opOf, type RowOp, type RowWriter } from '@qianzhi/rows';
import { eachRow, fieldSpans } from './row-fields.js';

const NULL_FIELD = Buffer.from('\\N');
const NUL = 0;

/** What has to be known of rows to name the item at fault and to keep the key. */
export interface RowItems {
  readonly items: readonly { readonly item: CatalogItem }[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
}

/** Leaves out rows with text that is no UTF-8 or holds U+0000, each rejected with the first item at fault. */
export function withoutBadText(
  bytes: Buffer,
  rowItems: RowItems,
): { readonly bytes: Buffer; readonly rows: number; readonly rejected: readonly RowRejection[] } {
  const good = createRowWriter(bytes.length);
  const rejected: RowRejection[] = [];
  eachRow(bytes, (spans, op) => {
    const fields = rowItems.items.map((_, at) => bytes.subarray(spans[2 * at + 2], spans[2 * at + 3]));
    const bad = fields.findIndex(isBad);
    if (bad < 0) {
      writeFields(good, op, fields);
      return;
    }
    const known = fields.map((field) => (isBad(field) ? NULL_FIELD : field));
    const reason = isUtf8(fields[bad]!) ? 'nul-character' : 'invalid-utf8';
    const item = rowItems.items[bad]!.item.column;
    rejected.push(rejectionOf(op, good.rows + rejected.length, item, reason, known, rowItems));
  });
  const { rows } = good;
  const taken = good.take();
  return { bytes: Buffer.from(taken.buffer, taken.byteOffset, taken.length), rows, rejected };
}

function isBad(field: Buffer): boolean {
  return !isUtf8(field) || field.includes(NUL);
}

/** Only the beginning of such a row is known; what is kept of it is its key. */
export function tooLarge(start: Buffer, row: number, rowItems: RowItems): RowRejection {
  const spans = fieldSpans(start, 0, start.length);
  // the last field may be cut
  const whole = spans.length / 2 - 2;
  const known = rowItems.items.map(({ item }, at) =>
    item.key && at < whole ? start.subarray(spans[2 * at + 2], spans[2 * at + 3]) : NULL_FIELD,
  );
  return rejectionOf(opOf(start[0]) ?? 'S', row, '*', 'row-too-large', known, rowItems);
}

function rejectionOf(
  op: RowOp,
  row: number,
  item: string,
  reason: string,
  fields: readonly Buffer[],
  { keyFields }: RowItems,
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
