/**
 * The only surface a plugin sees. Glossary: a *connector* opens a *connection* to a legacy database or folder; its
 * *source* reads *blocks* of row text from a *checkpoint*, its *sink* writes *batches* with a *ledger* row.
 * A *mode* plans and runs jobs; a *transport* opens a *channel* to the platform.
 */
export type { AcceptedQuery, AnsweringFacts, AnsweringMode, AnswerRows, PreparedQuery } from './answering.js';
export type { ConnectorCapabilities, WriteMode } from './capabilities.js';
export type {
  Capture,
  CaptureObjectState,
  CapturePlan,
  CaptureSpec,
  CaptureStep,
} from './capture.js';
export type {
  CheckNote,
  CheckReport,
  ColumnDescription,
  Connection,
  Connector,
  DiscoverFilter,
  TableDescription,
} from './connector.js';
export type { OwnState, PluginContext, PluginLog } from './context.js';
export type { ExchangeDb, ExchangeTables, ExchangeTablesSpec } from './exchange-db.js';
export type {
  Cursor,
  FeedAccess,
  FeedPage,
  FeedRecord,
  FeedSize,
  OpenFeed,
  RecordValues,
} from './feed.js';
export type {
  ConsumeOptions,
  Continuous,
  ExchangeMode,
  ModePorts,
  PlannedBefore,
  PlannedJob,
  PlanState,
  RunningJob,
  RunSummary,
  SupplyOptions,
} from './mode.js';
export { definePlugin, PLUGIN_API_VERSION, type Plugin, type PluginKind, type PluginRole } from './plugin.js';
export type { OpenPushes, PushAnswer, PushFacts, PushPlace, PushRequest, RefusedRecord } from './pushes.js';
export type { EachLimits, OpenQuery, QueryLimits, QueryPlace, QueryRows, QuerySpec } from './query.js';
export type { RowRejection } from './rejection.js';
export type {
  FileSink,
  LedgerRow,
  LoadedPart,
  OnRejected,
  PartLoader,
  ReadBack,
  ReadBackSpec,
  Sink,
  SinkBatch,
  SinkFilePart,
  SinkSpec,
  SinkWholeFiles,
  TargetLedger,
} from './sink.js';
export type {
  Alongside,
  AlongsideSource,
  Checkpoint,
  FilePartBlock,
  HeldBy,
  ReadLimits,
  RowsBlock,
  Source,
  SourceBlock,
  SourceNotice,
  SourceShape,
  SourceSpec,
  WholeFilesBlock,
} from './source.js';
export type {
  Channel,
  IncomingDelivery,
  ReceiveRequest,
  SealedBatch,
  StreamHead,
  Transport,
} from './transport.js';
