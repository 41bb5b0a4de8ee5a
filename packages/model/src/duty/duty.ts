export {
  closeDuty,
  type DutyStep,
  dueMarks,
  type MarkRules,
  openDuty,
  pauseDuty,
  recountDuty,
  resumeDuty,
} from './clock.js';
export { byUrgency, viewDuty } from './standing.js';
