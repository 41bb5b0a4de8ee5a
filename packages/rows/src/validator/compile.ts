import { isUtf8 } from 'node:buffer';
import type { CatalogResource } from '@qianzhi/model';
import { rowsErrors } from '../errors.js';
import { keyOf } from '../keys.js';
import { rowLimits } from '../limits.js';
import { opByte, opOf } from '../op.js';
import type { FlagReason, RejectReason } from '../reasons.js';
import { rowCutter } from './cutter.js';
import { reasonNumbers } from './emit.js';
import { generateRowCheck, type RowFailure } from './generate.js';
import { planItems } from './plan.js';
import { rareEnd } from './rare.js';
import type { FlaggedItem, RejectedRow, Validation } from './validation.js';

export interface RowValidator {
  /** Fields of a row without the op field. */
  readonly fields: number;
  /**
   * Checks a block of complete rows. A bad row is cut out and reported, never fatal. Throws only
   * QZ_ROWS_MALFORMED when the block does not end with LF. Not to be called from within itself.
   */
  validate(block: Uint8Array): Validation;
}

export interface ValidatorOptions {
  /** A longer row (LF included) is rejected; `rowLimits.rowBytes` unless told. */
  readonly rowBytes?: number;
}

const LF = 10;
const TAB = 9;

/**
 * Compiles a resource's schema version into one unrolled validator over bytes. Throws QZ_ROWS_RESOURCE
 * (config) when the resource contradicts itself: a pattern that does not compile, a code table that is
 * missing, a limit that is no value of its type.
 */
export function compileValidator(resource: CatalogResource, options: ValidatorOptions = {}): RowValidator {
  const { rowBytes = rowLimits.rowBytes } = options;
  const items = planItems(resource);
  const fields = items.length;
  const keyFields = items.filter((plan) => plan.item.key).map((plan) => plan.index);
  const failure: RowFailure = { item: -1, reason: 0 };
  let rowFlags: { item: number; reason: FlagReason }[] = [];
  const checkRow = generateRowCheck(items, failure, {
    rare: (b, p, item) => rareEnd(b, p, (reason) => flag(item, reason)),
    flagIdentifier: (item) => flag(item, 'identifier'),
  });

  function flag(item: number, reason: FlagReason): void {
    if (!rowFlags.some((known) => known.item === item && known.reason === reason)) rowFlags.push({ item, reason });
  }

  function rejected(b: Uint8Array, start: number, end: number, row: number, item: number, reason: RejectReason) {
    const bytes = b.slice(start, end);
    // a value that ends too early or too late is no wrong value: the row has another number of fields
    const shape = item >= 0 && tabsIn(bytes) !== fields;
    return {
      row,
      op: bytes[1] === TAB ? (opOf(bytes[0]) ?? null) : null,
      column: shape || item < 0 ? null : resource.items[item]!.column,
      reason: shape ? 'malformed' : reason,
      bytes,
      key: keyOf(bytes, keyFields),
    } satisfies RejectedRow;
  }

  function validate(block: Uint8Array): Validation {
    const length = block.length;
    if (length > 0 && block[length - 1] !== LF) {
      throw rowsErrors.MALFORMED({ row: 0, field: 0, problem: 'the last row does not end with LF' });
    }
    // one class of object keeps the loop monomorphic, whatever was handed in
    const b = new Uint8Array(block.buffer, block.byteOffset, length);
    const sound = isUtf8(b) && !b.includes(0);
    const cutter = rowCutter(block);
    const rejects: RejectedRow[] = [];
    const flagged: FlaggedItem[] = [];
    let flaggedRows = 0;
    let deletes = 0;
    let rows = 0;
    for (let start = 0; start < length; ) {
      let end = sound || soundRow(b, start, failure) ? checkRow(b, start) : -1;
      if (end > 0 && end - start > rowBytes) end = tooLarge(failure);
      if (end < 0) {
        end = b.indexOf(LF, start) + 1;
        if (end - start > rowBytes) tooLarge(failure);
        const reason = failure.reason < 0 ? characterReasons[-failure.reason - 1]! : reasonNumbers[failure.reason]!;
        rejects.push(rejected(b, start, end, rows + rejects.length + 1, failure.item, reason));
        cutter.cut(start, end);
      } else {
        rows++;
        if (b[start] === opByte.D) deletes++;
        if (rowFlags.length > 0) {
          flaggedRows++;
          const row = rows + rejects.length;
          for (const { item, reason } of rowFlags) flagged.push({ row, column: resource.items[item]!.column, reason });
        }
      }
      if (rowFlags.length > 0) rowFlags = [];
      start = end;
    }
    return { bytes: cutter.rest(), read: rows + rejects.length, rows, deletes, rejected: rejects, flagged, flaggedRows };
  }

  return { fields, validate };
}

const characterReasons = ['invalid-utf8', 'nul-character'] as const satisfies readonly RejectReason[];

/** In a block that holds some bad bytes each row is looked at alone. Reasons -1 and -2 of `characterReasons`. */
function soundRow(b: Uint8Array, start: number, failure: RowFailure): boolean {
  const row = b.subarray(start, b.indexOf(LF, start) + 1);
  const utf8 = isUtf8(row);
  if (utf8 && !row.includes(0)) return true;
  failure.reason = utf8 ? -2 : -1;
  failure.item = -1;
  for (let from = 0, field = -1; from < row.length; field++) {
    const to = row.indexOf(TAB, from) + 1 || row.length;
    const value = row.subarray(from, to);
    if (utf8 ? value.includes(0) : !isUtf8(value)) {
      failure.item = field;
      break;
    }
    from = to;
  }
  return false;
}

function tooLarge(failure: RowFailure): -1 {
  failure.item = -1;
  failure.reason = reasonNumbers.indexOf('row-too-large');
  return -1;
}

function tabsIn(bytes: Uint8Array): number {
  let tabs = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === TAB) tabs++;
  return tabs;
}
