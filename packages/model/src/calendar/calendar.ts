export * from './arrangement.js';
export { addDays, daysBetween, isCalendarDay } from './day.js';
export * from './deadline.js';
export * from './due.js';
export {
  type CalendarEntries,
  type DayJudgement,
  type WorkingCalendar,
  workingCalendar,
} from './working-calendar.js';
