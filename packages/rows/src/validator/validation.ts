import type { RowOp } from '../op.js';
import type { FlagReason, RejectReason } from '../reasons.js';

/** A row cut out of a block. `bytes` and `key` hold row values: they go to encrypted quarantine only. */
export interface RejectedRow {
  /** Number in the block as read, from 1. */
  readonly row: number;
  /** Null when the op itself is wrong. */
  readonly op: RowOp | null;
  /** Column of the item at fault; null when it is the row as a whole. */
  readonly column: string | null;
  readonly reason: RejectReason;
  /** The whole row, LF included; a copy. */
  readonly bytes: Uint8Array;
  /** As `keyOf` gives it; '' where there is no key to be found. */
  readonly key: string;
}

/** An item of an accepted row that is worth a look. */
export interface FlaggedItem {
  readonly row: number;
  readonly column: string;
  readonly reason: FlagReason;
}

export interface Validation {
  /** The accepted rows; the very block handed in when nothing was rejected. */
  readonly bytes: Uint8Array;
  /** Rows in the block: rows + rejected. */
  readonly read: number;
  /** Accepted rows, deletes included. */
  readonly rows: number;
  readonly deletes: number;
  readonly rejected: readonly RejectedRow[];
  readonly flagged: readonly FlaggedItem[];
  /** Accepted rows with at least one flagged item. */
  readonly flaggedRows: number;
}
