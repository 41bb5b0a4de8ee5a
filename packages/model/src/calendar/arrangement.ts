import { type Static, Type } from '@sinclair/typebox';
import { isCalendarDay, isWeekend, yearOf } from './day.js';

const DaySchema = Type.String({ format: 'date', description: '2027-02-06' });

/**
 * The arrangement of a year's public holidays (节假日安排) as an administrator enters it from the yearly notice:
 * `holidays` every day off, weekends within them too or not; `workdays` the weekend days worked instead (调休).
 */
export const YearArrangementSchema = Type.Object(
  {
    year: Type.Integer({ minimum: 2000, maximum: 9999 }),
    source: Type.String({ minLength: 1, description: '文号 / the notice it comes from' }),
    holidays: Type.Array(DaySchema, { minItems: 1 }),
    workdays: Type.Array(DaySchema),
  },
  { additionalProperties: false },
);
export type YearArrangement = Static<typeof YearArrangementSchema>;

/** One day that an administrator sets apart from any arrangement: a local holiday, an order to work. */
export const DayOverrideSchema = Type.Object(
  {
    day: DaySchema,
    work: Type.Boolean(),
    reason: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);
export type DayOverride = Static<typeof DayOverrideSchema>;

export type ArrangementProblem =
  | { readonly code: 'no-such-day' | 'other-year' | 'both' | 'no-weekend'; readonly day: string }
  | { readonly code: 'year-twice'; readonly year: number };

/** What a schema cannot say of arrangements: days that exist, in their year, on one side only; one arrangement a year. */
export function arrangementProblems(years: readonly YearArrangement[]): ArrangementProblem[] {
  const repeated = years.filter(({ year }, index) => years.findIndex((one) => one.year === year) < index);
  return [
    ...repeated.map(({ year }) => ({ code: 'year-twice' as const, year })),
    ...years.flatMap(problemsOf),
  ];
}

function problemsOf({ year, holidays, workdays }: YearArrangement): ArrangementProblem[] {
  const problem = (day: string): ArrangementProblem[] => {
    if (!isCalendarDay(day)) return [{ code: 'no-such-day', day }];
    return yearOf(day) === year ? [] : [{ code: 'other-year', day }];
  };
  const found = [...holidays, ...workdays].flatMap(problem);
  if (found.length > 0) return found;
  const off = new Set(holidays);
  return workdays.flatMap((day): ArrangementProblem[] => {
    if (off.has(day)) return [{ code: 'both', day }];
    // a make-up day on a weekday changes nothing, so it is a slip of the pen
    return isWeekend(day) ? [] : [{ code: 'no-weekend', day }];
  });
}
