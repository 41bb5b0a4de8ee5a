import { chinaDay } from '../calendar/china-day.js';
import { addDays } from '../calendar/day.js';
import { dayCounter, dueOn, type Pause } from '../calendar/due.js';
import type { WorkingCalendar } from '../calendar/working-calendar.js';
import { modelErrors } from '../errors.js';
import type { DutyEventName } from './duty-event.js';
import type { DutyOutcome, TimedDuty } from './timed-duty.js';

/** A duty as it stands after one event. */
export interface DutyStep {
  readonly duty: TimedDuty;
  readonly event: DutyEventName;
  /** The day the event belongs to; earlier than the day it is recorded on where nobody looked in between. */
  readonly day: string;
}

/** When departments are reminded, and when the competent department is told. */
export interface MarkRules {
  /** Days of the period left when its owner is reminded; never more than half of them. */
  readonly remindDays: number;
  /** Working days overdue after which the competent department is told. */
  readonly escalateDays: number;
}

type NewDuty = Pick<TimedDuty, 'id' | 'kind' | 'object' | 'owner' | 'rule' | 'profile' | 'deadline'>;

/** The clock starts; the day it starts on is not counted. */
export function openDuty(calendar: WorkingCalendar, duty: NewDuty, at: Date): DutyStep {
  const startDay = chinaDay(at);
  const opened: TimedDuty = {
    ...duty,
    state: 'open',
    openedAt: at.toISOString(),
    startDay,
    dueDay: null,
    provisionalYears: [],
    pauses: [],
    remindedAt: null,
    overdueAt: null,
    escalatedAt: null,
    closedAt: null,
    outcome: null,
    note: null,
  };
  return { duty: counted(calendar, opened), event: 'opened', day: startDay };
}

/** The clock stands from this day on: a day counts where the clock runs at its end. Throws QZ_MODEL_DUTY_STATE. */
export function pauseDuty(duty: TimedDuty, at: Date): DutyStep {
  requireState(duty, 'open');
  const day = chinaDay(at);
  const pauses = [...duty.pauses, { from: day, to: null }];
  return { duty: { ...duty, state: 'paused', pauses }, event: 'paused', day };
}

/** The clock goes on with the days that were left; this day counts again. Throws QZ_MODEL_DUTY_STATE. */
export function resumeDuty(calendar: WorkingCalendar, duty: TimedDuty, at: Date): DutyStep {
  requireState(duty, 'paused');
  const day = chinaDay(at);
  const pauses = duty.pauses.map((pause) => (pause.to === null ? { ...pause, to: day } : pause));
  return { duty: counted(calendar, { ...duty, state: 'open', pauses }), event: 'resumed', day };
}

/** Another department owes it from now on, by the same day. Throws QZ_MODEL_DUTY_STATE for a duty that is closed already. */
export function handOverDuty(duty: TimedDuty, owner: string, at: Date): DutyStep {
  if (duty.state === 'closed') requireState(duty, 'open');
  return { duty: { ...duty, owner }, event: 'handed-over', day: chinaDay(at) };
}

/** Throws QZ_MODEL_DUTY_STATE for a duty that is closed already. */
export function closeDuty(duty: TimedDuty, outcome: DutyOutcome, note: string, at: Date): DutyStep {
  if (duty.state === 'closed') requireState(duty, 'open');
  const closed = { state: 'closed' as const, closedAt: at.toISOString(), outcome, note };
  return { duty: { ...duty, ...closed }, event: 'closed', day: chinaDay(at) };
}

/**
 * Counts the period again after the calendar has changed. A mark the new date does not bear out is taken back and made again
 * when its day comes. Undefined where nothing changes, and for a closed duty.
 */
