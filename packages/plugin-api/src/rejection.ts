/**
 * One row that was refused. `bytes` is the row as far as it is known (row text; empty when it could not be read);
 * it goes to the encrypted quarantine only. `key` is the key fields' row text, for stale keys; never logged.
 */
export interface RowRejection {
  /** Number of the row in its block or batch, from 0. */
  readonly row: number;
  readonly op: 'S' | 'U' | 'D';
  /** Column of the item at fault; `*` for the row as a whole. */
  readonly item: string;
  /** Reason code, such as `too-long`, `bad-check-digit`, `duplicate-key`: a closed list, never a value. */
  readonly reason: string;
  readonly bytes: Uint8Array;
  readonly key?: Uint8Array;
  /** As `RowsBlock.placeOf`. */
  readonly place?: string;
}
