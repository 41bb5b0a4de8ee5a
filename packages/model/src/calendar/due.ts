import { modelErrors } from '../errors.js';
import { addDays, isCalendarDay, yearOf } from './day.js';
import type { Deadline } from './deadline.js';
import type { WorkingCalendar } from './working-calendar.js';

/** Days on which a period stands still: from `from` to the day before `to`. */
export interface Pause {
  readonly from: string;
  readonly to: string;
}

/** When a period ends. It keeps what it was counted from, so that it can be counted again. */
export interface Due {
  /** The day the period starts from, not counted: `2026-02-13`. */
  readonly start: string;
  readonly deadline: Deadline;
  /** The last day in time. */
  readonly day: string;
  /** Years counted as Monday to Friday because their arrangement was not known, ascending; empty for a firm date. */
  readonly provisionalYears: readonly number[];
  /** Left out where the period never stood still. */
  readonly pauses?: readonly Pause[];
}

/**
 * The last day of a period that starts on `start`, days of Asia/Shanghai by date; days of a pause do not count. Null for a rule
 * without a deadline. Throws QZ_MODEL_CALENDAR_WRONG where `start` is no day.
 */
export function dueOn(
  calendar: WorkingCalendar,
  start: string,
  deadline: Deadline,
  pauses?: readonly Pause[],
): Due;
export function dueOn(
  calendar: WorkingCalendar,
  start: string,
  deadline: Deadline | null,
  pauses?: readonly Pause[],
): Due | null;
export function dueOn(
  calendar: WorkingCalendar,
  start: string,
  deadline: Deadline | null,
  pauses: readonly Pause[] = [],
): Due | null {
  if (deadline === null) return null;
  if (!isCalendarDay(start)) throw noSuchDay(start);
  const judge = dayCounter(calendar, deadline.unit, pauses);
  const assumed = new Set<number>();
  let day = start;
  for (let left = deadline.n; left > 0; ) {
    day = addDays(day, 1);
    const { counts, known } = judge(day);
    if (!known) assumed.add(yearOf(day));
    if (counts) left -= 1;
  }
  return {
    start,
    deadline,
    day,
    provisionalYears: [...assumed],
    ...(pauses.length > 0 && { pauses }),
  };
}

/** Whether a day is one of those a period is made of, and whether that is known or Monday to Friday was assumed. */
export function dayCounter(
  calendar: WorkingCalendar,
  unit: Deadline['unit'],
  pauses: readonly Pause[] = [],
): (day: string) => { readonly counts: boolean; readonly known: boolean } {
  return (day) => {
    if (pauses.some(({ from, to }) => from <= day && day < to)) return { counts: false, known: true };
    if (unit === 'day') return { counts: true, known: true };
    const { work, known } = calendar.judge(day);
    return { counts: work, known };
  };
}

export const isProvisional = (due: Due): boolean => due.provisionalYears.length > 0;

/** The same period counted by another calendar: for after a year's arrangement or an override was entered. */
export function recountDue(calendar: WorkingCalendar, { start, deadline, pauses }: Due): Due {
  return dueOn(calendar, start, deadline, pauses);
}

function noSuchDay(day: string) {
  const problem = { zh: '没有这一天', en: 'there is no such day' };
  return modelErrors.CALENDAR_WRONG({ where: day, problem });
}
