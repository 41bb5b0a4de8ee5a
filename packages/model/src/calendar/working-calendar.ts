import { modelErrors } from '../errors.js';
import {
  type ArrangementProblem,
  arrangementProblems,
  type DayOverride,
  type YearArrangement,
} from './arrangement.js';
import { isCalendarDay, isWeekend, yearOf } from './day.js';
import { type DayExceptions, nationalArrangement } from './national.js';

/** Whether a day is worked, and whether its year's arrangement is known or Monday to Friday was assumed. */
export interface DayJudgement {
  readonly work: boolean;
  readonly known: boolean;
}

/** Working days of Asia/Shanghai, by date. */
export interface WorkingCalendar {
  /** `day` as `2026-02-14`. */
  judge(day: string): DayJudgement;
  /** Whether the arrangement of the year is known. */
  covers(year: number): boolean;
}

export interface CalendarEntries {
  /** An arrangement entered for a year takes the place of the built-in one. */
  readonly years?: readonly YearArrangement[];
  /** An override outranks any arrangement, and makes its day known; its year stays as it is. */
  readonly overrides?: readonly DayOverride[];
}

/**
 * The national calendar with what administrators entered. Throws QZ_MODEL_CALENDAR_WRONG for entries that contradict
 * themselves or name days that do not exist.
 */
export function workingCalendar({ years = [], overrides = [] }: CalendarEntries = {}): WorkingCalendar {
  const [problem] = arrangementProblems(years);
  if (problem) throw calendarWrong(problem);
  const entered = new Map(years.map((one) => [one.year, exceptionsOf(one)]));
  const single = overridesByDay(overrides);
  const arrangement = (year: number) => entered.get(year) ?? nationalArrangement(year);
  return {
    covers: (year) => arrangement(year) !== undefined,
    judge(day) {
      const override = single.get(day);
      if (override !== undefined) return { work: override, known: true };
      const exceptions = arrangement(yearOf(day));
      return { work: exceptions?.get(day) ?? !isWeekend(day), known: exceptions !== undefined };
    },
  };
}

function exceptionsOf({ holidays, workdays }: YearArrangement): DayExceptions {
  return new Map([
    ...holidays.map((day) => [day, false] as const),
    ...workdays.map((day) => [day, true] as const),
  ]);
}

function overridesByDay(overrides: readonly DayOverride[]): ReadonlyMap<string, boolean> {
  const days = new Map<string, boolean>();
  for (const { day, work } of overrides) {
    if (!isCalendarDay(day)) throw calendarWrong({ code: 'no-such-day', day });
    if ((days.get(day) ?? work) !== work) throw calendarWrong({ code: 'both', day });
    days.set(day, work);
  }
  return days;
}

const problemTexts = {
  'no-such-day': { zh: '没有这一天', en: 'there is no such day' },
  'other-year': { zh: '不在该安排的年份之内', en: 'it is outside the year of its arrangement' },
  both: { zh: '既为休息日又为工作日', en: 'it is both a day off and a working day' },
  'no-weekend': { zh: '不是周末,无须调休上班', en: 'it is no weekend day, so it is worked anyway' },
  'year-twice': { zh: '该年有两份安排', en: 'the year has two arrangements' },
} satisfies Record<ArrangementProblem['code'], { zh: string; en: string }>;

function calendarWrong(problem: ArrangementProblem) {
  const where = 'day' in problem ? problem.day : String(problem.year);
  return modelErrors.CALENDAR_WRONG({ where, problem: problemTexts[problem.code] });
}
