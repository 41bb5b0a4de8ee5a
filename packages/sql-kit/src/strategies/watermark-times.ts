import type { SqlFamily } from '../database/table.js';
import { formatOf, wallOf } from '../zone.js';

/** Longest transaction of a legacy program where nobody may see it. */
const UNSEEN_SECONDS = 900;

const TIME = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(\.\d+)?)?$/;

/** The time so many seconds before, spelled alike: `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS[.f]`. Not before year 1. */
export function secondsBefore(time: string, seconds: number): string {
  const found = TIME.exec(time);
  if (!found) return time;
  const wall = Date.parse(`${found[1]}T${found[2] ?? '00:00:00'}Z`) - seconds * 1000;
  const earliest = Date.parse('0001-01-01T00:00:00Z');
  const text = new Date(Math.max(wall, earliest)).toISOString();
  return found[2] === undefined
    ? text.slice(0, 10)
    : `${text.slice(0, 10)} ${text.slice(11, 19)}${found[3] ?? ''}`;
}

/** An instant `… +00` as a time of a column: instants of a column are spelled without their zone. */
export function columnTime(instant: string, family: SqlFamily, zone: string): string {
  const canonical = instant.replace(/ ?\+00(:?00)?$/, '+00');
  if (family === 'instant') return canonical.slice(0, -3);
  const wall = wallOf(canonical, zone) ?? canonical.slice(0, -3);
  return family === 'date' ? wall.slice(0, 10) : wall;
}

/** An instant `YYYY-MM-DD HH:MM:SS[.f] +00` in ms since 1970. */
export function instantMs(instant: string): number {
  const [date = '', time = ''] = instant.split(' ');
  return Date.parse(`${date}T${time.replace(/\+00(:?00)?$/, '').slice(0, 12)}Z`);
}

/** Of two times of a column the earlier; null is none. Spelled alike they are ordered as text is. */
export function earlier(a: string, b: string | null): string {
  return b === null || a < b ? a : b;
}

/**
 * The time before which no open transaction may yet commit a row: the beginning of the oldest, and a second before the clock,
 * because a transaction becomes visible a moment after it began.
 */
export function safeTime(
  now: string,
  oldest: string | null,
  seesOthers: boolean,
  overlapSeconds: number,
): string {
  const margin = seesOthers ? 1 : Math.max(overlapSeconds, UNSEEN_SECONDS);
  return earlier(secondsBefore(now, margin), oldest);
}

/** Throws what `unfit` answers for a zone that is not in the IANA list. A server's own zone tables may be empty. */
export function requireZone(zone: string, unfit: (zh: string, en: string) => Error): void {
  try {
    formatOf(zone);
  } catch {
    throw unfit(`没有时区 ${zone}`, `there is no zone ${zone}`);
  }
}
