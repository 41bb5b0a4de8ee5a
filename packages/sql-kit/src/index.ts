export { chained, codeRule } from './codes.js';
export { asBit, asDouble, asInteger, asSingle, atScale, notExact, tooLong, withinLength } from './exact.js';
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
export { rewriteRows, type Unwritable, type UnwritableRow, type ValueRule } from './rewrite-rows.js';
export {
  nothingStaged,
  partProblem,
  type SnapshotProblem,
  type StagedTotals,
  wholeProblem,
} from './snapshot-parts.js';
export { type Claim, judgeClaim, SHARED, supplierOf } from './supplier.js';
export {
  instantToWall,
  midnightOnly,
  wallToInstant,
  withFraction,
} from './times.js';
export { openWindow, WINDOW_ROWS, type Window } from './window.js';
export { formatOf, instantText, offsetAt, wallOf, wallText } from './zone.js';
