import { type ApplyCounts, throwIfCancelled } from '@qianzhi/model';
import type { RowRejection } from '@qianzhi/plugin-api';
import { keyOf, opOf, type RowOp, rowOffsets } from '@qianzhi/rows';
import type { Ledger } from '../store/ledger.js';
import type { Origin, Records } from '../store/records.js';
import type { Seal } from '../store/seal.js';

/** What one batch is applied with, inside its transaction. */
export interface Applying {
  readonly exchange: string;
  readonly records: Records;
  readonly ledger: Ledger;
  readonly seal: Seal;
  /** Of the batch's rows. */
  readonly shape: number;
  readonly origin: Origin;
  readonly signal: AbortSignal;
}

export interface Applied {
  readonly stage: 'staged' | 'applied';
  readonly counts: ApplyCounts;
  readonly rejected: readonly RowRejection[];
}

export interface BatchRow {
  readonly row: number;
  readonly op: RowOp;
  /** Row text without its op and its line end; good until the batch's bytes are given back. */
  readonly text: Uint8Array;
  readonly line: Uint8Array;
  readonly key: string;
  readonly keyDigest: string;
}

const ROWS_AT_ONCE = 256;
const SLICE_MS = 15;

/** Gives every row of a batch in order, and other work its turn. Throws when aborted. */
export async function eachRow(
  { seal, signal, exchange }: Applying,
  bytes: Uint8Array,
  keyFields: readonly number[],
  onRow: (row: BatchRow) => void,
): Promise<void> {
  const offsets = rowOffsets(bytes);
  const rest = resting(`write ${exchange}`, signal);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const line = bytes.subarray(offsets[row], offsets[row + 1]);
    const key = keyOf(line, keyFields);
    const text = line.subarray(2, line.length - 1);
    onRow({ row, op: opOf(line[0])!, text, line, key, keyDigest: seal.keyDigest(key) });
    if (row % ROWS_AT_ONCE === 0) await rest();
  }
}

/** SQLite works on this thread: after a slice of time others get their turn. */
export function resting(doing: string, signal: AbortSignal): () => Promise<void> {
  let until = performance.now() + SLICE_MS;
  return async () => {
    throwIfCancelled(signal, doing);
    if (performance.now() < until) return;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(signal, doing);
    until = performance.now() + SLICE_MS;
  };
}
