import type { SqlColumn, SqlFamily } from '@qianzhi/sql-kit';

const families: Readonly<Record<string, SqlFamily>> = {
  varchar2: 'text',
  nvarchar2: 'text',
  clob: 'text',
  nclob: 'text',
  char: 'char',
  nchar: 'char',
  number: 'decimal',
  float: 'decimal',
  binary_double: 'double',
  binary_float: 'single',
  date: 'wall',
  timestamp: 'wall',
  'timestamp with time zone': 'instant',
  'timestamp with local time zone': 'instant',
  raw: 'binary',
  blob: 'binary',
  boolean: 'boolean',
};

/** Binary digits of a FLOAT that holds what a NUMBER does. */
export const WHOLE_FLOAT = 126;

/** What ALL_TAB_COLS says of a type. */
export interface StoredType {
  /** `TIMESTAMP(6) WITH TIME ZONE`: only of times with their digits. */
  readonly dataType: string;
  readonly bytes: number;
  readonly characters: number;
  readonly countsCharacters: boolean;
  readonly precision: number | null;
  readonly scale: number | null;
}

type TypeFacts = Pick<
  SqlColumn,
  'nativeType' | 'baseType' | 'family' | 'length' | 'precision' | 'scale' | 'fraction' | 'large'
>;

export function factsOf(type: StoredType): TypeFacts {
  const baseType = type.dataType.toLowerCase().replace(/\(\d+\)/g, '');
  const family = families[baseType] ?? 'other';
  const decimal = family === 'decimal';
  const large = /lob$|^xmltype$/.test(baseType);
  const sized = (family === 'text' || family === 'char') && !large;
  // FLOAT counts binary digits
  const digits = baseType === 'number' ? type.precision : null;
  return {
    nativeType: nativeType(baseType, type),
    baseType,
    family,
    length: sized ? type.characters : baseType === 'raw' ? type.bytes : null,
    precision: decimal ? digits : null,
    scale: decimal && baseType === 'number' ? type.scale : null,
    fraction: baseType === 'date' ? 0 : family === 'wall' || family === 'instant' ? (type.scale ?? 6) : 0,
    large,
  };
}

function nativeType(
  baseType: string,
  { dataType, bytes, characters, countsCharacters, precision, scale }: StoredType,
): string {
  const name = baseType.toUpperCase();
  switch (baseType) {
    case 'varchar2':
    case 'char':
      return `${name}(${countsCharacters ? `${characters} CHAR` : `${bytes} BYTE`})`;
    case 'nvarchar2':
    case 'nchar':
      return `${name}(${characters})`;
    case 'raw':
      return `RAW(${bytes})`;
    case 'float':
      return `FLOAT(${precision ?? WHOLE_FLOAT})`;
    case 'number':
      if (precision === null) return scale === null ? 'NUMBER' : `NUMBER(*,${scale})`;
      return `NUMBER(${precision},${scale ?? 0})`;
    default:
      return dataType.toUpperCase();
  }
}
