import { chinaDay } from '../calendar/china-day.js';
import { addDays, daysBetween } from '../calendar/day.js';
import type { Deadline } from '../calendar/deadline.js';

/** The period of a duty whose last day somebody has named. It begins now; of a day that is past or today, on the day before it. */
export function untilDay(day: string, at: Date): { readonly since: Date; readonly deadline: Deadline } {
  const today = chinaDay(at);
  const start = today < day ? today : addDays(day, -1);
  return {
    since: start === today ? at : startOf(start),
    deadline: { n: daysBetween(start, day), unit: 'day', excludeStartDay: true },
  };
}

/** A day of Asia/Shanghai begins. */
export function startOf(day: string): Date {
  return new Date(`${day}T00:00:00+08:00`);
}
