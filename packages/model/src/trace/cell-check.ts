/** What a spreadsheet would take for a formula, made text by an apostrophe before it. */
const NEUTRALISED = /^'[=+\-@\t\r]/;
const FORMULA = /^[=+\-@\t\r]/;

/** Whether a spreadsheet may take the text for a formula. */
export function looksLikeFormula(text: string): boolean {
  return FORMULA.test(text);
}

/**
 * 32 bits of a value as a file shows it, for telling copies of delivered rows apart: no secret and no proof by itself. NULL and
 * the empty text are one, and the apostrophe before a neutralised formula is none of the value: files that went through a
 * spreadsheet no longer tell them apart.
 */
export function cellHash(value: string | null): number {
  let hash = 0x811c9dc5;
  if (value === null) return hash;
  for (let i = NEUTRALISED.test(value) ? 1 : 0; i < value.length; i++)
    hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** One byte of a cell under the key of one download: two different values agree by chance once in 256. */
export function cellCheck(key: number, column: number, hash: number): number {
  let mixed = hash ^ key ^ Math.imul(column + 1, 0x9e3779b9);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & 0xff;
}
