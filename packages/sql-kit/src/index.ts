export { type RowItems, tooLarge, withoutBadText } from './bad-text.js';
export {
  type Clocks,
  checkpointOf,
  type DonePlace,
  type Place,
  type PlaceKey,
  placeOf,
  type SerialPlace,
  type SnapshotPlace,
  type WatermarkPlace,
} from './checkpoint.js';
export { chained, codeRule } from './codes.js';
export { collectRejections, type Refusal, type Rejections } from './collect-rejections.js';
export { openSqlConnection, type SqlOrigin } from './connection.js';
export { constantField } from './constant-field.js';
export {
  createPlaces,
  type MergeRelations,
  type Places,
  qualified,
  type SqlDialect,
  type SqlHorizon,
  type StagedColumn,
} from './database/dialect.js';
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
export { serverErrors } from './errors/server-errors.js';
export { sourceErrors } from './errors/source-errors.js';
export { targetErrors } from './errors/target-errors.js';
export { asBit, asDouble, asInteger, asSingle, atScale, notExact, tooLong, withinLength } from './exact.js';
export { followTrail, type Holes, holeOf, type Moment, type Trail } from './holes.js';
export {
  carriesOf,
  type GoingPlace,
  type IncrementStretch,
  type IncrementWalk,
  secondsLost,
  walkIncrement,
} from './increment-walk.js';
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
export { type PlacedSource, placedSource } from './placed-source.js';
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
export { type SnapshotStretch, type SnapshotWalk, walkSnapshot } from './snapshot-walk.js';
export { type Claim, judgeClaim, SHARED, supplierOf } from './supplier.js';
export {
  instantToWall,
  midnightOnly,
  wallToInstant,
  withFraction,
} from './times.js';
export { takeTurn } from './turn.js';
export { openWindow, WINDOW_ROWS, type Window } from './window.js';
export { fitSqlColumn, type SqlFit } from './writing/fit-column.js';
export { formatOf, instantText, offsetAt, wallOf, wallText } from './zone.js';
