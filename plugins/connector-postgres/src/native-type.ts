import type { ItemType } from '@qianzhi/model';

/** What PostgreSQL says of a column's type, domains resolved to the type behind them. */
export interface ColumnType {
  /** As a person writes it: `numeric(12,2)`, or the domain's name. */
  readonly nativeType: string;
  /** `pg_type.typname` of the type behind: `int4`, `bpchar`, the name of an enum. */
  readonly baseType: string;
  readonly isEnum: boolean;
  /** `atttypmod`; -1 without one. */
  readonly typmod: number;
}

/** Types that are handled alike. `other` has a text form and nothing more (json, arrays, intervals, …). */
export type TypeFamily =
  | 'text'
  | 'char'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'float'
  | 'boolean'
  | 'binary'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'other';

const families: Readonly<Record<string, TypeFamily>> = {
  text: 'text',
  varchar: 'text',
  name: 'text',
  citext: 'text',
  bpchar: 'char',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  oid: 'integer',
  numeric: 'decimal',
  money: 'money',
  float4: 'float',
  float8: 'float',
  bool: 'boolean',
  bytea: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
};

export function familyOf(column: ColumnType): TypeFamily {
  return column.isEnum ? 'other' : (families[column.baseType] ?? 'other');
}

export interface CatalogType {
  readonly type: ItemType | null;
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
}

/** The catalog type that a column means: `varchar(20)` is C of length 20, `numeric(10,2)` N with precision and scale. */
export function catalogType(column: ColumnType): CatalogType {
  const unsized = { length: null, precision: null, scale: null };
  const sized = column.typmod >= 4;
  switch (familyOf(column)) {
    case 'text':
      return sized ? { ...unsized, type: 'C', length: column.typmod - 4 } : { ...unsized, type: 'M' };
    case 'char':
      return { ...unsized, type: 'C', length: sized ? column.typmod - 4 : null };
    case 'decimal':
      return { ...unsized, type: 'N', ...numericSize(column.typmod) };
    case 'money':
      return { ...unsized, type: 'Y' };
    case 'integer':
      return { ...unsized, type: 'I' };
    case 'float':
      return { ...unsized, type: column.baseType === 'float4' ? 'F' : 'B' };
    case 'boolean':
      return { ...unsized, type: 'L' };
    case 'binary':
      return { ...unsized, type: 'G' };
    case 'date':
      return { ...unsized, type: 'D' };
    case 'timestamp':
    case 'timestamptz':
      return { ...unsized, type: 'T' };
    case 'other':
      return { ...unsized, type: shortTexts.has(column.baseType) || column.isEnum ? 'C' : 'M' };
  }
}

const shortTexts = new Set([
  'uuid',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'time',
  'timetz',
  'interval',
  'char',
]);

/** Precision and scale in a numeric column's typmod; null for one without. The scale is negative for `numeric(3,-2)`. */
export function numericSize(typmod: number): { precision: number | null; scale: number | null } {
  if (typmod < 4) return { precision: null, scale: null };
  const packed = typmod - 4;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}

const anyText = ['text', 'char'] as const;
const carriers: Readonly<Record<ItemType, readonly TypeFamily[] | 'all but binary'>> = {
  C: 'all but binary',
  M: 'all but binary',
  I: ['integer', 'decimal', 'float', ...anyText],
  N: ['integer', 'decimal', 'money', 'float', ...anyText],
  Y: ['integer', 'decimal', 'money', 'float', ...anyText],
  B: ['integer', 'decimal', 'float', ...anyText],
  F: ['integer', 'decimal', 'float', ...anyText],
  D: ['date', 'timestamp', 'timestamptz', ...anyText],
  T: ['date', 'timestamp', 'timestamptz', ...anyText],
  L: ['boolean', 'integer', 'decimal', ...anyText],
  G: ['binary'],
};

/** Whether a column can carry values of an item's type, either way: each value is still judged by itself. */
export function fits(item: ItemType, column: ColumnType): boolean {
  const allowed = carriers[item];
  const family = familyOf(column);
  return allowed === 'all but binary' ? family !== 'binary' : allowed.includes(family);
}

const ordered = new Set([
  ...Object.keys(families),
  'char',
  'uuid',
  'time',
  'timetz',
  'interval',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'bit',
  'varbit',
  'jsonb',
]);

/** Whether values of the type have an order, as a key needs it. */
export function hasOrder(column: ColumnType): boolean {
  return column.isEnum || ordered.has(column.baseType);
}
