import { isRealDate } from './date.js';

const DAY_MS = 86_400_000;

/** Whether the text is a day that exists, `2028-02-29`. */
export function isCalendarDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return day !== undefined && isRealDate(Number(year), Number(month), Number(day));
}

/** The day so many calendar days later. Days are counted by date alone: no time zone plays a part. */
export function addDays(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY_MS).toISOString().slice(0, 10);
}

/** How many calendar days `to` is after `from`; below zero where it is before. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS;
}

export function isWeekend(day: string): boolean {
  return [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
}

export const yearOf = (day: string): number => Number(day.slice(0, 4));
