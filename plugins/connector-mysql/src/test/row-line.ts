import { createRowWriter, type RowOp } from '@qianzhi/rows';

/** One row as row text, without its end. */
export function encodeRow(op: RowOp, values: readonly (string | null)[]): string {
  const writer = createRowWriter(1024);
  writer.begin(op);
  for (const value of values) writer.text(value);
  writer.end();
  return Buffer.from(writer.take()).toString().slice(0, -1);
}
