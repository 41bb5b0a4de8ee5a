import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { arrangementProblems, type YearArrangement } from './arrangement.js';
import { addDays, daysBetween } from './day.js';
import type { Deadline } from './deadline.js';
import { dueOn, isProvisional, recountDue } from './due.js';
import { nationalArrangement } from './national.js';
import { workingCalendar } from './working-calendar.js';

const working = (n: number): Deadline => ({ n, unit: 'workingDay', excludeStartDay: true });
const national = workingCalendar();
const year2027: YearArrangement = {
  year: 2027,
  source: '测试用,不是真实的安排',
  holidays: ['2027-01-01', '2027-01-04', '2027-01-05'],
  workdays: ['2027-01-09'],
};

describe('R058 R063 working days with 调休, the start day not counted', () => {
  it.each([
    ['2025-09-26', 3, '2025-09-30'],
    ['2025-09-26', 10, '2025-10-16'],
    ['2025-09-30', 1, '2025-10-09'],
    ['2026-02-13', 5, '2026-02-27'],
    ['2026-02-13', 10, '2026-03-05'],
    ['2026-02-14', 1, '2026-02-24'],
    ['2026-04-30', 3, '2026-05-08'],
    ['2026-09-18', 15, '2026-10-15'],
  ])('%s +%i is due on %s, firm', (start, n, day) => {
    expect(dueOn(national, start, working(n))).toEqual({
      start,
      deadline: working(n),
      day,
      provisionalYears: [],
    });
  });

  it('R058 2026-12-25 +10 is provisional, and counted again when 2027 is entered', () => {
    const due = dueOn(national, '2026-12-25', working(10));
    expect(due).toMatchObject({ day: '2027-01-08', provisionalYears: [2027] });
    expect(isProvisional(due)).toBe(true);
    const firm = recountDue(workingCalendar({ years: [year2027] }), due);
    expect(firm).toMatchObject({ day: '2027-01-12', provisionalYears: [] });
    expect(isProvisional(firm)).toBe(false);
  });

  it('a period that ends before the unknown year is firm', () => {
    expect(dueOn(national, '2026-12-25', working(4))).toMatchObject({
      day: '2026-12-31',
      provisionalYears: [],
    });
  });

  it('names every unknown year it went through', () => {
    expect(dueOn(national, '2026-12-31', working(300)).provisionalYears).toEqual([2027, 2028]);
  });
});

describe('periods', () => {
  it('R058 no legal deadline is null, not a date', () => {
    expect(dueOn(national, '2026-02-13', null)).toBeNull();
  });

  it('calendar days need no calendar', () => {
    const due = dueOn(national, '2026-12-25', { n: 10, unit: 'day', excludeStartDay: true });
    expect(due).toMatchObject({ day: '2027-01-04', provisionalYears: [] });
  });

  it('refuse a start that is no day', () => {
    for (const start of ['2026-02-29', '2026-2-1', 'today'])
      expect(() => dueOn(national, start, working(1))).toThrow(
        expect.objectContaining({ code: 'QZ_MODEL_CALENDAR_WRONG' }),
      );
  });

  it('end on a working day, with as many of them after the start as were asked for', () => {
    const starts = fc.integer({ min: 0, max: 365 * 20 }).map((n) => addDays('2005-01-01', n));
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: 40 }), (start, n) => {
        const { day } = dueOn(national, start, working(n));
        const counted = Array.from({ length: daysBetween(start, day) }, (_, i) => addDays(start, i + 1));
        expect(national.judge(day).work).toBe(true);
        expect(counted.filter((one) => national.judge(one).work)).toHaveLength(n);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what administrators enter', () => {
  it('an override outranks the arrangement and leaves the other days as they are', () => {
    const overrides = [{ day: '2026-02-27', work: false, reason: '台风停工' }];
    const calendar = workingCalendar({ overrides });
    expect(dueOn(calendar, '2026-02-13', working(5)).day).toBe('2026-02-28');
    expect(dueOn(calendar, '2026-02-13', working(4)).day).toBe('2026-02-26');
  });

  it('an override makes its day known, not its year', () => {
    const calendar = workingCalendar({ overrides: [{ day: '2027-01-02', work: true, reason: '加班' }] });
    expect(calendar.judge('2027-01-02')).toEqual({ work: true, known: true });
    expect(calendar.judge('2027-01-04')).toEqual({ work: true, known: false });
    expect(calendar.covers(2027)).toBe(false);
  });

  it('an arrangement takes the place of the built-in one', () => {
    const mine = { year: 2026, source: 'x', holidays: ['2026-02-16'], workdays: [] };
    const calendar = workingCalendar({ years: [mine] });
    expect(calendar.judge('2026-02-17')).toEqual({ work: true, known: true });
    expect(calendar.judge('2026-02-14').work).toBe(false);
  });

  it('is refused where it contradicts itself', () => {
    const wrong = { year: 2027, source: 'x', holidays: ['2026-12-31', '2027-02-29'], workdays: [] };
    expect(arrangementProblems([wrong])).toEqual([
      { code: 'other-year', day: '2026-12-31' },
      { code: 'no-such-day', day: '2027-02-29' },
    ]);
    expect(
      arrangementProblems([
        year2027,
        { year: 2027, source: 'x', holidays: ['2027-01-02'], workdays: ['2027-01-02', '2027-01-06'] },
      ]),
    ).toEqual([
      { code: 'year-twice', year: 2027 },
      { code: 'both', day: '2027-01-02' },
      { code: 'no-weekend', day: '2027-01-06' },
    ]);
    const day = '2026-05-01';
    for (const entries of [
      { years: [wrong] },
      { overrides: [{ day: '2026-02-30', work: true, reason: 'x' }] },
      {
        overrides: [
          { day, work: true, reason: 'x' },
          { day, work: false, reason: 'y' },
        ],
      },
    ])
      expect(() => workingCalendar(entries)).toThrow(
        expect.objectContaining({ code: 'QZ_MODEL_CALENDAR_WRONG' }),
      );
  });
});

describe('the built-in calendar', () => {
  it('knows 2004 to 2026 and says so of no other year', () => {
    const years = Array.from({ length: 30 }, (_, i) => 2000 + i);
    expect(years.filter(national.covers)).toEqual(Array.from({ length: 23 }, (_, i) => 2004 + i));
  });

  it.each(['America/Sao_Paulo', 'Pacific/Kiritimati'])(
    'answers the same on a machine in %s',
    async (zone) => {
      const before = process.env.TZ;
      const here = nationalArrangement(2026);
      process.env.TZ = zone;
      try {
        vi.resetModules();
        const anew = await import('./national.js');
        expect(anew.nationalArrangement(2026)).toEqual(here);
        expect(anew.nationalArrangement(2026)).not.toBe(here);
      } finally {
        if (before === undefined) delete process.env.TZ;
        else process.env.TZ = before;
      }
    },
  );
});
