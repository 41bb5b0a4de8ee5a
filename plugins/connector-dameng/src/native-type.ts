import type { SqlColumn, SqlFamily } from '@qianzhi/sql-kit';

const families: Readonly<Record<string, SqlFamily>> = {
  varchar: 'text',
  varchar2: 'text',
  nvarchar: 'text',
  nvarchar2: 'text',
  text: 'text',
  clob: 'text',
  nclob: 'text',
  longvarchar: 'text',
  char: 'char',
  character: 'char',
  nchar: 'char',
  tinyint: 'integer',
  byte: 'integer',
  smallint: 'integer',
  int: 'integer',
  integer: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  dec: 'decimal',
  numeric: 'decimal',
  number: 'decimal',
  float: 'double',
  double: 'double',
  'double precision': 'double',
  real: 'single',
  bit: 'boolean',
  boolean: 'boolean',
  bool: 'boolean',
  date: 'date',
  timestamp: 'wall',
  datetime: 'wall',
  'timestamp with time zone': 'instant',
  'datetime with time zone': 'instant',
  'timestamp with local time zone': 'instant',
  binary: 'binary',
  varbinary: 'binary',
  raw: 'binary',
  blob: 'binary',
  image: 'binary',
  longvarbinary: 'binary',
};

const large = new Set(['text', 'clob', 'nclob', 'longvarchar', 'blob', 'image', 'longvarbinary']);
const zoned = / with (local )?time zone$/;

/** What ALL_TAB_COLUMNS says of a type. */
export interface StoredType {
  readonly dataType: string;
  /** Bytes; characters where `used` is C. */
  readonly bytes: number | null;
  readonly characters: number | null;
  readonly used: string | null;
  readonly precision: number | null;
  readonly scale: number | null;
}

type TypeFacts = Pick<
  SqlColumn,
  'nativeType' | 'baseType' | 'family' | 'length' | 'precision' | 'scale' | 'fraction' | 'large'
>;

/** The length of a text that is counted in bytes is null: how many characters fit depends on them. */
export function factsOf(type: StoredType): TypeFacts {
  const baseType = type.dataType
    .trim()
    .toLowerCase()
    .replace(/\(\d+\)/g, '');
  const family = families[baseType] ?? 'other';
  const decimal = family === 'decimal';
  const national = baseType.startsWith('n');
  const text = (family === 'text' || family === 'char') && !large.has(baseType);
  const counted = text && (national || type.used === 'C');
  const timed = family === 'wall' || family === 'instant';
  return {
    nativeType: nativeType(baseType, type, counted),
    baseType,
    family,
    length: counted ? type.characters : family === 'binary' && !large.has(baseType) ? type.bytes : null,
    precision: decimal && hasPrecision(type) ? type.precision : null,
    scale: decimal && hasPrecision(type) ? (type.scale ?? 0) : null,
    fraction: timed ? fractionOf(type) : 0,
    large: large.has(baseType),
  };
}

/** A DECIMAL without precision holds up to 38 digits wherever the point is. */
function hasPrecision({ precision }: StoredType): boolean {
  return precision !== null && precision > 0;
}

/** The local zone is marked by 4096 added to the digits. */
function fractionOf({ scale }: StoredType): number {
  return scale === null ? 6 : scale & 0xfff;
}

function nativeType(baseType: string, type: StoredType, counted: boolean): string {
  const name = baseType.toUpperCase();
  const zone = zoned.exec(baseType)?.[0];
  switch (families[baseType]) {
    case 'text':
    case 'char': {
      if (large.has(baseType)) return name;
      const unit = baseType.startsWith('n') ? '' : counted ? ' CHAR' : ' BYTE';
      return `${name}(${counted ? type.characters : type.bytes}${unit})`;
    }
    case 'decimal':
      return hasPrecision(type) ? `${name}(${type.precision},${type.scale ?? 0})` : name;
    case 'binary':
      return large.has(baseType) ? name : `${name}(${type.bytes})`;
    case 'wall':
      return `${name}(${fractionOf(type)})`;
    case 'instant':
      return `${name.slice(0, -zone!.length)}(${fractionOf(type)})${zone!.toUpperCase()}`;
    default:
      return name;
  }
}

/** Bytes that fit into a row whatever the page size, from 4 KiB on; a character has up to four. */
const SHORT_BYTES = 1600;

/** Whether values of a column of text or bytes may be too long for a place in the row of a staged relation. */
export function isLong({ large, nativeType }: Pick<SqlColumn, 'large' | 'nativeType'>): boolean {
  if (large) return true;
  const [, size, unit] = /\((\d+)( BYTE| CHAR)?\)$/.exec(nativeType) ?? [];
  const inCharacters = unit === ' CHAR' || nativeType.startsWith('N');
  return size === undefined || Number(size) * (inCharacters ? 4 : 1) > SHORT_BYTES;
}
