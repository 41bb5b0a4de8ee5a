import { isRealDate } from '../calendar/date.js';
import type { CatalogItem, ItemType } from './item.js';

const dateText = /^(\d{4})-(\d{2})-(\d{2})$/;
const timeText = /^(\d{4}-\d{2}-\d{2}) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{0,5}[1-9])?(\+00)?$/;
const integerText = /^(?:0|-?[1-9]\d*)$/;
const decimalText = /^(?!-0(?:\.0+)?$)-?(?:0|[1-9]\d*)(?:\.(\d+))?$/;
const floatText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Item types that `min` and `max` may bound. */
export function isOrdered(type: ItemType): boolean {
  return 'INYBFDT'.includes(type);
}

/** Whether `text` is written as a value of the item would be; a decimal may have fewer digits than the scale. */
export function isCanonicalBound(item: CatalogItem, text: string): boolean {
  switch (item.type) {
    case 'I':
      return integerText.test(text);
    case 'N':
    case 'Y': {
      const match = decimalText.exec(text);
      return match !== null && (match[1]?.length ?? 0) <= (item.scale ?? Number.POSITIVE_INFINITY);
    }
    case 'B':
    case 'F':
      return floatText.test(text) && Number.isFinite(Number(text));
    case 'D':
      return isDateText(text);
    case 'T': {
      const match = timeText.exec(text);
      return match !== null && isDateText(match[1]!) && (match[3] === '+00') === (item.instant === true);
    }
    default:
      return false;
  }
}

/** Order of two canonical bounds of one item type: negative, zero or positive. Decimals are compared exactly. */
export function compareBounds(type: ItemType, a: string, b: string): number {
  if (type === 'D' || type === 'T') return compare(a.replace('+00', ''), b.replace('+00', ''));
  if (type === 'B' || type === 'F') return compare(Number(a), Number(b));
  const digits = Math.max(fraction(a).length, fraction(b).length);
  return compare(scaled(a, digits), scaled(b, digits));
}

function isDateText(text: string): boolean {
  const match = dateText.exec(text);
  return match !== null && isRealDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

function fraction(text: string): string {
  return text.split('.')[1] ?? '';
}

function scaled(text: string, digits: number): bigint {
  return BigInt(text.split('.')[0] + fraction(text).padEnd(digits, '0'));
}

function compare<T extends string | number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
