import { wallText } from '@qianzhi/sql-kit';
import type { TimeFormat } from '../config.js';
import type { Bound, KeyPart } from './order.js';

const TIME = /^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d)(:\d\d)?)?/;
const JULIAN_UNIX_EPOCH = 2440587.5;

/** The place `overlapSeconds` before a mark, in the column's own spelling; a text that is no time stays as it is. */
export function markBefore(mark: KeyPart, overlapSeconds: number, format: TimeFormat): Bound {
  const value = markValue(mark);
  if (typeof value === 'bigint') return value - BigInt(overlapSeconds) * (format === 'unix-ms' ? 1000n : 1n);
  if (typeof value === 'number') {
    const unit = format === 'unix-ms' ? 1000 : format === 'julian' ? 1 / 86_400 : 1;
    return value - overlapSeconds * unit;
  }
  if (typeof value !== 'string') return value;
  const found = TIME.exec(value);
  if (!found) return value;
  const wall = Date.parse(`${found[1]}T${found[3] ?? '00:00'}${found[4] ?? ':00'}Z`);
  if (Number.isNaN(wall)) return value;
  const earlier = new Date(wall - overlapSeconds * 1000).toISOString();
  return found[2] === undefined
    ? earlier.slice(0, 10)
    : `${earlier.slice(0, 10)}${found[2]}${earlier.slice(11, 19)}`;
}

/**
 * The clock as a value of the column: nothing later is read. SQLite has one writer and no server: its clock is
 * this machine's. `sample` is any value of the column and shows how times are spelled.
 */
export function clockMark(now: Date, format: TimeFormat, zone: string, sample: KeyPart): Bound {
  const ms = now.getTime();
  if (format === 'unix') return BigInt(Math.floor(ms / 1000));
  if (format === 'unix-ms') return BigInt(ms);
  if (format === 'julian') return ms / 86_400_000 + JULIAN_UNIX_EPOCH;
  const text = markValue(sample);
  const spelled = typeof text === 'string' ? text : '';
  const wall = wallText(ms, /Z$|[+-]00(:?00)?$/.test(spelled) && spelled.length > 10 ? 'UTC' : zone);
  return spelled[10] === 'T' ? wall.replace(' ', 'T') : wall;
}

export function markValue(mark: KeyPart): Bound {
  if (mark === null) return null;
  if ('i' in mark) return BigInt(mark.i);
  if ('r' in mark) return mark.r;
  const bytes = Buffer.from('t' in mark ? mark.t : mark.b, 'base64');
  return 't' in mark ? bytes.toString() : bytes;
}

/** SQLite's order for values of one column: numbers, then text by bytes. */
export function notBefore(mark: KeyPart, lower: Bound): boolean {
  const value = markValue(mark);
  if (value === null || lower === null) return false;
  if (typeof value === 'string' && typeof lower === 'string')
    return Buffer.compare(Buffer.from(value), Buffer.from(lower)) >= 0;
  if (typeof value === 'string' || Buffer.isBuffer(value)) return true;
  return !(typeof lower === 'string' || Buffer.isBuffer(lower)) && value >= lower;
}
