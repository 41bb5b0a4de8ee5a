import { describe, expect, it } from 'vitest';
import type { YearArrangement } from '../calendar/arrangement.js';
import type { Deadline } from '../calendar/deadline.js';
import { workingCalendar } from '../calendar/working-calendar.js';
import {
  byUrgency,
  closeDuty,
  dueMarks,
  type MarkRules,
  openDuty,
  pauseDuty,
  recountDuty,
  resumeDuty,
  viewDuty,
} from './duty.js';
import type { TimedDuty } from './timed-duty.js';

const national = workingCalendar();
const working = (n: number): Deadline => ({ n, unit: 'workingDay', excludeStartDay: true });
const rules: MarkRules = { remindDays: 2, escalateDays: 3 };
/** Ten in the morning in Asia/Shanghai. */
const on = (day: string) => new Date(`${day}T02:00:00Z`);

function opened(day: string, deadline: Deadline | null = working(10), more: Partial<TimedDuty> = {}) {
  const duty = {
    id: 'd1',
    kind: 'agreement.reply' as const,
    object: 'a1',
    owner: 'mz',
    rule: 'R058',
    profile: 'jiangsu-2017',
    deadline,
    ...more,
  };
  return openDuty(national, duty, on(day)).duty;
}
const marked = (duty: TimedDuty, day: string, calendar = national) =>
  dueMarks(calendar, duty, rules, on(day)).map(({ event, day: of }) => `${event} ${of}`);
const after = (duty: TimedDuty, day: string) => dueMarks(national, duty, rules, on(day)).at(-1)?.duty ?? duty;
const refused = expect.objectContaining({ code: 'QZ_MODEL_DUTY_STATE' });

describe('R058 a reply that is due in 10 working days', () => {
  const duty = opened('2025-09-26');

  it('is in time on its last day and overdue on the day after', () => {
    expect(duty).toMatchObject({ dueDay: '2025-10-16', provisionalYears: [], state: 'open' });
    expect(viewDuty(national, duty, on('2025-10-16'))).toMatchObject({ standing: 'running', daysLeft: 0 });
    expect(viewDuty(national, duty, on('2025-10-17'))).toMatchObject({ standing: 'overdue', daysLeft: -1 });
  });

  it('counts the days left over a holiday', () => {
    const left = (day: string) => viewDuty(national, duty, on(day)).daysLeft;
    expect([left('2025-09-26'), left('2025-09-30'), left('2025-10-08'), left('2025-10-09')]).toEqual([
      10, 7, 7, 6,
    ]);
  });

  it('begins its day at midnight in Shanghai', () => {
    const late = openDuty(national, duty, new Date('2025-09-26T16:00:00Z')).duty;
    expect(late.startDay).toBe('2025-09-27');
  });

  it('without a deadline in law is never due and never overdue', () => {
    const free = opened('2025-09-26', null);
    expect(marked(free, '2099-01-01')).toEqual([]);
    expect(viewDuty(national, free, on('2099-01-01'))).toMatchObject({
      standing: 'no-deadline',
      daysLeft: null,
    });
  });
});

describe('marks', () => {
  it('come in order, each once, also when nobody looked for long', () => {
    const duty = opened('2025-09-26');
    expect(marked(duty, '2025-10-13')).toEqual([]);
    expect(marked(duty, '2025-10-14')).toEqual(['reminded 2025-10-14']);
    expect(marked(duty, '2025-10-16')).toEqual(['reminded 2025-10-14']);
    const all = ['reminded 2025-10-14', 'overdue 2025-10-17', 'escalated 2025-10-21'];
    expect(marked(duty, '2025-12-01')).toEqual(all);
    expect(marked(after(duty, '2025-12-01'), '2025-12-02')).toEqual([]);
    expect(marked(after(duty, '2025-10-17'), '2025-10-21')).toEqual(all.slice(2));
  });

  it('remind of a short period when half of it is left, and never tell the competent department of itself', () => {
    expect(marked(opened('2026-04-20', working(1)), '2026-04-20')).toEqual([]);
    expect(marked(opened('2026-04-20', working(1)), '2026-04-21')).toEqual(['reminded 2026-04-21']);
    expect(marked(opened('2026-04-20', working(1), { owner: null }), '2026-05-20')).toEqual([
      'reminded 2026-04-21',
      'overdue 2026-04-22',
    ]);
  });
});

