import { bufferView } from '../views.js';
import { isRealDay } from './identifier-bytes.js';

/**
 * Checks of one value at `p` up to its delimiter. They answer the delimiter's position, or one of these
 * negatives. `allow` is a sum of the bits below.
 */
export const WRONG_TYPE = -1;
export const NO_SUCH_DATE = -2;
export const NOT_ALLOWED = -3;

export const ALLOW_ZERO_DATE = 1;
export const ALLOW_INFINITY = 2;
export const ALLOW_NAN = 4;

const MAX_FRACTION_DIGITS = 12;

/** D: `YYYY-MM-DD`. */
export function dateEnd(b: Uint8Array, p: number, delimiter: number, allow: number): number {
  if (b[p + 10] !== delimiter) return specialDate(b, p, delimiter, allow);
  const day = dayAt(b, p);
  if (day < 0) return day === NO_SUCH_DATE ? zeroDate(b, p, p + 10, allow) : WRONG_TYPE;
  return p + 10;
}

/** T: `YYYY-MM-DD HH:MM:SS[.f…]`, an instant with `+00` behind. */
export function timestampEnd(
  b: Uint8Array,
  p: number,
  delimiter: number,
  allow: number,
  instant: boolean,
): number {
  // 19 characters and a delimiter must be there before any of them is read
  if (p + 19 >= b.length) return specialDate(b, p, delimiter, allow);
  const day = dayAt(b, p);
  if (day === WRONG_TYPE) return specialDate(b, p, delimiter, allow);
  if (b[p + 10] !== 32 || b[p + 13] !== 58 || b[p + 16] !== 58) return WRONG_TYPE;
  const hour = twoDigits(b, p + 11);
  const minute = twoDigits(b, p + 14);
  const second = twoDigits(b, p + 17);
  if ((hour | minute | second) >= NOT_DIGITS) return WRONG_TYPE;
  let q = p + 19;
  if (b[q] === 46) {
    const first = ++q;
    while (b[q]! >= 48 && b[q]! <= 57) q++;
    if (q === first || q - first > MAX_FRACTION_DIGITS || b[q - 1] === 48) return WRONG_TYPE;
  }
  if (instant) {
    if (b[q] !== 43 || b[q + 1] !== 48 || b[q + 2] !== 48) return WRONG_TYPE;
    q += 3;
  }
  if (b[q] !== delimiter) return WRONG_TYPE;
  if (hour > 23 || minute > 59 || second > 59) return NO_SUCH_DATE;
  return day === NO_SUCH_DATE ? zeroDate(b, p, q, allow) : q;
}

/** Value of two digits by their bytes; `NOT_DIGITS` for any other pair. Valid values are below 128, so they can be or-ed. */
const pairs = new Uint8Array(65_536).fill(128);
const NOT_DIGITS = 128;
for (let value = 0; value < 100; value++)
  pairs[((48 + Math.floor(value / 10)) << 8) | (48 + (value % 10))] = value;

function twoDigits(b: Uint8Array, p: number): number {
  return pairs[(b[p]! << 8) | b[p + 1]!]!;
}

/** 0 for a real day; ten bytes from `p` are there. */
function dayAt(b: Uint8Array, p: number): number {
  if (b[p + 4] !== 45 || b[p + 7] !== 45) return WRONG_TYPE;
  const century = twoDigits(b, p);
  const year = twoDigits(b, p + 2);
  const month = twoDigits(b, p + 5);
  const day = twoDigits(b, p + 8);
  if ((century | year | month | day) >= NOT_DIGITS) return WRONG_TYPE;
  return isRealDay(century * 100 + year, month, day) ? 0 : NO_SUCH_DATE;
}

/** `0000-00-00`, or a day or month of 00 as MySQL stores them. */
function zeroDate(b: Uint8Array, p: number, end: number, allow: number): number {
  const year = twoDigits(b, p) * 100 + twoDigits(b, p + 2);
  const month = twoDigits(b, p + 5);
  const day = twoDigits(b, p + 8);
  const zero = year === 0 ? month === 0 && day === 0 : month === 0 ? day === 0 : month <= 12 && day === 0;
  if (!zero) return NO_SUCH_DATE;
  return allow & ALLOW_ZERO_DATE ? end : NOT_ALLOWED;
}

function specialDate(b: Uint8Array, p: number, delimiter: number, allow: number): number {
  const end = valueEnd(b, p);
  if (b[end] !== delimiter) return WRONG_TYPE;
  const text = latin1(b, p, end);
  if (text !== 'infinity' && text !== '-infinity') return WRONG_TYPE;
  return allow & ALLOW_INFINITY ? end : NOT_ALLOWED;
}

/** N, Y, B, F beside plain numbers: `NaN`, `Infinity`, `-Infinity`. */
export function specialNumberEnd(b: Uint8Array, p: number, delimiter: number, allow: number): number {
  const end = valueEnd(b, p);
  if (b[end] !== delimiter || end - p > 9) return WRONG_TYPE;
  const text = latin1(b, p, end);
  if (text === 'NaN') return allow & ALLOW_NAN ? end : NOT_ALLOWED;
  if (text === 'Infinity' || text === '-Infinity') return allow & ALLOW_INFINITY ? end : NOT_ALLOWED;
  return WRONG_TYPE;
}

/** B, F: the shortest text that reads back as the same double, as JavaScript prints it; `-0` for negative zero. */
export function floatEnd(b: Uint8Array, p: number, delimiter: number, allow: number): number {
  let q = p;
  if (b[q] === 45) q++;
  const start = q;
  while (b[q]! >= 48 && b[q]! <= 57) q++;
  const whole = q - start;
  if (whole === 0 || (whole > 1 && b[start] === 48)) return specialNumberEnd(b, p, delimiter, allow);
  if (b[q] === delimiter && whole <= 15) return q;
  if (b[q] === 46) {
    const first = ++q;
    while (b[q]! >= 48 && b[q]! <= 57) q++;
    // up to 15 digits every decimal is the shortest text of its double; small ones take an exponent
    const big = b[start] !== 48 || (b[first]! > 48 && b[first]! <= 57);
    if (b[q] === delimiter && q > first && b[q - 1] !== 48 && whole + q - first <= 15 && big) return q;
  }
  const end = valueEnd(b, p);
  if (b[end] !== delimiter || end - p > 32) return WRONG_TYPE;
  const text = latin1(b, p, end);
  return text !== '' && String(Number(text)) === text ? end : WRONG_TYPE;
}

/** The next TAB or LF. */
export function valueEnd(b: Uint8Array, p: number): number {
  let q = p;
  while (b[q] !== 9 && b[q] !== 10 && q < b.length) q++;
  return q;
}

export function latin1(b: Uint8Array, start: number, end: number): string {
  return bufferView(b).toString('latin1', start, end);
}
