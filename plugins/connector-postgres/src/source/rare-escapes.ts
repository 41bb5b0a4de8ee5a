const BACKSLASH = 92;
/** The bytes that PostgreSQL's COPY writes as a letter and row text has raw. */
const raw: Readonly<Record<number, number>> = { 98: 8, 102: 12, 118: 11 };
const marks = [Buffer.from('\\b'), Buffer.from('\\f'), Buffer.from('\\v')];

/**
 * Rewrites `\b \f \v` of COPY text to the raw bytes, in place, and answers the shorter block. A block without them, which is
 * nearly every one, is only searched. A backslash that is itself escaped begins nothing: `\\b` is a backslash and a b.
 */
export function withoutRareEscapes(bytes: Buffer): Buffer {
  let first = bytes.length;
  for (const mark of marks) {
    const found = bytes.subarray(0, first + 1).indexOf(mark);
    if (found >= 0) first = found;
  }
  if (first === bytes.length) return bytes;
  // the find may be the second half of an escaped backslash: go back to where the run of backslashes begins
  let at = first;
  while (at > 0 && bytes[at - 1] === BACKSLASH) at--;
  let out = at;
  while (at < bytes.length) {
    const byte = bytes[at++]!;
    if (byte !== BACKSLASH) {
      bytes[out++] = byte;
      continue;
    }
    const letter = bytes[at++]!;
    const value = raw[letter];
    if (value !== undefined) {
      bytes[out++] = value;
    } else {
      bytes[out++] = BACKSLASH;
      bytes[out++] = letter;
    }
  }
  return bytes.subarray(0, out);
}
