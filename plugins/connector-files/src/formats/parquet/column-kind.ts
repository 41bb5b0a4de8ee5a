import type { SchemaElement } from 'hyparquet';
import type { FileColumn } from '../table-file.js';

/** Text of one value as it is stored; undefined for what is no single value. Null never gets here. */
export type ValueText = (value: unknown) => string | undefined;

export interface ParquetColumn {
  readonly column: FileColumn;
  readonly text: ValueText;
}

type Unit = 'MILLIS' | 'MICROS' | 'NANOS';
const digitsOf: Readonly<Record<Unit, number>> = { MILLIS: 3, MICROS: 6, NANOS: 9 };

/** What a column is, and how its stored values become text: exact, whatever their size. */
export function parquetColumn(element: SchemaElement, nested: boolean): ParquetColumn {
  const { name, type, converted_type: converted, logical_type: logical, scale = 0, precision } = element;
  const as = (
    nativeType: string,
    known: FileColumn['type'],
    text: ValueText,
    more: Partial<FileColumn> = {},
  ) => ({
    column: { name, nativeType, type: known, ...more },
    text,
  });
  if (nested || type === undefined) return as('nested', null, () => undefined);
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    return as(`DECIMAL(${precision}, ${scale})`, 'N', (value) => decimal(value, scale), { precision, scale });
  }
  if (logical?.type === 'DATE' || converted === 'DATE')
    return as('DATE', 'D', (days) => dayText(BigInt(days as number)));
  if (logical?.type === 'TIMESTAMP') {
    const suffix = logical.isAdjustedToUTC ? '+00' : '';
    return as(`TIMESTAMP ${logical.unit}`, 'T', (value) =>
      timeText(value as bigint, digitsOf[logical.unit], suffix),
    );
  }
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') {
    const digits = converted === 'TIMESTAMP_MILLIS' ? 3 : 6;
    return as(converted, 'T', (value) => timeText(value as bigint, digits, '+00'));
  }
  if (logical?.type === 'UUID') return as('UUID', 'C', (value) => value as string);
  if (converted === 'UTF8' || converted === 'ENUM' || converted === 'JSON' || logical?.type === 'STRING') {
    return as('STRING', 'C', utf8);
  }
  switch (type) {
    case 'BOOLEAN':
      return as(type, 'L', (value) => (value ? 't' : 'f'));
    case 'INT32':
    case 'INT64':
      return as(type, 'I', String);
    case 'FLOAT':
      return as(type, 'F', (value) => single(value as number));
    case 'DOUBLE':
      return as(type, 'B', (value) => double(value as number));
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return as(type, 'G', (value) => `\\x${Buffer.from(value as Uint8Array).toString('hex')}`);
    default:
      // INT96: some programs mean UTC by it, others the local time
      return as(type, null, () => undefined);
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for bytes that are no UTF-8. */
function utf8(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  try {
    return strict.decode(value as Uint8Array);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Unscaled value as an integer, or as bytes in two's complement, highest first. */
function decimal(value: unknown, scale: number): string {
  const unscaled = value instanceof Uint8Array ? fromBytes(value) : BigInt(value as number | bigint);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function fromBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

const DAY_MS = 86_400_000n;

function dayText(days: bigint): string | undefined {
  const text = iso(days * DAY_MS);
  return text?.slice(0, 10);
}

function timeText(value: bigint, digits: number, suffix: string): string | undefined {
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((value % perSecond) + perSecond) % perSecond;
  const text = iso(((value - fraction) / perSecond) * 1000n);
  if (text === undefined) return undefined;
  const shown = fraction === 0n ? '' : `.${fraction.toString().padStart(digits, '0').replace(/0+$/, '')}`;
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${shown}${suffix}`;
}

/** Undefined beyond the years 0001 to 9999. */
function iso(epochMs: bigint): string | undefined {
  if (epochMs < -62_135_596_800_000n || epochMs >= 253_402_300_800_000n) return undefined;
  return new Date(Number(epochMs)).toISOString();
}

function double(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** As few digits as tell it from every other single. */
function single(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return double(short);
  }
  return double(value);
}