describe('a clock that stands while the other side must answer', () => {
  const paused = pauseDuty(opened('2026-03-02', working(5)), on('2026-03-04')).duty;

  it('is never overdue, and keeps the days it had', () => {
    expect(marked(paused, '2026-06-01')).toEqual([]);
    expect(viewDuty(national, paused, on('2026-06-01'))).toMatchObject({ standing: 'paused', daysLeft: 4 });
  });

  it('goes on with them: days at whose end it stood do not count', () => {
    const { duty, event } = resumeDuty(national, paused, on('2026-03-16'));
    expect(event).toBe('resumed');
    expect(duty).toMatchObject({ dueDay: '2026-03-19', state: 'open' });
    expect(viewDuty(national, duty, on('2026-03-15')).daysLeft).toBe(4);
    expect(marked(duty, '2026-03-20')).toContain('overdue 2026-03-20');
  });

  it('loses and gains nothing by standing within one day, and stands as often as it must', () => {
    const same = resumeDuty(national, paused, on('2026-03-04')).duty;
    expect(same.dueDay).toBe('2026-03-09');
    const twice = resumeDuty(national, pauseDuty(same, on('2026-03-09')).duty, on('2026-03-10')).duty;
    expect(twice.dueDay).toBe('2026-03-10');
  });

  it('has all its days where it stands from the day it started on', () => {
    const early = pauseDuty(opened('2026-03-02', working(5)), on('2026-03-02')).duty;
    expect(viewDuty(national, early, on('2026-03-04')).daysLeft).toBe(5);
    expect(resumeDuty(national, early, on('2026-03-09')).duty.dueDay).toBe('2026-03-13');
  });

  it('is refused twice, and so is going on with one that runs', () => {
    expect(() => pauseDuty(paused, on('2026-03-05'))).toThrow(refused);
    expect(() => resumeDuty(national, opened('2026-03-02'), on('2026-03-05'))).toThrow(refused);
  });
});

describe('a date in a year whose arrangement is not known', () => {
  const duty = opened('2026-12-25');
  const year2027: YearArrangement = {
    year: 2027,
    source: '测试用,不是真实的安排',
    holidays: ['2027-01-01', '2027-01-04', '2027-01-05'],
    workdays: ['2027-01-09'],
  };
  const known = workingCalendar({ years: [year2027] });

  it('is provisional, reminded of, but never overdue', () => {
    expect(duty).toMatchObject({ dueDay: '2027-01-08', provisionalYears: [2027] });
    expect(marked(duty, '2027-03-01')).toEqual(['reminded 2027-01-06']);
    expect(viewDuty(national, duty, on('2027-01-11')).standing).toBe('calendar-missing');
  });

  it('is counted again when the arrangement is entered, and firm from then on', () => {
    const reminded = after(duty, '2027-01-06');
    const step = recountDuty(known, reminded, rules, on('2027-01-06'))!;
    expect(step).toMatchObject({ event: 'recounted', duty: { dueDay: '2027-01-12', provisionalYears: [] } });
    expect(step.duty.remindedAt).toBeNull();
    expect(marked(step.duty, '2027-01-13', known)).toEqual(['reminded 2027-01-09', 'overdue 2027-01-13']);
    expect(recountDuty(known, step.duty, rules, on('2027-01-06'))).toBeUndefined();
  });

  it('an overdue mark that an override does not bear out is taken back', () => {
    const overdue = after(opened('2026-03-02', working(5)), '2026-03-10');
    expect(overdue.overdueAt).not.toBeNull();
    const storm = workingCalendar({ overrides: [{ day: '2026-03-06', work: false, reason: '台风停工' }] });
    const step = recountDuty(storm, overdue, rules, on('2026-03-10'))!;
    expect(step.duty).toMatchObject({ dueDay: '2026-03-10', overdueAt: null });
    expect(marked(step.duty, '2026-03-11', storm)).toEqual(['overdue 2026-03-11']);
  });
});

describe('the end', () => {
  it('is final: a closed duty is not due, not counted again, and not closed again', () => {
    const { duty } = closeDuty(opened('2026-12-25'), 'done', '已答复', on('2026-12-28'));
    expect(duty).toMatchObject({ state: 'closed', outcome: 'done', note: '已答复' });
    expect(marked(duty, '2027-06-01')).toEqual([]);
    expect(
      recountDuty(workingCalendar(), { ...duty, dueDay: null }, rules, on('2027-01-01')),
    ).toBeUndefined();
    expect(() => closeDuty(duty, 'void', '', on('2026-12-29'))).toThrow(refused);
    expect(() => pauseDuty(duty, on('2026-12-29'))).toThrow(refused);
  });
});

it('the longest overdue stands first, what is due next follows, without a deadline last', () => {
  const duties = [
    opened('2026-03-02', null, { id: 'free' }),
    opened('2026-03-02', working(20), { id: 'later' }),
    opened('2026-03-02', working(10), { id: 'next' }),
    opened('2026-03-03', working(2), { id: 'late' }),
    opened('2026-03-02', working(1), { id: 'latest' }),
    pauseDuty(opened('2026-03-02', working(3), { id: 'stands' }), on('2026-03-03')).duty,
  ];
  const order = duties.map((duty) => viewDuty(national, duty, on('2026-03-10'))).sort(byUrgency);
  expect(order.map(({ id }) => id)).toEqual(['latest', 'late', 'next', 'later', 'stands', 'free']);
});
