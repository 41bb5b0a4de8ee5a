import { wallText } from '@qianzhi/sql-kit';
import type { TimeFormat } from '../config.js';
import type { Bound } from './order.js';

const TIME = /^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d)(:\d\d)?)?/;
const JULIAN_UNIX_EPOCH = 2440587.5;
const units = { text: 0, unix: 1, 'unix-ms': 1000, julian: 1 / 86_400 } as const satisfies Record<
  TimeFormat,
  number
>;
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/**
 * A time of a column as checkpoints hold it: such texts have the order that SQLite gives the values, numbers before text. A
 * number is a double's bits, turned so that they rise with it.
 */
export function markOf(value: NonNullable<Bound>): string {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return `t${value.toString()}`;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Number(value));
  const bits = bytes.readBigUInt64BE();
  return `n${((bits & SIGN) === 0n ? bits | SIGN : bits ^ ALL).toString(16).padStart(16, '0')}`;
}

export function boundMark(mark: string): bigint | number | string {
  if (mark.startsWith('t')) return mark.slice(1);
  const bits = BigInt(`0x${mark.slice(1)}`);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE((bits & SIGN) === 0n ? bits ^ ALL : bits & ~SIGN & ALL);
  const value = bytes.readDoubleBE();
  return Number.isInteger(value) ? BigInt(value) : value;
}

/** The mark so many seconds before, in the column's own spelling; a text that is no time stays as it is. */
export function markBefore(mark: string, seconds: number, format: TimeFormat): string {
  const value = boundMark(mark);
  if (typeof value !== 'string') return markOf(Number(value) - seconds * units[format]);
  const found = TIME.exec(value);
  if (!found) return mark;
  const wall = Date.parse(`${found[1]}T${found[3] ?? '00:00'}${found[4] ?? ':00'}Z`);
  if (Number.isNaN(wall)) return mark;
  const earlier = new Date(wall - seconds * 1000).toISOString();
  return markOf(
    found[2] === undefined
      ? earlier.slice(0, 10)
      : `${earlier.slice(0, 10)}${found[2]}${earlier.slice(11, 19)}`,
  );
}

/**
 * The clock as a value of the column: nothing later is read. SQLite has one writer and no server: its clock is
 * this machine's. `sample` is any value of the column and shows how times are spelled.
 */
export function clockMark(ms: number, format: TimeFormat, zone: string, sample: string | null): string {
  if (format === 'unix') return markOf(Math.floor(ms / 1000));
  if (format === 'unix-ms') return markOf(ms);
  if (format === 'julian') return markOf(ms / 86_400_000 + JULIAN_UNIX_EPOCH);
  const text = sample === null ? '' : String(boundMark(sample));
  const wall = wallText(ms, /Z$|[+-]00(:?00)?$/.test(text) && text.length > 10 ? 'UTC' : zone);
  return markOf(text[10] === 'T' ? wall.replace(' ', 'T') : wall);
}
