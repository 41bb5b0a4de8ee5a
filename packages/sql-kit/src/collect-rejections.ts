import type { OnRejected, RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { keyOf, opOf, rowOffsets } from '@qianzhi/rows';

/** Why the target refuses one row. */
export interface Refusal {
  readonly item: string;
  readonly reason: string;
}

/** So many are given away at once: the limit of the exchange ends a hopeless batch early. */
const AT_ONCE = 100;

/** Rows of a batch that are left out. */
export interface Rejections {
  readonly count: number;
  /** By number in the batch. */
  row(row: number, refusal: Refusal): Promise<void>;
  /** A row known by its text alone, such as one of an earlier part. */
  text(bytes: Uint8Array, refusal: Refusal): Promise<void>;
  /** Gives away what is left; nothing may be committed before. */
  flush(): Promise<void>;
}

export function collectRejections(
  batch: SinkBatch,
  keyFields: readonly number[],
  onRejected: OnRejected,
  signal: AbortSignal,
): Rejections {
  let offsets: Uint32Array | undefined;
  let pending: RowRejection[] = [];
  let count = 0;

  async function flush(): Promise<void> {
    const rows = pending;
    pending = [];
    if (rows.length > 0) await onRejected(rows, signal);
  }

  async function add(row: number, bytes: Uint8Array, refusal: Refusal): Promise<void> {
    count++;
    const key = keyFields.length > 0 && bytes.length > 0 && { key: Buffer.from(keyOf(bytes, keyFields)) };
    pending.push({ row, op: opOf(bytes[0]) ?? 'S', ...refusal, bytes, ...key });
    if (pending.length >= AT_ONCE) await flush();
  }

  return {
    get count() {
      return count;
    },
    row(row, refusal) {
      offsets ??= rowOffsets(batch.bytes);
      // a copy: the batch's memory is used again
      return add(row, Buffer.from(batch.bytes.subarray(offsets[row], offsets[row + 1])), refusal);
    },
    text: (bytes, refusal) => add(count, bytes, refusal),
    flush,
  };
}
