import type { SqlColumn, SqlFamily } from '@qianzhi/sql-kit';

const families: Readonly<Record<string, SqlFamily>> = {
  char: 'char',
  nchar: 'char',
  varchar: 'text',
  nvarchar: 'text',
  text: 'text',
  ntext: 'text',
  tinyint: 'integer',
  smallint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'decimal',
  smallmoney: 'decimal',
  float: 'double',
  real: 'single',
  bit: 'boolean',
  binary: 'binary',
  varbinary: 'binary',
  image: 'binary',
  timestamp: 'binary',
  date: 'date',
  datetime: 'wall',
  datetime2: 'wall',
  smalldatetime: 'wall',
  datetimeoffset: 'instant',
  uniqueidentifier: 'guid',
};

const unbounded = new Set(['text', 'ntext', 'image', 'xml', 'geometry', 'geography', 'sql_variant']);
/** Digits of a second that types without a scale keep; datetime counts in steps of 1/300 s. */
const fractions: Readonly<Record<string, number>> = { datetime: 3, smalldatetime: 0, date: 0 };

/** What sys.columns says of a type. `bytes` is -1 for (max). */
export interface StoredType {
  readonly baseType: string;
  readonly bytes: number;
  readonly precision: number;
  readonly scale: number;
}

type TypeFacts = Pick<
  SqlColumn,
  'nativeType' | 'baseType' | 'family' | 'length' | 'precision' | 'scale' | 'fraction' | 'large'
>;

export function factsOf({ baseType, bytes, precision, scale }: StoredType): TypeFacts {
  const family = families[baseType] ?? 'other';
  const sized = /^(n?(var)?char|(var)?binary)$/.test(baseType);
  const max = sized && bytes === -1;
  const length = !sized || max ? null : baseType.startsWith('n') ? bytes / 2 : bytes;
  const decimal = family === 'decimal';
  return {
    nativeType: nativeType(baseType, max ? 'max' : length, precision, scale),
    baseType,
    family,
    length,
    precision: decimal ? precision : null,
    scale: decimal ? scale : null,
    fraction: fractions[baseType] ?? (family === 'wall' || family === 'instant' ? scale : 0),
    large: max || unbounded.has(baseType),
  };
}

function nativeType(
  baseType: string,
  length: number | 'max' | null,
  precision: number,
  scale: number,
): string {
  if (length !== null) return `${baseType}(${length})`;
  if (baseType === 'decimal' || baseType === 'numeric') return `${baseType}(${precision},${scale})`;
  return /^(datetime2|datetimeoffset|time)$/.test(baseType) ? `${baseType}(${scale})` : baseType;
}
