export { reconcileErrors } from './errors.js';
export { type ComparisonForm, joinForms, plainForm } from './form.js';
export type { ReadRows, ReadSide } from './looks.js';
export {
  type DifferingKey,
  type ReconcileOutcome,
  type ReconcileSide,
  type ReconcileStep,
  type RepairWork,
  reconcile,
  type StreamPosition,
} from './reconcile.js';
export type { Mailbox } from './sealed-talk.js';
