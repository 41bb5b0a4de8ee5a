import { isUtf8 } from 'node:buffer';
import type { CatalogResource } from '@qianzhi/model';
import { rowsErrors } from '../errors.js';
import { keyOf } from '../keys.js';
import { rowLimits } from '../limits.js';
import { opByte, opOf } from '../op.js';
import { rowProblems } from '../problems.js';
import type { FlagReason, RejectReason } from '../reasons.js';
import { bufferView, plainView } from '../views.js';
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
const RUN_ROWS = 256;
const TOO_LARGE = reasonNumbers.indexOf('row-too-large');

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
    if (!rowFlags.some((known) => known.item === item && known.reason === reason))
      rowFlags.push({ item, reason });
  }

  const run = { rows: 0, deletes: 0, failed: false };

  /**
   * Checks rows until one fails, one is flagged or the run is long enough: many short calls are optimised by V8,
   * one long loop is not for long. Answers where the next row (or the failed one) starts.
   */
  function acceptRows(b: Uint8Array, start: number): number {
    let p = start;
    let left = RUN_ROWS;
    let deletes = 0;
    while (left > 0 && p < b.length) {
      const end = checkRow(b, p);
      if (end < 0 || end - p > rowBytes) {
        if (end >= 0) failure.reason = TOO_LARGE;
        run.failed = true;
        run.rows += RUN_ROWS - left;
        run.deletes += deletes;
        return p;
      }
      if (b[p] === opByte.D) deletes++;
      left--;
      p = end;
      if (rowFlags.length > 0) break;
    }
    run.failed = false;
    run.rows += RUN_ROWS - left;
    run.deletes += deletes;
    return p;
  }

  /** The same for one row of a block that holds bad bytes somewhere. */
  function acceptSoundRow(b: Uint8Array, start: number): number {
    const end = bufferView(b).indexOf(LF, start) + 1;
    run.failed = !isSound(b.subarray(start, end), failure);
    return run.failed ? start : acceptRows(b.subarray(0, end), start);
  }

  function rejectedRow(b: Uint8Array, start: number, end: number, row: number): RejectedRow {
    const bytes = b.slice(start, end);
    const tooLarge = bytes.length > rowBytes;
    const reason = tooLarge ? 'row-too-large' : reasonOf(failure);
    // a value that ends too early or too late is no wrong value: the row has another number of fields
    const shape = !tooLarge && reason !== 'invalid-utf8' && tabsIn(bytes) !== fields;
    const whole = tooLarge || shape || failure.item < 0;
    return {
      row,
      op: bytes[1] === TAB ? (opOf(bytes[0]) ?? null) : null,
      column: whole ? null : (resource.items[failure.item]?.column ?? null),
      reason: shape ? 'malformed' : reason,
      bytes,
      key: keyOf(bytes, keyFields),
    };
  }

  function validate(block: Uint8Array): Validation {
    const length = block.length;
    if (length > 0 && block[length - 1] !== LF) {
      throw rowsErrors.MALFORMED({ row: 0, field: 0, ...rowProblems.end });
    }
    const b = plainView(block);
    const sound = isUtf8(b) && !bufferView(b).includes(0);
    const cutter = rowCutter(block);
    const rejects: RejectedRow[] = [];
    const flagged: FlaggedItem[] = [];
    let flaggedRows = 0;
    run.rows = 0;
    run.deletes = 0;
    for (let start = 0; start < length; ) {
      start = sound ? acceptRows(b, start) : acceptSoundRow(b, start);
      const row = run.rows + rejects.length;
      if (rowFlags.length > 0 && !run.failed) {
        flaggedRows++;
        for (const { item, reason } of rowFlags)
          flagged.push({ row, column: resource.items[item]!.column, reason });
      }
      if (run.failed) {
        const end = bufferView(b).indexOf(LF, start) + 1;
        rejects.push(rejectedRow(b, start, end, row + 1));
        cutter.cut(start, end);
        start = end;
      }
      if (rowFlags.length > 0) rowFlags = [];
    }
    const { rows, deletes } = run;
    return {
      bytes: cutter.rest(),
      read: rows + rejects.length,
      rows,
      deletes,
      rejected: rejects,
      flagged,
      flaggedRows,
    };
  }

  return { fields, validate };
}

/** Beside `reasonNumbers`: what only a look at the bytes finds. */
const INVALID_UTF8 = -1;
const NUL_CHARACTER = -2;

function reasonOf(failure: RowFailure): RejectReason {
  if (failure.reason === INVALID_UTF8) return 'invalid-utf8';
  return failure.reason === NUL_CHARACTER ? 'nul-character' : reasonNumbers[failure.reason]!;
}

function isSound(row: Uint8Array, failure: RowFailure): boolean {
  const utf8 = isUtf8(row);
  if (utf8 && !row.includes(0)) return true;
  failure.reason = utf8 ? NUL_CHARACTER : INVALID_UTF8;
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

function tabsIn(bytes: Uint8Array): number {
  let tabs = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === TAB) tabs++;
  return tabs;
}
