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
export { constantField } from './constant-field.js';
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
export { type PlacedSource, placedSource } from './placed-source.js';
export { rewriteRows, type Unwritable, type UnwritableRow, type ValueRule } from './rewrite-rows.js';
export { behindFields, eachRow, fieldSpans, fieldValues, rowBefore } from './row-fields.js';
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
export { formatOf, instantText, offsetAt, wallOf, wallText } from './zone.js';
