export { createDataset, type Dataset, type DatasetOptions } from '@qianzhi/dataset';
export { type BackupSummary, backupState } from './backup/backup-state.js';
export { restoreState } from './backup/restore-state.js';
export { batchMemory } from './batch-memory.js';
export { type Changes, createChanges } from './changes.js';
export { backoffMs, systemClock } from './clock.js';
export { openEngine } from './engine.js';
export { engineErrors } from './errors.js';
export {
  type Clock,
  defaultLimits,
  type EngineIdentity,
  type EngineLimits,
  type EngineOptions,
  type Failpoint,
} from './options.js';
export { alongsideOf, type LogFollowers, type StreamPlace } from './provider/alongside.js';
export type { ReconcileResult, Reconciling } from './reconcile/reconciling.js';
export { type ExchangeState, inspectExchange } from './store/inspect-exchange.js';
export { inspectPlaces } from './store/inspect-places.js';
export { inspectStore, type StoreStructure } from './store/inspect-store.js';
export {
  type BatchEvent,
  type Discarded,
  type Engine,
  type EngineEvent,
  type EngineFacts,
  type ExchangeFacts,
  type ExchangeInfo,
  type Halted,
  type JobInfo,
  type JobLine,
  type JobState,
  type Jobs,
  jobStates,
  type Progress,
  type QuarantineControl,
  type QuarantineEntry,
  type QuarantineFilter,
  type ReceiptFilter,
  type StoredReceipt,
  type StreamInfo,
  type StreamReach,
  type Streams,
} from './surface.js';
