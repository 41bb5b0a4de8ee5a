export {
  closeDuty,
  type DutyStep,
  dueMarks,
  handOverDuty,
  type MarkRules,
  openDuty,
  pauseDuty,
  recountDuty,
  resumeDuty,
} from './clock.js';
export { byUrgency, viewDuty } from './standing.js';
export { startOf, untilDay } from './until-day.js';
