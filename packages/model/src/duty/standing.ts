import { chinaDay } from '../calendar/china-day.js';
import { addDays } from '../calendar/day.js';
import type { WorkingCalendar } from '../calendar/working-calendar.js';
import { counter } from './clock.js';
import type { DutyView } from './duty-view.js';
import type { TimedDuty } from './timed-duty.js';

/** How a duty stands at an instant, and the days left. */
export function viewDuty(calendar: WorkingCalendar, duty: TimedDuty, at: Date): DutyView {
  const today = chinaDay(at);
  return { ...duty, standing: standingOf(duty, today), daysLeft: daysLeft(calendar, duty, today) };
}

function standingOf(duty: TimedDuty, today: string): DutyView['standing'] {
  const { state, dueDay, provisionalYears, remindedAt } = duty;
  if (state !== 'open') return state;
  if (dueDay === null) return 'no-deadline';
  if (today > dueDay) return provisionalYears.length > 0 ? 'calendar-missing' : 'overdue';
  return remindedAt === null ? 'running' : 'due-soon';
}

/** Today is over for the count: 0 on the last day in time. Below zero: so many too late. A clock that stands keeps what it had. */
function daysLeft(calendar: WorkingCalendar, duty: TimedDuty, today: string): number | null {
  const { dueDay, state, pauses } = duty;
  if (dueDay === null || state === 'closed') return null;
  const { counts } = counter(calendar, duty);
  const standsSince = state === 'paused' ? pauses.at(-1)?.from : undefined;
  const before = standsSince === undefined ? today : addDays(standsSince, -1);
  // the day it starts on is not counted, also where the clock stood on it
  const from = before < duty.startDay ? duty.startDay : before;
  const between = (after: string, last: string) => {
    let days = 0;
    for (let day = addDays(after, 1); day <= last; day = addDays(day, 1)) if (counts(day)) days += 1;
    return days;
  };
  return from <= dueDay ? between(from, dueDay) : -between(dueDay, from);
}

const urgency: Readonly<Record<DutyView['standing'], number>> = {
  overdue: 0,
  'calendar-missing': 1,
  'due-soon': 2,
  running: 2,
  paused: 3,
  'no-deadline': 4,
  closed: 5,
};

/** The longest overdue first, then what is due next; without a deadline and closed last. */
export function byUrgency(a: DutyView, b: DutyView): number {
  return (
    urgency[a.standing] - urgency[b.standing] ||
    (a.dueDay ?? '').localeCompare(b.dueDay ?? '') ||
    a.openedAt.localeCompare(b.openedAt)
  );
}
