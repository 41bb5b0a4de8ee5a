export { type RowItems, tooLarge, withoutBadText } from './bad-text.js';
export {
  CAPTURE_OP,
  CAPTURE_SERIAL,
  type CaptureDesign,
  type CaptureNames,
  type CaptureObject,
  captureNames,
  captureSettings,
  firstSerial,
} from './capture/capture.js';
export type { SqlCapture } from './capture/dialect-capture.js';
export { type RowTriggers, rowTriggerCapture } from './capture/row-trigger-capture.js';
export { type CaptureKit, captureOver, requireLiveCapture } from './capture/table-capture.js';
export { chained, codeRule } from './codes.js';
export { collectRejections, type Refusal, type Rejections } from './collect-rejections.js';
export { openSqlConnection, type SqlOrigin } from './connection.js';
export { constantField } from './constant-field.js';
export {
  type DataDictionary,
  dictionaryReader,
  numberOrNull,
  textOrNull,
} from './database/data-dictionary.js';
export {
  createPlaces,
  type MergeRelations,
  type Places,
  qualified,
  type SqlDialect,
  type SqlHorizon,
  type StagedColumn,
} from './database/dialect.js';
export { openInTime } from './database/open-in-time.js';
export type {
  LoadColumn,
  LoadKind,
  SqlBind,
  SqlCell,
  SqlResult,
  SqlRow,
  SqlSession,
  UnloadedRow,
} from './database/session.js';
export { stopOnAbort, throwIfAborted } from './database/stop-on-abort.js';
export {
  columnNamed,
  type SqlColumn,
  type SqlFamily,
  type SqlIndex,
  type SqlTable,
} from './database/table.js';
export { doubleQuoted, namesOf, upperCaseName } from './database/upper-case-names.js';
export { connectionTexts } from './errors/connection-texts.js';
export { serverErrors } from './errors/server-errors.js';
export { sourceErrors, sourceTexts } from './errors/source-errors.js';
export { swapTargetTexts, targetErrors, targetTexts } from './errors/target-errors.js';
export { asBit, asDouble, asInteger, asSingle, atScale, notExact, tooLong, withinLength } from './exact.js';
export type { ExchangeColumn, ExchangeDbDialect, LoggedChange } from './exchange-db/dialect.js';
export type { SqlExchangeTables } from './exchange-db/dialect-exchange-db.js';
export { grantOn } from './exchange-db/grant-on.js';
export { rowTriggerTables } from './exchange-db/row-trigger-tables.js';
export { exchangeTables } from './exchange-db/tables.js';
export { isolate, type RangeFailure, type RowRange } from './isolate.js';
export {
  identityValues,
  LEDGER,
  ledgerColumns,
  ledgerCounts,
  ledgerIdentity,
  ledgerRowOf,
  ledgerValues,
  TARGETS,
} from './ledger.js';
export { constantFields, type LoaderForm, loaderChunks } from './loader-chunks.js';
export { isOwnName, ownName } from './own-name.js';
export { atOnce, createPartLoader, type Turn } from './part-loader.js';
export { answering } from './query/answering.js';
export { type AnswerCollector, collectAnswer } from './query/collect-answer.js';
export { branchesFor, collectEach, type EachCollector, inStretches, oneByOne } from './query/collect-each.js';
export { queryErrors } from './query/errors.js';
export { type Asked, askedFor, lookupSource, placesOf, unfitLookup } from './query/lookup.js';
export { type BoundStatement, bindParameters } from './query/named-parameters.js';
export { openReadBack, type SharedKeys, type TargetRows } from './read-back.js';
export { type ChangedRows, createChangedRows, keysOnly } from './reading/changed-rows.js';
export { type Projection, selectList } from './reading/projection.js';
export type { Reading } from './reading/reading.js';
export { openSqlSource, type SqlSourceOrigin } from './reading/source.js';
export { rewriteRows, type Unwritable, type UnwritableRow, type ValueRule } from './rewrite-rows.js';
export { behindFields, eachRow, fieldSpans, fieldValues, rowBefore } from './row-fields.js';
export { type SqlSource, SqlSourceSchema, type SqlTarget, SqlTargetSchema } from './schemas.js';
export { type ConstantValue, serverSettings, TlsSchema, type WatermarkSpec } from './server-config.js';
export { createSessionPool, type PooledSession, type SessionPool } from './session-pool.js';
export {
  nothingStaged,
  partProblem,
  type SnapshotProblem,
  type StagedTotals,
  wholeProblem,
} from './snapshot-parts.js';
export { type ChangeColumns, changeColumnsOf, changeSettingsOf } from './strategies/change-columns.js';
export {
  type ChangeReader,
  type ChangeStretch,
  type ChangeTrail,
  placeAmong,
} from './strategies/changes.js';
export type { LogPlace, SerialPlace } from './strategies/checkpoint.js';
export { logPlaceIn } from './strategies/checkpoint.js';
export {
  type ColumnOrder,
  columnOrder,
  type Key,
  type KeyPart,
  type OrderTerm,
  orderBy,
} from './strategies/column-order.js';
export type { CopyStretch, TableCopy } from './strategies/copy.js';
export {
  type FlagRange,
  type FlagReader,
  type FlagStretch,
  flagColumnOf,
  flagText,
} from './strategies/flag.js';
export { chunkedFlagReader } from './strategies/flag-chunks.js';
export type { Moment } from './strategies/holes.js';
export type { GoingPlace, IncrementStretch } from './strategies/increment.js';
export type { LogReader, LogStretch } from './strategies/log.js';
export { type FollowedLog, type LogTransactions, logStretches } from './strategies/log-stretches.js';
export { openWalkedSource } from './strategies/walked-source.js';
export { condition, note, shapeOf, unfitFor, type WalkedTable } from './strategies/walked-table.js';
export type { WatermarkLook, WatermarkReader } from './strategies/watermark.js';
export { watermarkColumnOf } from './strategies/watermark-column.js';
export { columnTime, earlier, requireZone, secondsBefore } from './strategies/watermark-times.js';
export { WINDOW_ROWS } from './strategies/window.js';
export { type Claim, judgeClaim, SHARED, supplierOf } from './supplier.js';
export {
  instantToWall,
  midnightOnly,
  wallToInstant,
  withFraction,
} from './times.js';
export { takeTurn } from './turn.js';
export { type ArrayLoad, loadArrays } from './writing/array-loader.js';
export { fitSqlColumn, type SqlFit } from './writing/fit-column.js';
export { type MergeForms, mergeStatements } from './writing/merge-statements.js';
export { formatOf, instantText, offsetAt, wallOf, wallText } from './zone.js';
