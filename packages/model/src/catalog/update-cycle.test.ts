import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cycleSeconds, updateDueAt } from './update-cycle.js';

const cycles = ['realtime', 'daily', 'weekly', 'monthly', 'quarterly', 'half-yearly', 'yearly'] as const;
const due = (updateCycle: (typeof cycles)[number], at: string) =>
  updateDueAt({ updateCycle }, new Date(`${at}+08:00`))?.toISOString();
const shanghai = (at: string) => new Date(`${at}+08:00`).toISOString();

describe('when an update is due', () => {
  it.each([
    ['realtime', '2026-02-28T23:30:00', '2026-03-01T00:30:00'],
    ['daily', '2026-02-27T02:00:00', '2026-02-28T23:59:59'],
    ['daily', '2026-02-28T02:00:00', '2026-03-01T23:59:59'],
    ['daily', '2028-02-28T02:00:00', '2028-02-29T23:59:59'],
    ['daily', '2026-12-31T23:59:59', '2027-01-01T23:59:59'],
    ['weekly', '2026-06-08T00:00:00', '2026-06-21T23:59:59'],
    ['weekly', '2026-06-14T23:59:59', '2026-06-21T23:59:59'],
    ['weekly', '2026-06-15T00:00:00', '2026-06-28T23:59:59'],
    ['monthly', '2026-01-31T12:00:00', '2026-02-28T23:59:59'],
    ['monthly', '2028-01-31T12:00:00', '2028-02-29T23:59:59'],
    ['monthly', '2026-11-30T12:00:00', '2026-12-31T23:59:59'],
    ['monthly', '2026-12-01T00:00:00', '2027-01-31T23:59:59'],
    ['quarterly', '2026-01-01T00:00:00', '2026-04-10T23:59:59'],
    ['quarterly', '2026-03-31T23:59:59', '2026-04-10T23:59:59'],
    ['quarterly', '2026-04-01T00:00:00', '2026-07-10T23:59:59'],
    ['quarterly', '2026-10-08T09:00:00', '2027-01-10T23:59:59'],
    ['half-yearly', '2026-06-30T23:59:59', '2026-07-10T23:59:59'],
    ['half-yearly', '2026-07-01T00:00:00', '2027-01-10T23:59:59'],
    ['yearly', '2028-02-29T08:00:00', '2029-01-10T23:59:59'],
  ] as const)('%s data of %s: %s', (cycle, at, expected) => {
    expect(due(cycle, at)).toBe(shanghai(expected));
  });

  it('is a calendar day, holidays and make-up weekends included: 1 October 2026 is a holiday, 10 October a Saturday that is worked', () => {
    expect(due('quarterly', '2026-09-30T10:00:00')).toBe(shanghai('2026-10-10T23:59:59'));
    expect(due('daily', '2026-09-30T10:00:00')).toBe(shanghai('2026-10-01T23:59:59'));
  });

  it('goes by the day in Shanghai where UTC has another', () => {
    expect(updateDueAt({ updateCycle: 'quarterly' }, new Date('2026-03-31T16:00:00Z'))?.toISOString()).toBe(
      '2026-07-10T15:59:59.000Z',
    );
  });

  it('is never where nothing is promised', () => {
    expect(updateDueAt({ updateCycle: 'irregular' }, new Date())).toBeUndefined();
  });

  it('always lies ahead, never beyond two cycles, and never goes back as data gets newer', () => {
    const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...cycles), moment, moment, (updateCycle, a, b) => {
        const [first, second] = a <= b ? [a, b] : [b, a];
        const [one, two] = [updateDueAt({ updateCycle }, first)!, updateDueAt({ updateCycle }, second)!];
        const limit = 2 * cycleSeconds({ updateCycle })! * 1000;
        expect(one.getTime()).toBeGreaterThan(first.getTime());
        expect(one.getTime() - first.getTime()).toBeLessThanOrEqual(limit);
        expect(two.getTime()).toBeGreaterThanOrEqual(one.getTime());
      }),
    );
  });
});
