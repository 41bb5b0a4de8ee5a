/** First and last code point of what a terminal shows two columns wide: East Asian Wide and Fullwidth (UAX #11), emoji. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1aff0, 0x1b2ff],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];
const narrow = /^[\x20-\x7e]*$/;
const joined = /^[\p{Mn}\p{Me}\u200b-\u200f\u2060\ufeff]$/u;

/** Terminal columns of a text without control characters. Characters of ambiguous width count as one. */
export function textWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (!joined.test(char)) width += wide.some(([first, last]) => first <= code && code <= last) ? 2 : 1;
  }
  return width;
}
