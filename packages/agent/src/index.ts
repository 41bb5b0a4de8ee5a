/** The front-end process: config and identity in, a running engine and a local control socket out. */

/** What a running agent answers about itself, for commands that may not look into the engine. */
export type {
  ExchangeInfo,
  JobInfo,
  JobLine,
  QuarantineEntry,
  StoredReceipt,
  StreamInfo,
} from '@qianzhi/engine';
export type {
  Capture,
  CapturePlan,
  CaptureSpec,
  CaptureStep,
  CheckNote,
  CheckReport,
  PluginLog,
  TableDescription,
} from '@qianzhi/plugin-api';
export type { Alert } from './alerts/record.js';
export { sendTrials, type Trial } from './alerts/trial.js';
export { readChainLines } from './audit/chain-files.js';
export { agentChains } from './audit/chains.js';
export { readKeptHeads } from './audit/kept-heads.js';
export { backupAgent, inspectAgentState, restoreAgent } from './backup.js';
export { type CheckedConfig, type ConfigFinding, checkConfig } from './config/check-config.js';
export { type ConfigDocument, readDocument } from './config/document.js';
export { type AgentPlace, type LoadedConfig, loadConfig, readPlace } from './config/load.js';
export { type AgentConfig, AgentConfigSchema } from './config/schema.js';
export { resolveSecrets } from './config/secrets.js';
export { type AgentControl, connectAgent } from './control/connect.js';
export { controlRoutes } from './control/routes.js';
export { controlSocket } from './control/socket.js';
export { diagnose, exitCodeOf } from './doctor/doctor.js';
export type { DoctorFinding, DoctorLevel } from './doctor/finding.js';
export { logFollowers } from './doctor/log-followers.js';
export { notesFor } from './doctor/notes.js';
export { checkQueries } from './doctor/queries.js';
export { type ComparedTable, comparedTable, driftOf, placeOf, type TableDrift } from './drift/check-drift.js';
export { agentErrors } from './errors.js';
export { enrol, parseToken } from './identity/enrol.js';
export { type Identity, readIdentity } from './identity/identity-file.js';
export { type KnownOrders, knownOrders } from './link/known-orders.js';
export { orderedResource } from './link/ordered-resource.js';
export { createLog } from './log.js';
export { type AgentPlugins, loadPlugins } from './plugins.js';
export { maskedPreview, type Preview, previewExchange, previewTable } from './preview/preview.js';
export type { ColumnProfile } from './profile/column-profile.js';
export { type DraftChoices, draftResource, type ResourceDraft } from './profile/draft-resource.js';
export { draftYaml } from './profile/draft-yaml.js';
export { sampleTable, type TableSample } from './profile/sample-table.js';
export { type LoggedQuery, newestQueries, readQueryLog } from './queries/query-log.js';
export {
  type ConnectorType,
  connectorFields,
  connectorTypes,
  type PlannedConnector,
  planConnector,
  requireFreeName,
  tryConnector,
  type WantedConnector,
} from './setup/add-connector.js';
export { type ConfigChange, writeChange } from './setup/config-change.js';
export {
  askedFields,
  type ConfigField,
  fieldProblem,
  fieldValue,
  isReference,
} from './setup/config-fields.js';
export {
  createExchangeDb,
  type PlannedExchangeDb,
  planExchangeDb,
  requireNew,
} from './setup/exchange-db.js';
export { allTables, findTable, tableName } from './setup/find-table.js';
export { type ColumnMatch, type MatchedBy, matchColumns } from './setup/match-columns.js';
export {
  connectorPlaceFields,
  type ExchangeSubject,
  exchangeSubjects,
  planExchange,
  type TriedExchange,
  tryExchange,
  type WantedExchange,
} from './setup/plan-exchange.js';
export {
  proposeConsumeSchedule,
  proposeSupplySchedule,
  type ScheduleProposal,
} from './setup/propose-schedule.js';
export { proposeStrategies, type StrategyProposal } from './setup/propose-strategy.js';
export {
  type ExchangeRemoval,
  planConnectorRemoval,
  planExchangeRemoval,
  requireSent,
} from './setup/remove-entry.js';
export { type RunningAgent, startAgent } from './start-agent.js';
export type { AgentStatus } from './status.js';
export { type FileSample, sampleFile } from './trace/sample-file.js';
export { type LoggedDelivery, newestDeliveries } from './webhooks/webhook-log.js';
