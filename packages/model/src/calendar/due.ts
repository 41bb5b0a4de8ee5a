import { modelErrors } from '../errors.js';
import { addDays, isCalendarDay, yearOf } from './day.js';
import type { Deadline } from './deadline.js';
import type { WorkingCalendar } from './working-calendar.js';

/** When a period ends. It keeps what it was counted from, so that it can be counted again. */
export interface Due {
  /** The day the period starts from, not counted: `2026-02-13`. */
  readonly start: string;
  readonly deadline: Deadline;
  /** The last day in time. */
  readonly day: string;
  /** Years counted as Monday to Friday because their arrangement was not known, ascending; empty for a firm date. */
  readonly provisionalYears: readonly number[];
}

/**
 * The last day of a period that starts on `start`, days of Asia/Shanghai by date. Null for a rule without a deadline.
 * Throws QZ_MODEL_CALENDAR_WRONG where `start` is no day.
 */
export function dueOn(calendar: WorkingCalendar, start: string, deadline: Deadline): Due;
export function dueOn(calendar: WorkingCalendar, start: string, deadline: Deadline | null): Due | null;
export function dueOn(calendar: WorkingCalendar, start: string, deadline: Deadline | null): Due | null {
  if (deadline === null) return null;
  if (!isCalendarDay(start)) throw noSuchDay(start);
  if (deadline.unit === 'day')
    return { start, deadline, day: addDays(start, deadline.n), provisionalYears: [] };
  const assumed = new Set<number>();
  let day = start;
  for (let left = deadline.n; left > 0; ) {
    day = addDays(day, 1);
    const { work, known } = calendar.judge(day);
    if (!known) assumed.add(yearOf(day));
    if (work) left -= 1;
  }
  return { start, deadline, day, provisionalYears: [...assumed] };
}

export const isProvisional = (due: Due): boolean => due.provisionalYears.length > 0;

/** The same period counted by another calendar: for after a year's arrangement or an override was entered. */
export function recountDue(calendar: WorkingCalendar, { start, deadline }: Due): Due {
  return dueOn(calendar, start, deadline);
}

function noSuchDay(day: string) {
  const problem = { zh: '没有这一天', en: 'there is no such day' };
  return modelErrors.CALENDAR_WRONG({ where: day, problem });
}
