import type { ItemType } from '@qianzhi/model';

/** What the server says of a column's type. */
export interface ColumnType {
  /** As a person writes it: `decimal(12,2) unsigned`. */
  readonly nativeType: string;
  /** `information_schema.columns.data_type`, in lower case: `int`, `varchar`, `datetime`. */
  readonly baseType: string;
  /** In characters (text) or bytes (binary); null for others. */
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  /** Digits of a second. */
  readonly fraction: number;
  readonly unsigned: boolean;
  /** Of text columns. */
  readonly charset: string | null;
  readonly collation: string | null;
}

/** Types that are handled alike. `other` has a text form and nothing more (enum, set, time, json, uuid …). */
export type TypeFamily =
  | 'text'
  | 'char'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'bit'
  | 'binary'
  | 'date'
  | 'datetime'
  | 'timestamp'
  | 'other'
  | 'shape';

const families: Readonly<Record<string, TypeFamily>> = {
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  char: 'char',
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  year: 'integer',
  decimal: 'decimal',
  float: 'float',
  double: 'float',
  bit: 'bit',
  binary: 'binary',
  varbinary: 'binary',
  tinyblob: 'binary',
  blob: 'binary',
  mediumblob: 'binary',
  longblob: 'binary',
  date: 'date',
  datetime: 'datetime',
  timestamp: 'timestamp',
  geometry: 'shape',
  point: 'shape',
  linestring: 'shape',
  polygon: 'shape',
  multipoint: 'shape',
  multilinestring: 'shape',
  multipolygon: 'shape',
  geometrycollection: 'shape',
  geomcollection: 'shape',
};

export function familyOf(column: Pick<ColumnType, 'baseType'>): TypeFamily {
  return families[column.baseType] ?? 'other';
}

/** Columns whose values may be larger than a row may be. */
export function isLarge(column: ColumnType): boolean {
  return /^(medium|long)(text|blob)$|^json$/.test(column.baseType);
}

export interface CatalogType {
  readonly type: ItemType | null;
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
}

/** The catalog type that a column means: `varchar(20)` is C of length 20, `tinyint(1)` is L. */
export function catalogType(column: ColumnType): CatalogType {
  const unsized = { length: null, precision: null, scale: null };
  switch (familyOf(column)) {
    case 'text':
      return column.baseType === 'varchar'
        ? { ...unsized, type: 'C', length: column.length }
        : { ...unsized, type: 'M' };
    case 'char':
      return { ...unsized, type: 'C', length: column.length };
    case 'decimal':
      return { ...unsized, type: 'N', precision: column.precision, scale: column.scale };
    case 'integer':
      return { ...unsized, type: /^tinyint\(1\)/.test(column.nativeType) ? 'L' : 'I' };
    case 'bit':
      return { ...unsized, type: column.precision === 1 ? 'L' : 'I' };
    case 'float':
      return { ...unsized, type: column.baseType === 'float' ? 'F' : 'B' };
    case 'binary':
      return { ...unsized, type: 'G' };
    case 'date':
      return { ...unsized, type: 'D' };
    case 'datetime':
    case 'timestamp':
      return { ...unsized, type: 'T' };
    case 'other':
      return { ...unsized, type: column.baseType === 'json' ? 'M' : 'C' };
    case 'shape':
      return { ...unsized, type: null };
  }
}

const anyText = ['text', 'char'] as const;
const texts: readonly TypeFamily[] = [
  ...anyText,
  'integer',
  'decimal',
  'float',
  'bit',
  'date',
  'datetime',
  'timestamp',
  'other',
];
const numbers: readonly TypeFamily[] = ['integer', 'decimal', 'float', 'bit', ...anyText];
const times: readonly TypeFamily[] = ['date', 'datetime', 'timestamp', ...anyText];
const carriers: Readonly<Record<ItemType, readonly TypeFamily[]>> = {
  C: texts,
  M: texts,
  I: numbers,
  N: numbers,
  Y: numbers,
  B: numbers,
  F: numbers,
  D: times,
  T: times,
  L: ['integer', 'decimal', 'bit', ...anyText],
  G: ['binary'],
};

/** Whether a column can carry values of an item's type, either way: each value is still judged by itself. */
export function fits(item: ItemType, column: ColumnType): boolean {
  return carriers[item].includes(familyOf(column));
}

const ordered: readonly TypeFamily[] = [
  ...anyText,
  'integer',
  'decimal',
  'binary',
  'date',
  'datetime',
  'timestamp',
];

/**
 * Whether a literal finds a value again and comes in the order of the index: floats do not, and enums are ordered by
 * their number and compared by their name.
 */
export function hasOrder(column: ColumnType): boolean {
  return ordered.includes(familyOf(column)) || column.baseType === 'time' || column.baseType === 'uuid';
}
