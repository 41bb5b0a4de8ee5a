import chineseDays from 'chinese-days';
import { addDays, isWeekend, yearOf } from './day.js';

/** Days of a year that differ from Monday to Friday: true where they are worked. */
export type DayExceptions = ReadonlyMap<string, boolean>;

const known = new Map<number, DayExceptions | undefined>();

/**
 * The State Council's arrangement of a year, 2004–2026 with the library of this version. Undefined for a year that it does not
 * know: the library itself would answer Monday to Friday.
 */
export function nationalArrangement(year: number): DayExceptions | undefined {
  if (!known.has(year)) known.set(year, readYear(year));
  return known.get(year);
}

function readYear(year: number): DayExceptions | undefined {
  const exceptions = new Map<string, boolean>();
  let named = false;
  for (let day = `${year}-01-01`; yearOf(day) === year; day = addDays(day, 1)) {
    // without a time the library reads the day as UTC and answers for the day before on machines west of it
    const { work, name } = chineseDays.getDayDetail(`${day}T12:00:00`);
    // 'Spring Festival,春节,4' for days of the arrangement, 'Sunday' for others
    named ||= name.includes(',');
    if (work === isWeekend(day)) exceptions.set(day, work);
  }
  return named ? exceptions : undefined;
}
