import { rowOffsets } from './decode.js';
import { keySpans } from './keys.js';

export interface Folded {
  /** The same buffer when nothing was folded. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Rows left out, because a later row has the same key. */
  readonly folded: number;
}

/**
 * Keeps the last row of each key, in the order of last occurrence. `keyFields` are the key's positions
 * among the items, from 0 and rising (the op field is not counted). With no key fields nothing is folded.
 */
export function foldRows(bytes: Uint8Array, keyFields: readonly number[]): Folded {
  const offsets = rowOffsets(bytes);
  const rows = offsets.length - 1;
  if (keyFields.length === 0 || rows < 2) return { bytes, rows, folded: 0 };

  const width = keyFields.length * 2;
  const spans = new Int32Array(rows * width);
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(rows * 2))); // row number + 1; 0 is free
  const mask = slots.length - 1;
  const superseded = new Uint8Array(rows);
  let folded = 0;
  // from the end, so that the first row met of a key is the one that stays
  for (let row = rows - 1; row >= 0; row--) {
    keySpans(bytes, offsets[row]!, keyFields, spans, row * width);
    let slot = hashSpans(bytes, spans, row * width, width) & mask;
    while (slots[slot] !== 0 && !sameSpans(bytes, spans, row * width, (slots[slot]! - 1) * width, width)) {
      slot = (slot + 1) & mask;
    }
    if (slots[slot] === 0) {
      slots[slot] = row + 1;
    } else {
      superseded[row] = 1;
      folded++;
    }
  }
  if (folded === 0) return { bytes, rows, folded };
  return { bytes: withoutRows(bytes, offsets, superseded), rows: rows - folded, folded };
}

function withoutRows(bytes: Uint8Array, offsets: Uint32Array, left: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafeSlow(bytes.length);
  let length = 0;
  for (let row = 0; row < left.length; row++) {
    if (left[row] === 1) continue;
    out.set(bytes.subarray(offsets[row], offsets[row + 1]), length);
    length += offsets[row + 1]! - offsets[row]!;
  }
  return out.subarray(0, length);
}

/** FNV-1a over the key's fields, with a mark between them; finished so that low bits depend on all. */
function hashSpans(bytes: Uint8Array, spans: Int32Array, at: number, width: number): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < width; k += 2) {
    const end = spans[at + k + 1]!;
    for (let p = spans[at + k]!; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0x01000193);
    hash = Math.imul(hash ^ 9, 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}

function sameSpans(bytes: Uint8Array, spans: Int32Array, a: number, b: number, width: number): boolean {
  for (let k = 0; k < width; k += 2) {
    let p = spans[a + k]!;
    let q = spans[b + k]!;
    const end = spans[a + k + 1]!;
    if (end - p !== spans[b + k + 1]! - q) return false;
    while (p < end) if (bytes[p++] !== bytes[q++]) return false;
  }
  return true;
}
