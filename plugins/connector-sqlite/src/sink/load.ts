import type { RowRejection } from '@qianzhi/plugin-api';
import { keyOf, type RowOp, readRows, rowOffsets } from '@qianzhi/rows';
import type { SqliteDatabase } from '../file/open-file.js';
import type { Pace } from '../file/pace.js';
import type { Bound } from '../source/order.js';
import { NOT_EXACT } from './bind.js';
import { type Refusal, refusalOf } from './refusal.js';
import type { Target } from './target-table.js';

/** Applies one row whose values are bound; constants follow the items. Throws what SQLite throws. */
export type ApplyRow = (op: RowOp, values: Bound[]) => void;

const ROWS_AT_ONCE = 256;

/**
 * Decodes a batch and applies row by row, resting between slices. SQLite runs in this process, so the row that
 * fails is known at once: nothing has to be tried twice to find it. Answers the rows left out.
 */
export async function loadRows(
  db: SqliteDatabase,
  target: Target,
  bytes: Uint8Array,
  apply: ApplyRow,
  pace: Pace,
): Promise<RowRejection[]> {
  const offsets = rowOffsets(bytes);
  const rejected: RowRejection[] = [];
  for (let first = 0; first < offsets.length - 1; first += ROWS_AT_ONCE) {
    const end = Math.min(first + ROWS_AT_ONCE, offsets.length - 1);
    readRows(bytes.subarray(offsets[first], offsets[end]), (op, fields, row) => {
      const refusal = applied(db, target, op, fields, apply);
      if (refusal)
        rejected.push(
          rejectionOf(
            target,
            bytes.slice(offsets[first + row], offsets[first + row + 1]),
            op,
            first + row,
            refusal,
          ),
        );
    });
    if (pace.due()) await pace.rest();
  }
  return rejected;
}

function applied(
  db: SqliteDatabase,
  target: Target,
  op: RowOp,
  fields: (string | null)[],
  apply: ApplyRow,
): Refusal | undefined {
  const { binders } = target;
  const values = fields as Bound[];
  for (let at = 0; at < binders.length; at++) {
    const bind = binders[at];
    const text = fields[at];
    if (bind === undefined || text === null || text === undefined) continue;
    const value = bind(text);
    if (value === NOT_EXACT) return { item: itemAt(target, at), reason: 'not-exact' };
    values[at] = value as Bound;
  }
  for (const at of target.keyFields)
    if (values[at] === null) return { item: itemAt(target, at), reason: 'required' };
  for (const constant of target.constantValues) values.push(constant);
  try {
    apply(op, values);
    return undefined;
  } catch (error) {
    return refusalOf(error, db, target);
  }
}

export function rejectionOf(
  target: Target,
  bytes: Uint8Array,
  op: RowOp,
  row: number,
  refusal: Refusal,
): RowRejection {
  const key =
    target.keyFields.length > 0 && bytes.length > 0
      ? { key: Buffer.from(keyOf(bytes, target.keyFields)) }
      : {};
  return { row, op, ...refusal, bytes, ...key };
}

function itemAt(target: Target, at: number): string {
  return [...target.itemOf.values()][at]!;
}
