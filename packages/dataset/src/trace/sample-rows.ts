import { createHmac } from 'node:crypto';
import { cellCheck, KEY_DIGEST_BYTES, type TraceSampleHead, traceRowBytes } from '@qianzhi/model';
import { checkKey, placeNumber } from '../deliver/trace-file.js';
import type { TraceCandidate } from '../requests-deliver.js';

/** A sample as one download would have recorded it. */
export interface SampleView {
  readonly rows: number;
  /** The place of a row in the download's order, from its key; undefined in a file without keys. */
  placeOf(row: number): number | undefined;
  /** The check of a cell, of a column that the download has at `column`. */
  checkOf(row: number, index: number, column: number): number;
}

export function viewSample(head: TraceSampleHead, bytes: Uint8Array, candidate: TraceCandidate): SampleView {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = traceRowBytes(head);
  const seed = Buffer.from(candidate.seed, 'hex');
  const key = checkKey(candidate.seed);
  const cells = head.keyed ? KEY_DIGEST_BYTES : 0;
  return {
    rows: head.rows,
    placeOf(row) {
      if (!head.keyed) return undefined;
      const digest = buffer.subarray(row * size, row * size + KEY_DIGEST_BYTES);
      return placeNumber(createHmac('sha256', seed).update(digest).digest(), 0);
    },
    checkOf: (row, index, column) =>
      cellCheck(key, column, buffer.readUInt32BE(row * size + cells + 4 * index)),
  };
}
