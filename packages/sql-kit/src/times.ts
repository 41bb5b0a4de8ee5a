import { notExact } from './exact.js';
import type { ValueRule } from './rewrite-rows.js';
import { instantText, wallOf } from './zone.js';

const INFINITE = /^-?infinity$/;

/**
 * A wall-clock time for a column that holds instants: as `…+00`. Times that the zone's clocks skipped have no instant;
 * of times that came twice, only those that read back the same can be written.
 */
export function wallToInstant(zone: string): ValueRule {
  return (text) => {
    if (INFINITE.test(text)) return text;
    const instant = instantText(text, zone);
    return instant !== undefined && wallOf(instant, zone) === text ? instant : notExact;
  };
}

/** An instant for a column of wall-clock times of a zone; the second pass of an hour that comes twice has none. */
export function instantToWall(zone: string): ValueRule {
  return (text) => {
    if (INFINITE.test(text)) return text;
    const wall = wallOf(text, zone);
    return wall !== undefined && instantText(wall, zone) === text ? wall : notExact;
  };
}

/** A time for a column that holds dates: midnight alone. */
export const midnightOnly: ValueRule = (text) => {
  if (INFINITE.test(text)) return text;
  return text.endsWith(' 00:00:00') ? text.slice(0, 10) : notExact;
};

/** A time for a column that keeps so many digits of a second. */
export function withFraction(digits: number): ValueRule {
  const most = 19 + (digits === 0 ? 0 : digits + 1);
  return (text) => (text.replace('+00', '').length > most && !INFINITE.test(text) ? notExact : text);
}
