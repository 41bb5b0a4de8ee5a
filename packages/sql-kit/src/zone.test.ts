import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantText, wallOf } from './zone.js';

const two = (number: number) => String(number).padStart(2, '0');
const msOf = (text: string) => Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`);

describe('wall clocks of a zone', () => {
  it('of every year from 0001 to 9999 are the instants they are, and come back', () => {
    const wall = fc
      .tuple(
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 2, max: 28 }),
        fc.integer({ min: 0, max: 86_399 }),
      )
      .map(([year, month, day, seconds]) => {
        const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part)));
        return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${time.join(':')}.5`;
      });
    const zones = fc.constantFrom('Asia/Shanghai', 'Etc/GMT-8', 'Europe/Berlin', 'Asia/Kathmandu', 'UTC');
    fc.assert(
      fc.property(wall, zones, (text, zone) => {
        const instant = instantText(text, zone)!;
        expect(Math.abs(msOf(instant) - msOf(text))).toBeLessThan(24 * 3_600_000);
        // what the clocks skipped comes back later
        const back = wallOf(instant, zone)!;
        expect(Math.abs(msOf(back) - msOf(text))).toBeLessThanOrEqual(3_600_000);
        if (zone === 'UTC' || zone === 'Etc/GMT-8') expect(back).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['0001-01-01 08:05:43', 'Asia/Shanghai', '0001-01-01 00:00:00+00'],
    ['0050-06-01 00:00:00', 'Etc/GMT-8', '0050-05-31 16:00:00+00'],
    ['1900-12-31 23:50:00', 'Asia/Shanghai', '1900-12-31 15:44:17+00'],
    ['1986-05-04 03:30:00', 'Asia/Shanghai', '1986-05-03 18:30:00+00'],
    ['9999-12-31 23:59:59.5', 'Asia/Shanghai', '9999-12-31 15:59:59.5+00'],
  ])('%s in %s is %s', (wall, zone, instant) => {
    expect(instantText(wall, zone)).toBe(instant);
    expect(wallOf(instant, zone)).toBe(wall);
  });

  it('are none outside the years that are carried', () => {
    expect(instantText('0001-01-01 07:00:00', 'Asia/Shanghai')).toBeUndefined();
    expect(instantText('9999-12-31 23:00:00', 'America/New_York')).toBeUndefined();
    expect(wallOf('9999-12-31 16:00:00+00', 'Etc/GMT-8')).toBeUndefined();
    expect(wallOf('0001-01-01 00:00:00+00', 'America/New_York')).toBeUndefined();
  });
});
