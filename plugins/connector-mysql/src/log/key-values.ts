import type { TableColumn } from '../connection/table.js';
import { literal } from '../identifier.js';
import { digitBytes, fractionBytes, type LoggedColumn, type } from './column-types.js';

/** SQL of a value, of its column's own type, so that an index finds it. */
export type KeyLiteral = (value: Buffer, logged: LoggedColumn) => string;

/** How values of a key column become SQL; undefined for a type whose values nobody finds again. */
export function keyLiteralOf(column: TableColumn): KeyLiteral | undefined {
  const { baseType, charset, unsigned } = column;
  if (charset !== null && !/^(enum|set)$/.test(baseType))
    return (value) => `_${charset} x'${value.toString('hex')}'`;
  switch (baseType) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
      return (value) => integer(value, unsigned);
    case 'decimal':
      return (value, { metadata }) => decimal(value, metadata & 0xff, metadata >> 8);
    case 'double':
      return (value) => `${value.readDoubleLE()}e0`.replace(/e([+-]\d+)e0$/, 'e$1');
    case 'year':
      return (value) => String(value[0] === 0 ? 0 : 1900 + value[0]!);
    case 'bit':
      return (value) => BigInt(`0x${value.toString('hex')}`).toString();
    case 'binary':
      // the zeros at its end are not in the log
      return (value) => `x'${value.toString('hex').padEnd(2 * (column.length ?? 0), '0')}'`;
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return (value) => `x'${value.toString('hex')}'`;
    case 'date':
      return (value) => moment('DATE', date(value));
    case 'datetime':
      return (value, logged) => moment('TIMESTAMP', datetime(value, logged));
    case 'timestamp':
      return (value, logged) => moment('TIMESTAMP', timestamp(value, logged));
    case 'time':
      return (value, logged) => `TIME'${time(value, logged)}'`;
    case 'enum': {
      const members = membersOf(column.nativeType);
      return (value) => literal(members[value.readUIntLE(0, value.length) - 1] ?? '');
    }
    default:
      return undefined;
  }
}

/** Types that a table map has for a column of ours; undefined for one that has no literal. */
export function loggedTypesOf({ baseType, charset }: TableColumn): readonly number[] | undefined {
  if (charset !== null && baseType === 'varchar') return [type.VARCHAR, type.VAR_STRING];
  return loggedTypes[baseType];
}

const loggedTypes: Readonly<Partial<Record<string, readonly number[]>>> = {
  tinyint: [type.TINY],
  smallint: [type.SHORT],
  mediumint: [type.INT24],
  int: [type.LONG],
  bigint: [type.LONGLONG],
  decimal: [type.NEWDECIMAL],
  double: [type.DOUBLE],
  year: [type.YEAR],
  bit: [type.BIT],
  char: [type.STRING],
  binary: [type.STRING],
  varchar: [type.VARCHAR, type.VAR_STRING],
  varbinary: [type.VARCHAR, type.VAR_STRING],
  tinytext: [type.BLOB],
  text: [type.BLOB],
  mediumtext: [type.BLOB],
  longtext: [type.BLOB],
  tinyblob: [type.BLOB],
  blob: [type.BLOB],
  mediumblob: [type.BLOB],
  longblob: [type.BLOB],
  date: [type.DATE, type.NEWDATE],
  datetime: [type.DATETIME2, type.DATETIME],
  timestamp: [type.TIMESTAMP2, type.TIMESTAMP],
  time: [type.TIME2, type.TIME],
  enum: [type.ENUM],
};

function integer(value: Buffer, unsigned: boolean): string {
  if (value.length === 8) return String(unsigned ? value.readBigUInt64LE() : value.readBigInt64LE());
  return String(unsigned ? value.readUIntLE(0, value.length) : value.readIntLE(0, value.length));
}

/** Groups of nine digits, big-endian, the first bit turned; of a negative number every bit is. */
function decimal(value: Buffer, precision: number, scale: number): string {
  const negative = (value[0]! & 0x80) === 0;
  const bytes = Buffer.from(value);
  bytes[0]! ^= 0x80;
  if (negative) for (let at = 0; at < bytes.length; at++) bytes[at]! ^= 0xff;
  let at = 0;
  const group = (digits: number): string => {
    const length = digitBytes(digits);
    at += length;
    return length === 0 ? '' : String(bytes.readUIntBE(at - length, length)).padStart(digits, '0');
  };
  const groups = (count: number) => Array.from({ length: count }, () => group(9)).join('');
  const whole = precision - scale;
  const before = group(whole % 9) + groups(Math.floor(whole / 9));
  const behind = groups(Math.floor(scale / 9)) + group(scale % 9);
  const digits = before.replace(/^0+(?=\d)/, '') || '0';
  return `${negative ? '-' : ''}${digits}${scale > 0 ? `.${behind}` : ''}`;
}

