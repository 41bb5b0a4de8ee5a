import { type BatchManifest, type Receipt, type Signed, streamName } from '@qianzhi/model';
import type { Knex } from 'knex';
import { findBatch } from '../batch-table.js';
import { exchangeErrors } from '../errors.js';
import { storedReceipt } from '../receipt-table.js';
import { newestStream, newStreamRow, type StreamRow } from '../stream-table.js';

/** A batch this far ahead waits for the ones before it; sends of one stream overtake each other on the way. */
export const MAX_AHEAD = 8;

/**
 * The stream the batch goes to: the open epoch, or the first one of a stream that begins. Throws
 * QZ_PLATFORM_EPOCH_CLOSED, also of a stream that was given up, or _EPOCH_UNKNOWN (conflict).
 */
export async function openStream(
  db: Knex,
  { stream }: BatchManifest,
  department: string,
  openedAt: string,
): Promise<StreamRow> {
  const newest = await newestStream(db, stream.resource, stream.agent);
  const open = (newest?.epoch ?? 1) + (newest?.state === 'closed' ? 1 : 0);
  if (stream.epoch < open) throw exchangeErrors.EPOCH_CLOSED({ stream: streamName(stream), open });
  if (stream.epoch > open) throw exchangeErrors.EPOCH_UNKNOWN({ stream: streamName(stream), open });
  return newest ?? newStreamRow(stream, department, openedAt);
}

/**
 * The receipt of a batch that is stored already, as it was given; undefined for a seq not stored yet. Throws
 * QZ_PLATFORM_BATCH_CONFLICT (integrity) where other rows are stored under that seq.
 */
export async function receiptOfRepeat(
  db: Knex,
  manifest: BatchManifest,
): Promise<Signed<Receipt> | undefined> {
  const stored = await findBatch(db, manifest.stream, manifest.seq);
  if (!stored) return undefined;
  if (stored.rows_digest !== manifest.rowsDigest) {
    throw conflict(manifest);
  }
  return storedReceipt(db, manifest.stream, manifest.seq);
}

export function gap({ stream, seq }: BatchManifest, expected: number) {
  return exchangeErrors.SEQUENCE_GAP({ stream: streamName(stream), seq, expected });
}

export function conflict({ stream, seq }: BatchManifest) {
  return exchangeErrors.BATCH_CONFLICT({ stream: streamName(stream), seq });
}

/** The manifest before is the one the platform holds. Throws QZ_PLATFORM_PREVIOUS_DIFFERS (integrity). */
export function checkPrevious(row: StreamRow, { previous, stream, seq }: BatchManifest): void {
  if (previous !== row.manifest_digest) {
    throw exchangeErrors.PREVIOUS_DIFFERS({ stream: streamName(stream), seq });
  }
}
