import type { CatalogItem } from '@qianzhi/model';
import { canonicalizer, canonicalText } from '@qianzhi/rows';
import { wallOf, wallToInstant } from '@qianzhi/sql-kit';
import type { TableColumn } from '../connection/table.js';
import { familyOf, isLarge } from '../native-type.js';

/**
 * How the bytes of a field become row text. `text` escapes them, `plain` copies digits, `wall` drops zeros at the end of a
 * second's fraction, `utc` also adds `+00`, `day` copies dates; `hex` is for bytes, `truth` for 0 and 1; a function
 * gets the value's text.
 */
export type Spelling = 'text' | 'plain' | 'wall' | 'utc' | 'hex' | 'truth' | ((text: string) => string);

export interface Expression {
  /** SQL over the column, named `name`: its value is never cut to a length, scale or narrower type. */
  readonly sql: string;
  readonly spelling: Spelling;
}

/** Values larger than this come as NULL: their rows are rejected, see `tooLargeSql`. */
const LARGEST = 8 * 1024 * 1024;

/**
 * Spelling only: what the catalog says of length, digits or range is for the validator to judge. `zone` is where wall
 * clocks are read: of zoneless columns for instants, and for wall-clock items over TIMESTAMP columns.
 */
export function expressionOf(item: CatalogItem, column: TableColumn, name: string, zone: string): Expression {
  const family = familyOf(column);
  const bounded = isLarge(column) ? `IF(${tooLargeSql(name)}, NULL, ${name})` : name;
  if (item.type === 'G') return { sql: bounded, spelling: 'hex' };
  if (family === 'bit') return { sql: `${name} + 0`, spelling: numberSpelling(item, 0) };
  if (family === 'float') return floatExpression(item, column, name);
  switch (item.type) {
    case 'C':
    case 'M':
      return {
        sql: bounded,
        spelling: item.fixedLength && item.type === 'C' ? (text) => canonicalText(item, text) : 'text',
      };
    case 'I':
    case 'N':
    case 'Y':
    case 'B':
    case 'F':
      return { sql: bounded, spelling: numericSpelling(item, column) };
    case 'L':
      return { sql: bounded, spelling: family === 'integer' ? 'truth' : respelled(item) };
    case 'D':
      if (family === 'date') return { sql: name, spelling: 'plain' };
      if (family === 'timestamp')
        return { sql: name, spelling: (text) => canonicalText(item, inZone(text, zone)) };
      return { sql: bounded, spelling: respelled(item) };
    case 'T':
      return { sql: bounded, spelling: timeSpelling(item, family, zone) };
  }
}

/** SQL of whether a value is too large for any row. */
export function tooLargeSql(name: string): string {
  return `OCTET_LENGTH(${name}) > ${LARGEST}`;
}

function respelled(item: CatalogItem): Spelling {
  return canonicalizer(item) ?? 'text';
}

/** Digits that are spelled canonically already are copied. */
function numericSpelling(item: CatalogItem, column: TableColumn): Spelling {
  const family = familyOf(column);
  if (family !== 'integer' && family !== 'decimal') return respelled(item);
  if (/zerofill/.test(column.nativeType)) return respelled(item);
  return numberSpelling(item, family === 'integer' ? 0 : (column.scale ?? 0));
}

function numberSpelling(item: CatalogItem, scale: number): Spelling {
  if (item.type === 'L') return 'truth';
  if (item.type === 'C' || item.type === 'M') return 'text';
  const wanted = item.type === 'N' || item.type === 'Y' ? (item.scale ?? scale) : 0;
  const digits = item.type === 'B' || item.type === 'F' ? scale === 0 : wanted === scale;
  return digits ? 'plain' : respelled(item);
}

/** FLOAT is printed with six digits, unless it is made a DOUBLE: that has too many, of which the fewest are found. */
function floatExpression(item: CatalogItem, column: TableColumn, name: string): Expression {
  const single = column.baseType === 'float';
  const spell = (text: string) => canonicalText(floats(item), single ? shortestSingle(text) : text);
  return { sql: single ? `${name} + 0e0` : name, spelling: spell };
}

/** Items of other types over a float column are judged as the number it is. */
function floats(item: CatalogItem): CatalogItem {
  return item.type === 'C' || item.type === 'M' ? { ...item, type: 'B' } : item;
}

/** The fewest digits that read back as the same number of single precision. */
export function shortestSingle(text: string): string {
  const value = Number(text);
  if (!Number.isFinite(value) || value === 0) return text;
  for (let digits = 1; digits < 9; digits++) {
    const shorter = value.toPrecision(digits);
    if (Math.fround(Number(shorter)) === Math.fround(value)) return shorter;
  }
  return text;
}

function timeSpelling(item: CatalogItem, family: string, zone: string): Spelling {
  if (family === 'date') {
    return item.instant ? (text) => toInstant(`${text} 00:00:00`, zone) : (text) => `${text} 00:00:00`;
  }
  if (family === 'timestamp') {
    return item.instant ? 'utc' : (text) => canonicalText(item, inZone(text, zone));
  }
  if (family !== 'datetime') return respelled(item);
  return item.instant ? (text) => toInstant(canonicalText({ type: 'T' }, text), zone) : 'wall';
}

/** A time in UTC, as TIMESTAMP columns come, as a wall clock of the zone has it. A zero date stays, and is rejected. */
function inZone(text: string, zone: string): string {
  const instant = canonicalText({ type: 'T', instant: true }, `${text}+00`);
  return wallOf(instant, zone) ?? instant;
}

/** What has no instant, as the hour that the clocks skipped, stays and is rejected. */
function toInstant(wall: string, zone: string): string {
  const instant = wallToInstant(zone)(wall);
  return typeof instant === 'string' ? instant : wall;
}
