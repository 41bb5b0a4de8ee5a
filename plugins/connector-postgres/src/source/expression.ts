import type { CatalogItem } from '@qianzhi/model';
import { canonicalizer, canonicalText } from '@qianzhi/rows';
import type { TableColumn } from '../connection/table.js';
import { literal } from '../identifier.js';
import { familyOf, numericSize } from '../native-type.js';

/** How a column becomes the canonical text of an item. */
export interface Expression {
  /** SQL over the column, named `name`; its text is the value's, never cut to a length, scale or narrower type. */
  readonly sql: string;
  /** The text is a value of the column itself: as a literal it finds the row again. */
  readonly plain: boolean;
  /** What PostgreSQL cannot spell: done to the field's text afterwards. */
  readonly respell?: (text: string) => string;
}

/** PostgreSQL prints floats in their shortest form from here on; before, it takes digits away or adds some. */
export const SHORTEST_FLOATS = 120_000;

/**
 * Spelling only: what the catalog says of length, digits or range is for the validator to judge. `zone` is where wall
 * clocks are read: of zoneless columns for instants, and for wall-clock items over columns with a zone.
 */
export function expressionOf(
  item: CatalogItem,
  column: TableColumn,
  name: string,
  zone: string,
  version: number,
): Expression {
  const family = familyOf(column);
  if ((family === 'text' || family === 'char') && item.type !== 'C' && item.type !== 'M') {
    return respelled(item, trimmed(name, family));
  }
  switch (item.type) {
    case 'C':
    case 'M':
      if (family === 'char') return { sql: trimmed(name, family), plain: true };
      if (family === 'money') return { sql: `${name}::numeric`, plain: false };
      if (item.fixedLength && item.type === 'C') return { sql: `rtrim(${name}::text, ' ')`, plain: false };
      return { sql: name, plain: true };
    case 'I':
      return family === 'integer' ? { sql: name, plain: true } : decimal(item, column, name, 0, version);
    case 'N':
    case 'Y':
      return decimal(item, column, name, item.scale, version);
    case 'B':
    case 'F':
      return float(item, column, name, version);
    case 'D':
      return date(family, name, zone);
    case 'T':
      return time(item, family, name, zone);
    case 'L':
      if (family === 'boolean') return { sql: name, plain: true };
      return { sql: `CASE ${name} WHEN 1 THEN 't' WHEN 0 THEN 'f' ELSE ${name}::text END`, plain: false };
    case 'G':
      return { sql: name, plain: true };
  }
}

/** A cast of bpchar to text takes its padding away, as its own comparison does. */
function trimmed(name: string, family: string): string {
  return family === 'char' ? `${name}::text` : name;
}

function respelled(item: CatalogItem, sql: string): Expression {
  const respell = canonicalizer(item);
  return { sql, plain: false, ...(respell && { respell }) };
}

/** Padded to the scale; a value with more digits stays as it is, so that the validator rejects it. */
function decimal(
  item: CatalogItem,
  column: TableColumn,
  name: string,
  scale: number | undefined,
  version: number,
): Expression {
  const family = familyOf(column);
  if (family === 'float') {
    if (version >= SHORTEST_FLOATS) return respelled(item, name);
    return { sql: name, plain: false, respell: (text) => canonicalText(item, shortestFloat(text, column)) };
  }
  if (family === 'integer') {
    return scale ? { sql: `round(${name}::numeric, ${scale})`, plain: false } : { sql: name, plain: true };
  }
  const value = family === 'money' ? `${name}::numeric` : name;
  const plain = family === 'decimal';
  const printsScale = plain && scale !== undefined && numericSize(column.typmod).scale === scale;
  if (scale === undefined || printsScale) return { sql: value, plain };
  return {
    sql: `CASE WHEN ${value} = round(${value}, ${scale}) THEN round(${value}, ${scale}) ELSE ${value} END`,
    plain,
  };
}

