import { rowOffsets } from '../decode.js';
import { opByte } from '../op.js';

/** What becomes of a row: left out, kept as it is, or turned into the delete of its key. */
export const rowFate = { drop: 0, keep: 1, remove: 2 } as const;

const TAB = 9;
const LF = 10;

export interface KeptRows {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

/** One pass over a block that does to each row what `fates` says of it. `keyFields` are positions among the items. */
export function keepRows(block: Uint8Array, fates: Uint8Array, keyFields: readonly number[]): KeptRows {
  const offsets = rowOffsets(block);
  const keys = new Set(keyFields);
  // a field of a delete may be longer than it was: an empty text and its TAB become three bytes
  const room = fates.includes(rowFate.remove) ? block.length * 3 : block.length;
  const out = Buffer.allocUnsafeSlow(room);
  let q = 0;
  let rows = 0;
  for (let row = 0; row < fates.length; ) {
    const fate = fates[row]!;
    // rows next to each other that are kept are copied together
    let next = row + 1;
    if (fate !== rowFate.remove) while (next < fates.length && fates[next] === fate) next++;
    const start = offsets[row]!;
    const end = offsets[next]!;
    if (fate === rowFate.keep) {
      out.set(block.subarray(start, end), q);
      q += end - start;
    } else if (fate === rowFate.remove) {
      q = writeDelete(block, start, end, keys, out, q);
    }
    if (fate !== rowFate.drop) rows += next - row;
    row = next;
  }
  return { bytes: out.subarray(0, q), rows };
}

/** `D`, the key, and `\N` for every other field. */
function writeDelete(
  block: Uint8Array,
  start: number,
  end: number,
  keys: ReadonlySet<number>,
  out: Uint8Array,
  at: number,
): number {
  let q = at;
  out[q++] = opByte.D;
  let p = start + 1;
  for (let field = 0; p < end - 1; field++) {
    const from = p++;
    while (block[p] !== TAB && block[p] !== LF) p++;
    if (keys.has(field)) {
      out.set(block.subarray(from, p), q);
      q += p - from;
    } else {
      out[q++] = TAB;
      out[q++] = 92;
      out[q++] = 78;
    }
  }
  out[q++] = LF;
  return q;
}
