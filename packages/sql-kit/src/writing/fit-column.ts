import type { CatalogItem } from '@qianzhi/model';
import { chained } from '../codes.js';
import { type SqlColumn, suitsItem } from '../database/table.js';
import { asBit, asDouble, asInteger, asSingle, atScale, notExact, withinLength } from '../exact.js';
import type { ValueRule } from '../rewrite-rows.js';
import { instantToWall, midnightOnly, wallToInstant, withFraction } from '../times.js';

/** How values of an item get into a column: `rule` finds what the database would round, pad or cut without a word. */
export interface SqlFit {
  readonly rule: ValueRule | undefined;
}

/** Undefined where a column of this type cannot hold the item. `zone` is that of wall-clock times. */
export function fitSqlColumn(item: CatalogItem, column: SqlColumn, zone: string): SqlFit | undefined {
  if (!suitsItem(item.type, column)) return undefined;
  switch (column.family) {
    case 'text':
      return { rule: column.length === null ? undefined : withinLength(column.length, false) };
    case 'char':
      return { rule: withinLength(column.length ?? undefined, true) };
    case 'integer':
      return { rule: item.type === 'I' ? undefined : item.type === 'L' ? asBit : asInteger };
    case 'decimal':
      return { rule: decimalRule(item, column) };
    case 'double':
      return { rule: chained(finite, asDouble) };
    case 'single':
      return { rule: chained(finite, asSingle) };
    case 'boolean':
      return { rule: item.type === 'L' ? asBit : oneOrZero };
    case 'binary':
      return { rule: undefined };
    case 'date':
      return { rule: dateRule(item, zone) };
    case 'wall':
      return { rule: chained(wallRule(item, zone), withFraction(column.fraction)) };
    case 'instant':
      return { rule: chained(item.instant ? plainTime : fromWall(zone), withFraction(column.fraction)) };
    case 'guid':
      return { rule: (text) => (GUID.test(text) ? text : { reason: 'type' }) };
    case 'other':
      return undefined;
  }
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** NaN, the infinities and the sign of zero have no place in these columns. */
const finite: ValueRule = (text) => (/^(NaN|-?Infinity|-0)$/.test(text) ? notExact : text);

const oneOrZero: ValueRule = (text) => (text === '0' || text === '1' ? text : notExact);

/** Digits that every database's decimals hold. */
const MOST_DIGITS = 38;

function decimalRule(item: CatalogItem, { scale }: SqlColumn): ValueRule | undefined {
  if (item.type === 'L') return asBit;
  const exact = item.type === 'N' || item.type === 'Y' ? item.scale : item.type === 'I' ? 0 : undefined;
  if (scale !== null && exact !== undefined && exact <= scale && !item.allow?.length) return undefined;
  if (scale !== null) return chained(finite, atScale(scale))!;
  return chained(finite, (text) => (digitsOf(text) > MOST_DIGITS ? notExact : text))!;
}

/** Digits from the first to the last that counts. */
function digitsOf(text: string): number {
  const [mantissa = ''] = text.split(/[eE]/);
  return mantissa.replace(/^-/, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length;
}

/** Years 1 to 9999 alone; what else the catalog may allow has no place in these columns. */
const plainTime: ValueRule = (text) => (/^(?!0000)\d{4}-(?!00)\d\d-(?!00)/.test(text) ? text : notExact);

function dateRule(item: CatalogItem, zone: string): ValueRule | undefined {
  if (item.type !== 'T') return plainTime;
  const wall = item.instant ? instantToWall(zone) : undefined;
  return chained(plainTime, chained(wall, midnightOnly));
}

function wallRule(item: CatalogItem, zone: string): ValueRule | undefined {
  if (item.type === 'D') return chained(plainTime, (text) => `${text} 00:00:00`);
  return chained(plainTime, item.instant ? instantToWall(zone) : undefined);
}

function fromWall(zone: string): ValueRule | undefined {
  return chained(plainTime, wallToInstant(zone));
}
