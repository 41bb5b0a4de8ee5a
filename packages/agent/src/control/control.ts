/** The running agent as seen from outside: entry `@qianzhi/agent/control`, free of the engine so that it loads quickly. */
export type {
  ExchangeInfo,
  JobInfo,
  JobLine,
  QuarantineEntry,
  ReconcileResult,
  StoredReceipt,
  StreamInfo,
} from '@qianzhi/engine';
export type { Alert } from '../alerts/record.js';
export { type ApiKey, createApiKey, isGood, listApiKeys, revokeApiKey } from '../api/keys/api-keys.js';
export { type AgentPlace, readRunningPlace } from '../config/load.js';
export type { ConfigChanges, ConfigState, ReloadReport } from '../live/config-state.js';
export type { FeedInfo } from '../received/feed.js';
export type { RunningReconciliation } from '../reconcile/reconciler.js';
export type { ExchangeSchedule } from '../setup/propose-schedule.js';
export type { AgentStatus } from '../status.js';
export type { WebhookStatus } from '../webhooks/status.js';
export { type AgentControl, connectAgent } from './connect.js';
export { controlRoutes } from './routes.js';
