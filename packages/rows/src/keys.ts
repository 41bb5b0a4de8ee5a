import { rowOffsets } from './decode.js';
import { bufferView } from './views.js';

const TAB = 9;
const LF = 10;

/**
 * Where the key fields of the row at `start` lie: writes start and end of each, in the order of `keyFields`
 * (positions among the items from 0, rising), into `spans` from `at` on. A missing field is an empty span.
 */
export function keySpans(
  bytes: Uint8Array,
  start: number,
  keyFields: readonly number[],
  spans: Int32Array,
  at: number,
): void {
  let p = start;
  let field = -1;
  for (let k = 0; k < keyFields.length; k++) {
    const wanted = keyFields[k]!;
    while (field < wanted && p < bytes.length && bytes[p] !== LF) if (bytes[p++] === TAB) field++;
    spans[at + 2 * k] = p;
    while (p < bytes.length && bytes[p] !== TAB && bytes[p] !== LF) p++;
    spans[at + 2 * k + 1] = p;
  }
}

/**
 * The key of a row: row text of its key fields, joined by TAB. Equal keys have equal text, because row text
 * is canonical. It holds row values: never log it, store its keyed digest. `keyFields` are positions among
 * the items, from 0 and rising (the op field is not counted).
 */
export function keyOf(row: Uint8Array, keyFields: readonly number[]): string {
  return keyAt(row, 0, keyFields, new Int32Array(keyFields.length * 2));
}

/** Calls `onKey` with the key of each row of a block, in order. `row` counts from 0. */
export function readKeys(
  bytes: Uint8Array,
  keyFields: readonly number[],
  onKey: (key: string, row: number) => void,
): void {
  const offsets = rowOffsets(bytes);
  const spans = new Int32Array(keyFields.length * 2);
  for (let row = 0; row + 1 < offsets.length; row++)
    onKey(keyAt(bytes, offsets[row]!, keyFields, spans), row);
}

function keyAt(bytes: Uint8Array, start: number, keyFields: readonly number[], spans: Int32Array): string {
  keySpans(bytes, start, keyFields, spans, 0);
  const buffer = bufferView(bytes);
  let key = '';
  for (let k = 0; k < keyFields.length; k++) {
    if (k > 0) key += '\t';
    key += buffer.toString('utf8', spans[2 * k], spans[2 * k + 1]);
  }
  return key;
}
