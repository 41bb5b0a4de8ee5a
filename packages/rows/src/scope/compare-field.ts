import type { CatalogItem } from '@qianzhi/model';
import { escapeText, unescapeText } from '../field-text.js';
import { compareDecimals } from '../validator/decimal-compare.js';
import { latin1 } from '../validator/value-checks.js';
import { bufferView } from '../views.js';

/** Where a field's text stands to a constant: negative, zero, positive; NaN where the two are not compared. */
export type FieldOrder = (b: Uint8Array, start: number, end: number) => number;

const BACKSLASH = 92;
const EXACT_DIGITS = 15;
const SPECIAL_DATE = /^0000|-00/;

/** How a field of this item is compared with a canonical text of the same item. The field is not null. */
export function orderOf(item: CatalogItem, text: string): FieldOrder {
  switch (item.type) {
    case 'I':
    case 'N':
    case 'Y':
      return decimalOrder(text);
    case 'B':
    case 'F':
      return floatOrder(Number(text));
    case 'D':
    case 'T':
      return timeOrder(text);
    default:
      return textOrder(text);
  }
}

/** Decimals of up to 15 digits are told apart by doubles; longer ones digit by digit. */
function decimalOrder(text: string): FieldOrder {
  const short = text.length <= EXACT_DIGITS;
  const value = Number(text);
  return (b, start, end) => {
    if (!isNumber(b, end)) return Number.NaN;
    const field = latin1(b, start, end);
    return short && end - start <= EXACT_DIGITS ? Number(field) - value : compareDecimals(field, text);
  };
}

function floatOrder(value: number): FieldOrder {
  return (b, start, end) => {
    const field = Number(latin1(b, start, end));
    if (!Number.isFinite(field)) return Number.NaN;
    return field < value ? -1 : field > value ? 1 : 0;
  };
}

/** Canonical dates and times order as their bytes do (`+00` sorts before a fraction's point). */
function timeOrder(text: string): FieldOrder {
  const other = Buffer.from(text);
  return (b, start, end) => {
    const first = b[start]!;
    if (first < 48 || first > 57) return Number.NaN; // infinity
    if (SPECIAL_DATE.test(latin1(b, start, start + 10))) return Number.NaN;
    return compareBytes(b, start, end, other);
  };
}

/** By code points, which is the order of UTF-8 bytes. Escapes are put back only where there are any. */
function textOrder(text: string): FieldOrder {
  const other = Buffer.from(text);
  return (b, start, end) => {
    if (!holds(b, start, end, BACKSLASH)) return compareBytes(b, start, end, other);
    const value = Buffer.from(unescapeText(bufferView(b).toString('utf8', start, end)));
    return compareBytes(value, 0, value.length, other);
  };
}

/** Whether a field is a text: escaping tells every text apart, so that its bytes are compared as they are. */
export function sameText(text: string): (b: Uint8Array, start: number, end: number) => boolean {
  const other = Buffer.from(escapeText(text));
  return (b, start, end) => end - start === other.length && beginsWith(b, start, other);
}

/** Whether a field begins with a text; each character is escaped by itself. */
export function startsWith(text: string): (b: Uint8Array, start: number, end: number) => boolean {
  const other = Buffer.from(escapeText(text));
  return (b, start, end) => end - start >= other.length && beginsWith(b, start, other);
}

function beginsWith(b: Uint8Array, start: number, other: Uint8Array): boolean {
  for (let i = 0; i < other.length; i++) if (b[start + i] !== other[i]) return false;
  return true;
}

function compareBytes(b: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const length = Math.min(end - start, other.length);
  for (let i = 0; i < length; i++) {
    const difference = b[start + i]! - other[i]!;
    if (difference !== 0) return difference;
  }
  return end - start - other.length;
}

/** A number ends with a digit; NaN and infinity do not. */
function isNumber(b: Uint8Array, end: number): boolean {
  const last = b[end - 1]!;
  return last >= 48 && last <= 57;
}

function holds(b: Uint8Array, start: number, end: number, byte: number): boolean {
  for (let i = start; i < end; i++) if (b[i] === byte) return true;
  return false;
}
