import type { FlagReason } from '../reasons.js';

/**
 * Steps over one character whose lead byte is 0xEE or more (U+E000 up): private-use areas (U+E000–U+F8FF and
 * planes 15 and 16) and U+FFFD are reported, all others are common enough (full-width forms, rare Han).
 */
export function rareEnd(b: Uint8Array, p: number, onFlag: (reason: FlagReason) => void): number {
  const lead = b[p]!;
  if (lead >= 0xf0) {
    if (lead === 0xf4 || (lead === 0xf3 && b[p + 1]! >= 0xb0)) onFlag('private-use');
    return p + 4;
  }
  if (lead === 0xee || b[p + 1]! < 0xa4) onFlag('private-use');
  else if (b[p + 1] === 0xbf && b[p + 2] === 0xbd) onFlag('replacement-character');
  return p + 3;
}