/**
 * Shortest digits, spelled as ECMAScript does: no exponent from 1e-6 up to 1e21. The way over text and numeric keeps
 * every digit, where a cast to numeric would round to 15.
 */
function float(item: CatalogItem, column: TableColumn, name: string, version: number): Expression {
  const family = familyOf(column);
  if (family === 'integer') return { sql: name, plain: true };
  if (family !== 'float') return respelled(item, name);
  if (version < SHORTEST_FLOATS) {
    return { sql: name, plain: true, respell: (text) => canonicalText(item, shortestFloat(text, column)) };
  }
  const sql = `CASE WHEN ${name} = 0 OR abs(${name}) >= 1e41 THEN ${name}::text WHEN abs(${name}) < 1e-6 THEN replace(${name}::text, 'e-0', 'e-') WHEN abs(${name}) < 1e16 THEN ${name}::text::numeric::text ELSE ${largeFloat(name)} END`;
  return { sql, plain: true };
}

/**
 * From 1e16 to 1e41 some numbers lie halfway between two doubles, of which they mean the even one: 1e23. ECMAScript spells it so;
 * PostgreSQL takes a neighbour with more digits, 9.999999999999999e+22. One digit less is tried, and taken if it means the same.
 */
function largeFloat(name: string): string {
  const zeros = `length(digits::text) - length(rtrim(digits::text, '0'))`;
  const shorter = `SELECT digits, round(digits, -1 - (${zeros})) AS fewer FROM (SELECT ${name}::text::numeric AS digits) AS printed`;
  const shortest = `SELECT CASE WHEN fewer::text::float8 = ${name} THEN fewer ELSE digits END AS value FROM (${shorter}) AS both_ways`;
  const scientific = `regexp_replace(ltrim(to_char(value, '9.9999999999999999EEEE')), '\\.?0*e', 'e')`;
  return `(SELECT CASE WHEN abs(${name}) < 1e21 THEN value::text ELSE ${scientific} END FROM (${shortest}) AS found)`;
}

/** The fewest digits that read back as the same number of the column's precision. */
export function shortestFloat(text: string, { baseType }: Pick<TableColumn, 'baseType'>): string {
  const value = Number(text);
  // also NaN and infinity, and -0, which a number's text would lose
  if (!Number.isFinite(value) || value === 0) return text;
  if (baseType !== 'float4') return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const shorter = value.toPrecision(digits);
    if (Math.fround(Number(shorter)) === Math.fround(value)) return shorter;
  }
  return text;
}

function date(family: string, name: string, zone: string): Expression {
  if (family === 'date') return { sql: name, plain: true };
  const wall = family === 'timestamptz' ? `(${name} AT TIME ZONE ${literal(zone)})` : name;
  // not by a cast: where it takes after Oracle (openGauss, mode A) a date has a time of day, too
  const sql = `CASE WHEN ${wall} = date_trunc('day', ${wall}) THEN replace(${wall}::text, ' 00:00:00', '') ELSE ${wall}::text END`;
  return { sql: family === 'timestamptz' ? convertible(name, sql) : sql, plain: false };
}

function time(item: CatalogItem, family: string, name: string, zone: string): Expression {
  const inZone = (wall: string) => `(${wall} AT TIME ZONE ${literal(zone)})::text`;
  if (family === 'date') {
    const wall = `${name}::timestamp`;
    return { sql: convertible(name, item.instant ? inZone(wall) : `${wall}::text`), plain: false };
  }
  if ((family === 'timestamptz') === (item.instant === true)) return { sql: name, plain: true };
  return { sql: convertible(name, inZone(name)), plain: false };
}

/** Far outside the years that are carried a conversion would fail the whole statement: such a value stays and is rejected. */
function convertible(name: string, sql: string): string {
  return `CASE WHEN ${name} > '4000-01-01 BC' AND ${name} < '290000-01-01' THEN ${sql} ELSE ${name}::text END`;
}
