import type { CatalogItem } from '@qianzhi/model';
import {
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
import { type ColumnType, familyOf, fits } from '../native-type.js';

/**
 * How values of an item get into a column. MySQL rounds, pads or reads some texts otherwise, even in strict mode: those are
 * found before they are sent, so that a row is refused and never changed.
 */
export interface ColumnFit {
  /** Undefined: the canonical text can go as it is, or strict mode refuses what does not fit. */
  readonly rule?: ValueRule | undefined;
  /** Needs `rule` only in a block that may hold times of more than six digits of a second, or blanks at a value's end. */
  readonly rare?: boolean;
  /** SQL of the column's value from a text named so; the text itself unless told. */
  readonly sql?: (text: string) => string;
}

/** Undefined where a column of this type cannot hold the item. `zone` is that of wall-clock times. */
export function fitColumn(item: CatalogItem, column: ColumnType, zone: string): ColumnFit | undefined {
  if (!fits(item.type, column)) return undefined;
  switch (familyOf(column)) {
    case 'text':
      // MariaDB copies a LONGTEXT into a shorter one modulo its length, without a word: as an expression it is judged
      return column.baseType === 'varchar' || column.baseType === 'longtext'
        ? {}
        : { sql: (text) => `CONCAT(${text})` };
    case 'char':
      return item.fixedLength ? {} : { rule: withinLength(undefined, true), rare: true };
    case 'integer':
      if (item.type === 'L') return { sql: truthSql };
      return { rule: column.baseType === 'year' ? asYear : integerRule(item) };
    case 'bit':
      if (item.type === 'L') return { sql: (text) => `CAST(${truthSql(text)} AS UNSIGNED)` };
      return { rule: asInteger, sql: (text) => `CAST(${text} AS UNSIGNED)` };
    case 'decimal':
      if (item.type === 'L') return { sql: truthSql };
      return { rule: decimalRule(item, column.scale ?? 0) };
    case 'float':
      return { rule: floatRule(item, column.baseType === 'float') };
    case 'binary':
      return {
        rule: column.baseType === 'binary' ? ofBytes(column.length ?? 1) : undefined,
        sql: (text) => `UNHEX(SUBSTRING(${text}, 3))`,
      };
    case 'date':
      if (item.type === 'D') return {};
      return { rule: chained(item.instant ? instantToWall(zone) : undefined, midnightOnly) };
    case 'datetime':
      return timeFit(item, column, item.instant ? instantToWall(zone) : undefined);
    case 'timestamp':
      return {
        ...timeFit(item, column, item.instant ? undefined : fromWall(item, zone)),
        sql: (text) => `TRIM(TRAILING '+00' FROM ${text})`,
      };
    case 'other':
      return otherFit(column);
    case 'shape':
      return undefined;
  }
}

function integerRule(item: CatalogItem): ValueRule | undefined {
  return item.type === 'I' ? undefined : asInteger;
}

/** Any other text stays, and is refused. */
function truthSql(text: string): string {
  return `CASE ${text} WHEN 't' THEN '1' WHEN 'f' THEN '0' ELSE ${text} END`;
}

/** Of other spellings MySQL makes some year: 1 becomes 2001. */
const asYear: ValueRule = (text) => (/^(19|20|21)\d\d$|^0000$/.test(text) ? text : notExact);

function decimalRule(item: CatalogItem, scale: number): ValueRule | undefined {
  if (item.type === 'I') return undefined;
  if (item.type === 'B' || item.type === 'F') return chained(signedZero, atScale(scale));
  return item.scale !== undefined && item.scale <= scale ? undefined : atScale(scale);
}

/** A decimal has no negative zero, and MariaDB forgets the sign of a double's. */
const signedZero: ValueRule = (text) => (text === '-0' ? notExact : text);

function floatRule(item: CatalogItem, single: boolean): ValueRule | undefined {
  if (single) return chained(signedZero, asSingle);
  return chained(signedZero, item.type === 'B' || item.type === 'F' ? undefined : asDouble);
}

/** BINARY(n) fills shorter values up with zeros. */
function ofBytes(length: number): ValueRule {
  return (text) => {
    const bytes = (text.length - 2) / 2;
    if (bytes > length) return { reason: 'too-long' };
    return bytes === length ? text : notExact;
  };
}

function fromWall(item: CatalogItem, zone: string): ValueRule {
  const convert = wallToInstant(zone);
  return item.type === 'T' ? convert : (text) => convert(`${text} 00:00:00`);
}

function timeFit(item: CatalogItem, column: ColumnType, convert: ValueRule | undefined): ColumnFit {
  const fraction = item.type === 'T' ? withFraction(column.fraction) : undefined;
  return { rule: chained(convert, fraction), rare: convert === undefined && column.fraction === 6 };
}

const TIME = /^-?\d\d\d?:\d\d:\d\d(\.\d{0,5}[1-9])?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Types that respell what they are given can be targets only where the spelling is looked at. JSON keeps what it means. */
function otherFit(column: ColumnType): ColumnFit | undefined {
  switch (column.baseType) {
    case 'json':
      return {};
    case 'time':
      return { rule: chained((text) => (TIME.test(text) ? text : notExact), timeFraction(column.fraction)) };
    case 'uuid':
      return { rule: (text) => (UUID.test(text) ? text : notExact) };
    case 'enum':
    case 'set':
      return { rule: memberRule(column) };
    default:
      return undefined;
  }
}

function timeFraction(digits: number): ValueRule {
  return (text) => ((text.split('.')[1] ?? '').length > digits ? notExact : text);
}

/** A number is taken for the place of a member, and letters without case: only members themselves are written. */
function memberRule({ nativeType, baseType }: ColumnType): ValueRule {
  const members = [...nativeType.matchAll(/'((?:[^']|'')*)'/g)].map(([, name]) =>
    name!.replaceAll("''", "'"),
  );
  if (baseType === 'enum') {
    const known = new Set(members);
    return (text) => (known.has(text) ? text : notExact);
  }
  return (text) => {
    const places = text === '' ? [] : text.split(',').map((name) => members.indexOf(name));
    const rises = places.every((place, at) => place >= 0 && (at === 0 || place > places[at - 1]!));
    return rises ? text : notExact;
  };
}
