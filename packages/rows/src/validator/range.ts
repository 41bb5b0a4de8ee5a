import type { CatalogItem } from '@qianzhi/model';
import { compareDecimals } from './decimal-compare.js';
import type { ItemProblem } from './plan.js';
import { dateEnd, latin1, timestampEnd } from './value-checks.js';

/** 0 within, -1 below the minimum, 1 above the maximum. */
export type RangeCheck = (b: Uint8Array, start: number, end: number) => number;

export interface ItemRange {
  readonly check: RangeCheck;
  /** For I, N and Y: the bounds as integers at the item's scale, where both are exact in a double. */
  readonly small?: { readonly min: number; readonly max: number };
}

const SMALL_DIGITS = 15;
const PLAIN = /^-?\d+(\.\d+)?$/;

/** Undefined when the item has no bounds. A special value (infinity, NaN, zero date) is not compared. */
export function rangeOf(item: CatalogItem, wrong: ItemProblem): ItemRange | undefined {
  const { type, min, max } = item;
  if (min === undefined && max === undefined) return undefined;
  const bounds = [min, max].filter((bound) => bound !== undefined);
  if (type === 'D' || type === 'T') {
    if (!bounds.every((bound) => isTime(item, bound))) throw wrong('timeBound');
    return { check: textRange(min, max) };
  }
  if (type === 'B' || type === 'F') {
    if (!bounds.every((bound) => Number.isFinite(Number(bound)))) throw wrong('numberBound');
    return { check: floatRange(Number(min ?? -Infinity), Number(max ?? Infinity)) };
  }
  if (type !== 'I' && type !== 'N' && type !== 'Y') throw wrong('noBound');
  if (!bounds.every((bound) => PLAIN.test(bound))) throw wrong('numberBound');
  const scale = type === 'I' ? 0 : item.scale;
  const low = min === undefined ? -Infinity : scaled(min, scale);
  const high = max === undefined ? Infinity : scaled(max, scale);
  const small = low === undefined || high === undefined ? undefined : { min: low, max: high };
  return { check: decimalRange(min, max), small };
}

function isTime(item: CatalogItem, text: string): boolean {
  const b = Buffer.from(`${text}\n`);
  const end = item.type === 'D' ? dateEnd(b, 0, 10, 0) : timestampEnd(b, 0, 10, 0, item.instant === true);
  return end === text.length;
}

/** The bound times ten to the scale; undefined when that is no exact integer in a double. */
function scaled(text: string, scale: number | undefined): number | undefined {
  if (scale === undefined) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > scale) return undefined;
  const value = whole + digits.padEnd(scale, '0');
  return value.replace('-', '').length > SMALL_DIGITS ? undefined : Number(value);
}

function decimalRange(min: string | undefined, max: string | undefined): RangeCheck {
  return (b, start, end) => {
    if (!PLAIN.test(latin1(b, start, end))) return 0;
    const text = latin1(b, start, end);
    if (min !== undefined && compareDecimals(text, min) < 0) return -1;
    return max !== undefined && compareDecimals(text, max) > 0 ? 1 : 0;
  };
}

function floatRange(min: number, max: number): RangeCheck {
  return (b, start, end) => {
    const value = Number(latin1(b, start, end));
    if (!Number.isFinite(value)) return 0;
    return value < min ? -1 : value > max ? 1 : 0;
  };
}

/** Canonical dates and times order as their bytes do (`+00` sorts before a fraction's point). */
function textRange(min: string | undefined, max: string | undefined): RangeCheck {
  const low = min === undefined ? undefined : Buffer.from(min);
  const high = max === undefined ? undefined : Buffer.from(max);
  return (b, start, end) => {
    const first = b[start]!;
    if (first < 48 || first > 57) return 0; // infinity
    if (low && compareBytes(b, start, end, low) < 0) return zeroDate(b, start) ? 0 : -1;
    return high && compareBytes(b, start, end, high) > 0 ? 1 : 0;
  };
}

function zeroDate(b: Uint8Array, start: number): boolean {
  return latin1(b, start, start + 4) === '0000' || latin1(b, start + 8, start + 10) === '00';
}

function compareBytes(b: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const length = Math.min(end - start, other.length);
  for (let i = 0; i < length; i++) {
    const difference = b[start + i]! - other[i]!;
    if (difference !== 0) return difference;
  }
  return end - start - other.length;
}
