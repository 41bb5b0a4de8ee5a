import type { CatalogItem } from '@qianzhi/model';
import {
  asBit,
  asDouble,
  asInteger,
  asSingle,
  atScale,
  chained,
  instantToWall,
  midnightOnly,
  notExact,
  type ValueRule,
  wallToInstant,
  withFraction,
  withinLength,
} from '@qianzhi/sql-kit';
import { type ColumnType, familyOf, fits, numericSize } from '../native-type.js';

/**
 * How values of an item get into a column. PostgreSQL rounds, pads or cuts some of them without a word: those are found
 * before they are sent, so that a row is refused and never changed.
 */
export interface ColumnFit {
  /** Undefined: the canonical text can go as it is, or PostgreSQL itself refuses what does not fit. */
  readonly rule?: ValueRule | undefined;
  /** Needs `rule` only in a block that may hold times of more than six digits of a second. */
  readonly rare?: boolean;
}

/** Undefined where a column of this type cannot hold the item. `zone` is that of wall-clock times. */
export function fitColumn(item: CatalogItem, column: ColumnType, zone: string): ColumnFit | undefined {
  if (!fits(item.type, column)) return undefined;
  const sized = column.typmod >= 4 ? column.typmod - 4 : undefined;
  switch (familyOf(column)) {
    case 'text':
      if (column.baseType === 'name') return { rule: withinBytes(63) };
      return sized === undefined || fitsLength(item, sized) ? {} : { rule: withinLength(sized, false) };
    case 'char':
      if (sized === undefined || (item.fixedLength && fitsLength(item, sized))) return {};
      return { rule: withinLength(sized, true) };
    case 'integer':
      return { rule: integerRule(item) };
    case 'decimal':
      return { rule: decimalRule(item, numericSize(column.typmod)) };
    case 'money':
      return { rule: atScale(2) };
    case 'float':
      return { rule: floatRule(item, column.baseType === 'float4') };
    case 'boolean':
    case 'binary':
      return {};
    case 'date':
      if (item.type === 'D') return {};
      return { rule: chained(item.instant ? instantToWall(zone) : undefined, midnightOnly) };
    case 'timestamp':
      return timeFit(item, column, item.instant ? instantToWall(zone) : undefined);
    case 'timestamptz':
      return timeFit(item, column, item.instant ? undefined : fromWall(item, zone));
    case 'other':
      return otherFit(column);
  }
}

/** A canonical value of the item is never longer than the column. */
function fitsLength(item: CatalogItem, characters: number): boolean {
  switch (item.type) {
    case 'C':
      return item.length !== undefined && item.length <= characters;
    case 'M':
      return false;
    default:
      // no blanks at the end that PostgreSQL would drop: it refuses what is too long
      return true;
  }
}

function withinBytes(bytes: number): ValueRule {
  return (text) => (Buffer.byteLength(text) > bytes ? { reason: 'too-long' } : text);
}

function integerRule(item: CatalogItem): ValueRule | undefined {
  if (item.type === 'I') return undefined;
  return item.type === 'L' ? asBit : asInteger;
}

function decimalRule(
  item: CatalogItem,
  { precision, scale }: { precision: number | null; scale: number | null },
): ValueRule | undefined {
  if (item.type === 'L') return asBit;
  const float = item.type === 'B' || item.type === 'F';
  if (precision === null || scale === null) return float ? signedZero : undefined;
  if (item.type === 'I' && scale >= 0) return undefined;
  if (!float && item.scale !== undefined && item.scale <= scale) return undefined;
  return float ? chained(signedZero, atScale(scale)) : atScale(scale);
}

/** A numeric has no negative zero. */
const signedZero: ValueRule = (text) => (text === '-0' ? notExact : text);

function floatRule(item: CatalogItem, single: boolean): ValueRule | undefined {
  if (single) return asSingle;
  return item.type === 'B' || item.type === 'F' ? undefined : asDouble;
}

function fromWall(item: CatalogItem, zone: string): ValueRule {
  const convert = wallToInstant(zone);
  return item.type === 'T'
    ? convert
    : (text) => (/infinity$/.test(text) ? text : convert(`${text} 00:00:00`));
}

function timeFit(item: CatalogItem, column: ColumnType, convert: ValueRule | undefined): ColumnFit {
  const digits = column.typmod < 0 ? 6 : column.typmod;
  const fraction = item.type === 'T' ? withFraction(digits) : undefined;
  return { rule: chained(convert, fraction), rare: convert === undefined && digits === 6 };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?$/;
/** Types that give a text back as it came, or whose owner chose them for what they make of it (jsonb). */
const faithful = new Set(['json', 'jsonb', 'xml', 'bit', 'varbit']);

/** Types that respell what they are given can be targets only where the spelling is looked at. */
function otherFit(column: ColumnType): ColumnFit | undefined {
  if (column.isEnum || faithful.has(column.baseType)) return {};
  if (column.baseType === 'uuid') return { rule: (text) => (UUID.test(text) ? text : notExact) };
  if (column.baseType === 'time' && column.typmod < 0)
    return { rule: (text) => (TIME.test(text) ? text : notExact) };
  return undefined;
}
