import { WRONG_TYPE } from './value-checks.js';

export const TOO_LONG = -2;

/** Steps over a character whose lead byte is 0xEE or more; flags it for the item where it is worth a look. */
export type RareStep = (b: Uint8Array, p: number, item: number) => number;

/**
 * C, M: the place of the delimiter behind the text at `p`; WRONG_TYPE for a wrong escape, a raw CR or another
 * delimiter, TOO_LONG for more than `most` code points. UTF-8 is known to be valid, so a lead byte says how far to
 * step. Han and plain ASCII, most of all text, have tight loops of their own.
 */
export function textEnd(
  b: Uint8Array,
  start: number,
  delimiter: number,
  most: number,
  rare: RareStep,
  item: number,
): number {
  let p = start;
  let extra = 0; // bytes beyond one for each code point
  let c = b[p]!;
  for (;;) {
    while ((c - 0xe0) >>> 0 < 14) {
      p += 3;
      extra += 2;
      c = b[p]!;
    }
    while ((c - 14) >>> 0 < 78) c = b[++p]!;
    if (c < 14) {
      if (c === delimiter) return p - start - extra > most ? TOO_LONG : p;
      if (c === 9 || c === 10 || c === 13) return WRONG_TYPE;
      c = b[++p]!;
    } else if (c === 92) {
      c = b[p + 1]!;
      if (c !== 92 && c !== 116 && c !== 110 && c !== 114) return WRONG_TYPE;
      p += 2;
      extra++;
      c = b[p]!;
    } else if (c < 0x80) {
      c = b[++p]!;
    } else if (c < 0xe0) {
      p += 2;
      extra++;
      c = b[p]!;
    } else if (c > 0xed) {
      const next = rare(b, p, item) | 0;
      extra += next - p - 1;
      p = next;
      c = b[p]!;
    }
  }
}