/** A literal of its type; a date that no calendar has is compared as text. */
function moment(word: 'DATE' | 'TIMESTAMP', text: string): string {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const found = new Date(Date.UTC(2000, month! - 1, day));
  found.setUTCFullYear(year!, month! - 1, day);
  return found.getUTCMonth() + 1 === month && found.getUTCDate() === day ? `${word}'${text}'` : `'${text}'`;
}

const two = (part: number) => String(part).padStart(2, '0');

function day(year: number, month: number, dayOfMonth: number): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`;
}

function clock(hours: number, minutes: number, seconds: number): string {
  return `${two(hours)}:${two(minutes)}:${two(seconds)}`;
}

function date(value: Buffer): string {
  const bits = value.readUIntLE(0, 3);
  return day(bits >> 9, (bits >> 5) & 15, bits & 31);
}

/** `.123` of the last bytes of a value; '' without a fraction. */
function fraction(parts: number, digits: number): string {
  if (digits === 0) return '';
  return `.${String(parts)
    .padStart(2 * fractionBytes(digits), '0')
    .slice(0, digits)}`;
}

function fractionAt(value: Buffer, at: number, digits: number): string {
  const length = fractionBytes(digits);
  return fraction(length === 0 ? 0 : value.readUIntBE(at, length), digits);
}

function datetime(value: Buffer, logged: LoggedColumn): string {
  if (logged.type === type.DATETIME) {
    const digits = String(value.readBigUInt64LE()).padStart(14, '0');
    return digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3 $4:$5:$6');
  }
  // one bit of sign, 17 of years and months, 5 of days, 5 of hours, 6 of minutes, 6 of seconds
  const packed = BigInt(value.readUIntBE(0, 5)) - 0x8000000000n;
  const part = (shift: bigint, bits: bigint) => Number((packed >> shift) & ((1n << bits) - 1n));
  const months = part(22n, 17n);
  const dayText = day(Math.floor(months / 13), months % 13, part(17n, 5n));
  const seconds = clock(part(12n, 5n), part(6n, 6n), part(0n, 6n));
  return `${dayText} ${seconds}${fractionAt(value, 5, logged.metadata)}`;
}

/** In UTC, as the session reads it. */
function timestamp(value: Buffer, logged: LoggedColumn): string {
  const old = logged.type === type.TIMESTAMP;
  const seconds = old ? value.readUInt32LE() : value.readUInt32BE();
  const behind = old ? '' : fractionAt(value, 4, logged.metadata);
  const whole =
    seconds === 0
      ? '0000-00-00 00:00:00'
      : new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${whole}${behind}`;
}

function time(value: Buffer, logged: LoggedColumn): string {
  if (logged.type === type.TIME) {
    const told = value.readIntLE(0, 3);
    const digits = Math.abs(told);
    const text = clock(Math.floor(digits / 10_000), Math.floor(digits / 100) % 100, digits % 100);
    return `${told < 0 ? '-' : ''}${text}`;
  }
  const places = logged.metadata;
  const bits = 8 * fractionBytes(places);
  // of a negative time the whole is one number below zero, its fraction included
  const told = BigInt(value.readUIntBE(0, value.length)) - (1n << BigInt(23 + bits));
  const size = told < 0n ? -told : told;
  const whole = Number(size >> BigInt(bits));
  const behind = fraction(Number(size & ((1n << BigInt(bits)) - 1n)), places);
  const text = clock((whole >> 12) & 0x3ff, (whole >> 6) & 63, whole & 63);
  return `${told < 0n ? '-' : ''}${text}${behind}`;
}

/** `enum('a','it''s')` in its order. */
function membersOf(nativeType: string): readonly string[] {
  return [...nativeType.matchAll(/'((?:[^']|'')*)'/g)].map(([, member]) => member!.replaceAll("''", "'"));
}
