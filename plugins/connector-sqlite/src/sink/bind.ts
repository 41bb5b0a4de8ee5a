import type { CatalogItem } from '@qianzhi/model';
import { binaryOf, canonicalText } from '@qianzhi/rows';
import type { Affinity } from '../file/table.js';
import type { Bound } from '../source/order.js';

/** Answered instead of a value that the column would change beyond recall: the row is rejected (promise 9). */
export const NOT_EXACT = Symbol('the column cannot hold this value exactly');

export type Binder = (text: string) => Bound | typeof NOT_EXACT;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * How an item's canonical text becomes a value of a column; undefined where the text itself is bound. SQLite converts
 * by the column's affinity what looks like a number, so whatever is not kept exactly is found before it is written.
 */
export function compileBinder(item: CatalogItem, affinity: Affinity): Binder | undefined {
  const holdsText = affinity === 'TEXT' || affinity === 'BLOB';
  switch (item.type) {
    case 'C':
    case 'M':
    case 'D':
    case 'T':
      return holdsText ? undefined : (text) => (survivesAsText(text, affinity) ? text : NOT_EXACT);
    case 'N':
    case 'Y':
      return holdsText ? undefined : (text) => exactNumber(text, affinity);
    case 'I':
      return affinity === 'TEXT'
        ? undefined
        : (text) => (affinity === 'REAL' ? exactNumber(text, affinity) : exactInteger(text, affinity));
    case 'B':
    case 'F':
      return affinity === 'TEXT' ? undefined : (text) => exactDouble(item, text);
    case 'L':
      return affinity === 'TEXT' ? (text) => (text === 't' ? '1' : '0') : (text) => (text === 't' ? 1n : 0n);
    case 'G':
      return (text) => Buffer.from(binaryOf(text));
  }
}

/** What SQLite takes for a number. */
const NUMERIC = /^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t\n\v\f\r]*$/;

/** A text that looks like a number comes back as the same text only in its plainest spelling: 12, not 012 or 12.0. */
function survivesAsText(text: string, affinity: Affinity): boolean {
  return !NUMERIC.test(text) || (affinity !== 'REAL' && /^(0|-?[1-9]\d{0,14})$/.test(text));
}

/** The driver binds numbers as REAL; only a column of some number type makes integers of them again. */
function exactInteger(text: string, affinity: Affinity): Bound | typeof NOT_EXACT {
  if (text.length <= 15 && affinity !== 'BLOB') return /^-?\d+$/.test(text) ? Number(text) : NOT_EXACT;
  if (!/^-?\d+$/.test(text)) return NOT_EXACT;
  const value = BigInt(text);
  return value <= INT64_MAX && value >= INT64_MIN ? value : NOT_EXACT;
}

/** Numeric equality: 1.50 may become 1.5, but no digit may go. */
function exactNumber(text: string, affinity: Affinity): Bound | typeof NOT_EXACT {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  if (affinity !== 'REAL' && /^-?\d+(\.0*)?$/.test(text)) {
    const whole = exactInteger(text.replace(/\..*$/, ''), affinity);
    if (whole !== NOT_EXACT) return whole;
  }
  const value = Number(text);
  return Number.isFinite(value) && plain(String(value)) === plain(text) ? value : NOT_EXACT;
}

function plain(number: string): string {
  const text = canonicalText({ type: 'N' }, number);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** SQLite turns NaN into NULL and forgets the sign of zero. */
function exactDouble(item: CatalogItem, text: string): Bound | typeof NOT_EXACT {
  const value = Number(text);
  if (Number.isNaN(value) || Object.is(value, -0)) return NOT_EXACT;
  return canonicalText(item, String(value)) === text ? value : NOT_EXACT;
}
