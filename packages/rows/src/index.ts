export { binaryOf, type DecodedRow, decodeField, decodeRows, readRows, rowOffsets } from './decode.js';
export { bytesDigest, type RowsAbout, rowsDigest, startRowsDigest } from './digest.js';
export { escapeText } from './field-text.js';
export { type Folded, foldRows } from './fold.js';
export { mayHoldNanoseconds, rowsWithoutOps } from './kernel/loader-text.js';
export { keyOf, keySpans, readKeys } from './keys.js';
export { rowLimits } from './limits.js';
export { opByte, opOf, type RowOp, rowOps } from './op.js';
export { type BadValue, compileParameters, serviceParameters, type ValueCheck } from './parameters.js';
export {
  compileProjector,
  type ProjectorOptions,
  projectedResource,
  type RowProjector,
} from './projector/compile.js';
export { type FieldAction, projectionOf as rewriteFields } from './projector/projection.js';
export { type FlagReason, flagReasons, type RejectReason, rejectReasons } from './reasons.js';
export { createRowWriter, type RowWriter } from './row-writer.js';
export { type RowCounts, scanRows } from './scan.js';
export { compileScope, type RowScope } from './scope/compile.js';
export { type KeptRows, keepRows, rowFate } from './scope/keep-rows.js';
export { checkRows, openRows, type SealedRows, sealRows } from './stored-rows.js';
export { type LentBody, lendBody } from './thread/lend-body.js';
export { LENT_FROM_BYTES, lendBytes, returnBytes } from './thread/lent-bytes.js';
export type { RowsClaim, RowsDiffer } from './thread/protocol.js';
export { canonicalizer, canonicalText, type TypedItem } from './types/canonical-text.js';
export { type TypeVectors, typeTable } from './types/type-table.js';
export { compileValidator, type RowValidator, type ValidatorOptions } from './validator/compile.js';
export type { FlaggedItem, RejectedRow, Validation } from './validator/validation.js';
export { copyBytes } from './views.js';
export { compress, type DecompressLimits, decompress } from './zstd/codec.js';
export { plainFrame } from './zstd/frame.js';