export function recountDuty(
  calendar: WorkingCalendar,
  duty: TimedDuty,
  rules: MarkRules,
  at: Date,
): DutyStep | undefined {
  if (duty.state === 'closed') return undefined;
  const again = counted(calendar, duty);
  if (again.dueDay === duty.dueDay && same(again.provisionalYears, duty.provisionalYears)) return undefined;
  const day = chinaDay(at);
  const days = markDays(calendar, again, rules);
  const kept = (mark: string | null, from: string | null) => (from !== null && from <= day ? mark : null);
  return {
    duty: {
      ...again,
      remindedAt: kept(duty.remindedAt, days.reminded),
      overdueAt: kept(duty.overdueAt, days.overdue),
      escalatedAt: kept(duty.escalatedAt, days.escalated),
    },
    event: 'recounted',
    day,
  };
}

const marks = { reminded: 'remindedAt', overdue: 'overdueAt', escalated: 'escalatedAt' } as const;

/**
 * The marks whose day has come and that were not made yet, in order: reminded, overdue, escalated. None while the clock stands.
 * Nothing with effects in law hangs on a provisional date: it is reminded of, never overdue.
 */
export function dueMarks(
  calendar: WorkingCalendar,
  duty: TimedDuty,
  rules: MarkRules,
  at: Date,
): readonly DutyStep[] {
  if (duty.state !== 'open') return [];
  const today = chinaDay(at);
  const days = markDays(calendar, duty, rules);
  const steps: DutyStep[] = [];
  let now = duty;
  for (const event of ['reminded', 'overdue', 'escalated'] as const) {
    const day = days[event];
    if (day === null || day > today || now[marks[event]] !== null) continue;
    now = { ...now, [marks[event]]: at.toISOString() };
    steps.push({ duty: now, event, day });
  }
  return steps;
}

/** First day of each mark; null where it never comes. */
function markDays(calendar: WorkingCalendar, duty: TimedDuty, { remindDays, escalateDays }: MarkRules) {
  const { deadline, dueDay, provisionalYears, owner } = duty;
  if (deadline === null || dueDay === null) return { reminded: null, overdue: null, escalated: null };
  const { counts } = counter(calendar, duty);
  let reminded = dueDay;
  for (let left = Math.min(remindDays, Math.floor(deadline.n / 2)); left > 0; ) {
    if (counts(reminded)) left -= 1;
    reminded = addDays(reminded, -1);
  }
  // nobody is reminded on a day off
  while (reminded > duty.startDay && !counts(reminded)) reminded = addDays(reminded, -1);
  if (provisionalYears.length > 0) return { reminded, overdue: null, escalated: null };
  const overdue = addDays(dueDay, 1);
  // the competent department is nobody's to tell of itself
  if (owner === null) return { reminded, overdue, escalated: null };
  if (escalateDays === 0) return { reminded, overdue, escalated: overdue };
  const late = { n: escalateDays, unit: 'workingDay', excludeStartDay: true } as const;
  return { reminded, overdue, escalated: dueOn(calendar, dueDay, late).day };
}

function counted(calendar: WorkingCalendar, duty: TimedDuty): TimedDuty {
  const due = dueOn(calendar, duty.startDay, duty.deadline, ended(duty));
  if (due === null) return duty;
  return { ...duty, dueDay: due.day, provisionalYears: [...due.provisionalYears] };
}

/** Days of the period itself, by its unit and without its pauses. */
export function counter(calendar: WorkingCalendar, duty: TimedDuty) {
  const judge = dayCounter(calendar, duty.deadline?.unit ?? 'workingDay', ended(duty));
  return { counts: (day: string) => judge(day).counts };
}

function ended({ pauses }: TimedDuty): Pause[] {
  return pauses.flatMap(({ from, to }) => (to === null ? [] : [{ from, to }]));
}

const same = (a: readonly number[], b: readonly number[]) => a.join() === b.join();

function requireState({ id, state }: TimedDuty, wanted: 'open' | 'paused'): void {
  if (state !== wanted) throw modelErrors.DUTY_STATE({ duty: id, state, wanted });
}
