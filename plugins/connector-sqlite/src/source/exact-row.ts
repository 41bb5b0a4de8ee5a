import { isUtf8 } from 'node:buffer';
import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf, type RowOp, type RowWriter, rowLimits } from '@qianzhi/rows';
import type { Bound } from './order.js';
import type { Projection } from './projection.js';

/** What is wrong with one row: the first item at fault. */
interface Fault {
  readonly item: string;
  readonly reason: string;
}

export type Encoding = 'UTF-8' | 'UTF-16le' | 'UTF-16be';

/**
 * Writes one row of the exact select list (value, storage class, value, …). Text is judged byte by byte: SQLite
 * does not guarantee that it is valid. A row with a fault is left out of `writer` and answered as a rejection,
 * the faulty items as `\N`, so that nothing is lost and nothing is changed.
 */
export function writeExactRow(
  writer: RowWriter,
  op: RowOp,
  values: readonly Bound[],
  projection: Projection,
  encoding: Encoding,
  row: number,
): RowRejection | undefined {
  let fault: Fault | undefined;
  let at = 0;
  const before = writer.bytes;
  writer.begin(op);
  for (const { item, column, write, constant } of projection.items) {
    if (column === undefined) {
      writer.field(constant!);
      continue;
    }
    const value = values[at]!;
    const storage = values[at + 1];
    at += 2;
    const wrong =
      storage === 'large' ? 'row-too-large' : writeValue(value, storage === 'text', item.type === 'G');
    if (wrong === undefined) continue;
    fault ??= { item: item.column, reason: wrong };
    writer.null();

    function writeValue(cell: Bound, isText: boolean, binary: boolean): string | undefined {
      if (!Buffer.isBuffer(cell) || (binary && !(isText && encoding !== 'UTF-8')))
        return write(writer, cell) ? undefined : 'type';
      if (!isText && item.type !== 'C' && item.type !== 'M') return 'type';
      const text = strictText(cell, isText ? encoding : 'UTF-8');
      if (text === undefined) return 'invalid-utf8';
      if (binary) return write(writer, Buffer.from(text)) ? undefined : 'type';
      if (text.includes('\0')) return 'nul-character';
      return write(writer, text) ? undefined : 'type';
    }
  }
  if (!fault && writer.bytes - before < rowLimits.rowBytes) {
    writer.end();
    return undefined;
  }
  writer.drop();
  return rejectionOf(op, row, fault ?? { item: '*', reason: 'row-too-large' }, values, projection, encoding);
}

/** The row as far as it is known; nothing of a row that is too large to be kept. */
function rejectionOf(
  op: RowOp,
  row: number,
  fault: Fault,
  values: readonly Bound[],
  projection: Projection,
  encoding: Encoding,
): RowRejection {
  const known = createRowWriter(1024);
  known.begin(op);
  let at = 0;
  for (const { item, column, write, constant } of projection.items) {
    if (column === undefined) {
      known.field(constant!);
      continue;
    }
    const cell = values[at]!;
    const isText = values[at + 1] === 'text';
    at += 2;
    const large = fault.reason === 'row-too-large' && !item.key;
    const value =
      Buffer.isBuffer(cell) && item.type !== 'G' ? strictText(cell, isText ? encoding : 'UTF-8') : cell;
    if (
      large ||
      value === undefined ||
      (typeof value === 'string' && value.includes('\0')) ||
      !write(known, value)
    )
      known.null();
  }
  known.end();
  const bytes = known.take();
  return {
    row,
    op,
    ...fault,
    bytes,
    ...(projection.keyFields.length > 0 && { key: Buffer.from(keyOf(bytes, projection.keyFields)) }),
  };
}

/** Undefined for bytes that are no valid text of the encoding: overlong forms, surrogates, cut characters. */
function strictText(bytes: Buffer, encoding: Encoding): string | undefined {
  if (encoding === 'UTF-8') return isUtf8(bytes) ? bytes.toString() : undefined;
  try {
    return new TextDecoder(encoding.toLowerCase(), { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
