/**
 * The identifier checks of the model (GB 11643, GB 32100, ISO 7064 MOD 11,10, GB 11714) over bytes, for the row
 * path. A property test holds them equal to the model's.
 */
export type BytesCheck = (b: Uint8Array, start: number, end: number) => boolean;

/** A check of row text; `length` in bytes where every value that passes has it. */
export interface ValueCheck {
  readonly check: BytesCheck;
  readonly length?: number;
}

const NONE = 255;

/** Value of each character of GB 32100's set; 255 for all others. */
const usccValue = new Uint8Array(256).fill(NONE);
[...'0123456789ABCDEFGHJKLMNPQRTUWXY'].forEach((c, i) => {
  usccValue[c.charCodeAt(0)] = i;
});
/** Value of each character of GB 11714's set; 255 for all others. */
const orgValue = new Uint8Array(256).fill(NONE);
[...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'].forEach((c, i) => {
  orgValue[c.charCodeAt(0)] = i;
});

const citizenCheck = Uint8Array.from('10X98765432', (c) => c.charCodeAt(0));
const orgWeights = Uint8Array.of(3, 7, 9, 10, 5, 8, 4, 2);
const daysInMonth = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** A real day of the proleptic Gregorian calendar, years 1–9999. */
export function isRealDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  if (day <= daysInMonth[month]!) return true;
  return month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Marks a character that may not stand at its position. */
const BAD = 1 << 30;
const PLACES = 17;

/** For each of the first 17 positions and each byte what it adds to the sums, or `BAD`: one look-up a byte. */
function contributions(of: (place: number, byte: number) => number): Int32Array {
  return Int32Array.from({ length: PLACES * 256 }, (_, i) => of(i >> 8, i & 255));
}

const citizenSums = contributions((place, byte) => {
  const weight = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2][place]!;
  const least = place === 0 ? 49 : 48;
  return byte >= least && byte <= 57 ? (byte - 48) * weight : BAD;
});

/** The low 16 bits are the code's own sum, the bits above that of the organisation code inside it. */
const usccSums = contributions((place, byte) => {
  const value = usccValue[byte]!;
  if (value === NONE || (place >= 2 && place < 8 && byte > 57)) return BAD;
  const inner = place >= 8 && place < 16 ? orgValue[byte]! * orgWeights[place - 8]! : 0;
  return (inner << 16) | (value * (3 ** place % 31));
});

export function citizenIdBytes(b: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 18) return false;
  let sum = 0;
  for (let i = 0; i < PLACES; i++) sum += citizenSums[(i << 8) | b[start + i]!]!;
  if (sum >= BAD || citizenCheck[sum % 11] !== b[start + 17]) return false;
  const p = start + 6;
  const year = b[p]! * 1000 + b[p + 1]! * 100 + b[p + 2]! * 10 + b[p + 3]! - 53328;
  return isRealDay(year, b[p + 4]! * 10 + b[p + 5]! - 528, b[p + 6]! * 10 + b[p + 7]! - 528);
}

export function usccBytes(b: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 18) return false;
  let sum = 0;
  let marks = 0;
  for (let i = 0; i < PLACES; i++) {
    const part = usccSums[(i << 8) | b[start + i]!]!;
    marks |= part;
    sum += part & (BAD - 1);
  }
  if (marks >= BAD || usccValue[b[start + 17]!] !== (31 - ((sum & 0xffff) % 31)) % 31) return false;
  return b[start + 16] === orgCheck(sum >> 16);
}

function orgCheck(sum: number): number {
  const check = 11 - (sum % 11);
  return check === 10 ? 88 : check === 11 ? 48 : 48 + check;
}

export function regNoBytes(b: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 15) return false;
  let product = 10;
  for (let i = 0; i < 15; i++) {
    const digit = b[start + i]! - 48;
    if (digit < 0 || digit > 9) return false;
    if (i === 14) return (product + digit) % 10 === 1;
    const sum = (product + digit) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return false;
}

export function orgCodeBytes(b: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 9) return false;
  let sum = 0;
  for (let i = 0; i < 8; i++) {
    const value = orgValue[b[start + i]!]!;
    if (value === NONE) return false;
    sum += value * orgWeights[i]!;
  }
  return b[start + 8] === orgCheck(sum);
}
