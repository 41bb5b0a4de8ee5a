import { BrokenBytes, type Bytes } from './bytes.js';

/** A column as a table map event tells it. */
export interface LoggedColumn {
  readonly type: number;
  /** Its meaning is the type's: a length, digits, or the type that STRING stands for. */
  readonly metadata: number;
}

/** Numbers of enum_field_types, and MariaDB's own two. */
export const type = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  NEWDATE: 14,
  VARCHAR: 15,
  BIT: 16,
  TIMESTAMP2: 17,
  DATETIME2: 18,
  TIME2: 19,
  BLOB_COMPRESSED: 140,
  VARCHAR_COMPRESSED: 141,
  VECTOR: 242,
  JSON: 245,
  NEWDECIMAL: 246,
  ENUM: 247,
  SET: 248,
  TINY_BLOB: 249,
  MEDIUM_BLOB: 250,
  LONG_BLOB: 251,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
} as const;

const blobs: readonly number[] = [
  type.BLOB,
  type.TINY_BLOB,
  type.MEDIUM_BLOB,
  type.LONG_BLOB,
  type.BLOB_COMPRESSED,
  type.JSON,
  type.GEOMETRY,
  type.VECTOR,
];
const oneByte: readonly number[] = [
  ...blobs,
  type.FLOAT,
  type.DOUBLE,
  type.TIME2,
  type.DATETIME2,
  type.TIMESTAMP2,
];
const twoBytes: readonly number[] = [
  type.VARCHAR,
  type.VARCHAR_COMPRESSED,
  type.VAR_STRING,
  type.STRING,
  type.ENUM,
  type.SET,
  type.NEWDECIMAL,
  type.BIT,
];

/** The columns of a table map: their types, then what each type needs to be told besides. */
export function readColumns(types: Buffer, metadata: Bytes): readonly LoggedColumn[] {
  return [...types].map((each) => {
    const length = oneByte.includes(each) ? 1 : twoBytes.includes(each) ? 2 : 0;
    return realType(each, length === 0 ? 0 : metadata.unsigned(length));
  });
}

/** STRING stands for ENUM and SET, too, and lends two bits of the type to its length. */
function realType(told: number, metadata: number): LoggedColumn {
  if (told !== type.STRING) return { type: told, metadata };
  const [high, low] = [metadata & 0xff, metadata >> 8];
  if ((high & 0x30) !== 0x30) return { type: type.STRING, metadata: low | (((high & 0x30) ^ 0x30) << 4) };
  if (high === type.ENUM || high === type.SET) return { type: high, metadata: low };
  return { type: type.STRING, metadata: low };
}

const fixed: Readonly<Partial<Record<number, number>>> = {
  [type.TINY]: 1,
  [type.SHORT]: 2,
  [type.INT24]: 3,
  [type.LONG]: 4,
  [type.LONGLONG]: 8,
  [type.FLOAT]: 4,
  [type.DOUBLE]: 8,
  [type.NULL]: 0,
  [type.TIMESTAMP]: 4,
  [type.DATE]: 3,
  [type.NEWDATE]: 3,
  [type.TIME]: 3,
  [type.DATETIME]: 8,
  [type.YEAR]: 1,
};

/** Bytes of that many decimal digits, nine to four bytes. */
const DIGIT_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;

export function digitBytes(digits: number): number {
  return Math.floor(digits / 9) * 4 + DIGIT_BYTES[digits % 9]!;
}

/** Bytes of the fraction of a second. */
export function fractionBytes(digits: number): number {
  return Math.ceil(digits / 2);
}

/** The bytes of one value, without its length where it is told. Throws for a type that nobody knows. */
export function readValue(row: Bytes, column: LoggedColumn): Buffer {
  const { type: each, metadata } = column;
  const size = fixed[each];
  if (size !== undefined) return row.take(size);
  switch (each) {
    case type.NEWDECIMAL:
      return row.take(digitBytes((metadata & 0xff) - (metadata >> 8)) + digitBytes(metadata >> 8));
    case type.TIMESTAMP2:
      return row.take(4 + fractionBytes(metadata));
    case type.DATETIME2:
      return row.take(5 + fractionBytes(metadata));
    case type.TIME2:
      return row.take(3 + fractionBytes(metadata));
    case type.BIT:
      return row.take((metadata >> 8) + ((metadata & 0xff) > 0 ? 1 : 0));
    case type.ENUM:
    case type.SET:
      return row.take(metadata);
    case type.STRING:
    case type.VARCHAR:
    case type.VAR_STRING:
    case type.VARCHAR_COMPRESSED:
      return row.take(row.unsigned(metadata > 255 ? 2 : 1));
    default:
      if (blobs.includes(each) && metadata >= 1 && metadata <= 4) return row.take(row.unsigned(metadata));
      throw new BrokenBytes(`a column of type ${each}`);
  }
}
