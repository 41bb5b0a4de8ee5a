import { randomUUID } from 'node:crypto';
import { type BatchManifest, endedFileBytes, type Receipt, type Signed } from '@qianzhi/model';
import { type SigningKey, signWithDigest } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { isDuplicate } from '../../database/is-duplicate.js';
import { insertBatch, newBatchRow, voidSnapshot } from '../batch-table.js';
import { indexBytes } from '../byte-index.js';
import { insertReceipt } from '../receipt-table.js';
import type { StoredLocation } from '../store/location.js';
import { advanceStreamFrom, keyOf, type StreamHead, type StreamRow } from '../stream-table.js';
import { conflict, gap } from './sequence.js';
import type { SnapshotState } from './snapshot-order.js';

export interface CheckedBatch {
  readonly signed: Signed<BatchManifest>;
  readonly manifestDigest: string;
  /** The stream before this batch, and its snapshot after it. */
  readonly row: StreamRow;
  readonly snapshot: SnapshotState;
}

export interface RecordedBatch {
  readonly receipt: Signed<Receipt>;
  /** The stream after this batch. */
  readonly row: StreamRow;
}

/**
 * In one transaction: index, manifest, stream head, snapshot state and the receipt, chained to the one before. Throws
 * QZ_PLATFORM_BATCH_CONFLICT (integrity) where another batch has the id.
 */
export async function recordBatch(
  trx: Knex.Transaction,
  batch: CheckedBatch,
  location: StoredLocation,
  key: SigningKey,
  at: string,
): Promise<RecordedBatch> {
  const { signed, row, snapshot } = batch;
  const { body } = signed;
  const bytesId = await indexBytes(trx, location, body.bytesDigest);
  await insertBatch(trx, newBatchRow(signed, batch.manifestDigest, bytesId, at)).catch((error) => {
    throw isDuplicate(error, 'batches', 'id') ? conflict(body) : error;
  });
  if (row.snapshot_id !== null && snapshot.snapshot_id !== row.snapshot_id && body.snapshot?.part === 1) {
    await voidSnapshot(trx, row, row.snapshot_from!, row.snapshot_id);
  }
  const bytes = endedFileBytes(body);
  const { document: receipt, digest: receiptDigest } = signWithDigest<Receipt>(
    {
      type: 'receipt',
      version: 1,
      id: randomUUID(),
      stage: 'stored',
      subject: { stream: keyOf(row) },
      issuer: 'platform',
      seqFrom: body.seq,
      seqTo: body.seq,
      rowsDigests: [body.rowsDigest],
      rows: body.rows,
      ...(bytes !== undefined && { bytes }),
      previous: row.receipt_digest,
      issuedAt: at,
    },
    key,
  );
  const after = await advanceStream(trx, batch, receiptDigest, at);
  await insertReceipt(trx, receipt, receiptDigest, {
    provider: row.department,
    consumer: null,
    again: false,
  });
  return { receipt, row: after };
}

async function advanceStream(
  trx: Knex.Transaction,
  { signed, manifestDigest, row, snapshot }: CheckedBatch,
  receiptDigest: string,
  at: string,
): Promise<StreamRow> {
  const { body } = signed;
  const head: StreamHead = {
    seq: body.seq,
    rows_digest: body.rowsDigest,
    manifest_digest: manifestDigest,
    receipt_digest: receiptDigest,
    rows: row.rows + body.rows,
    bytes: row.bytes + body.storedBytes,
    schema_version: body.schemaVersion,
    last_batch_at: at,
    snapshot_id: snapshot.snapshot_id,
    snapshot_from: snapshot.snapshot_from,
    snapshot_part: snapshot.snapshot_part,
    snapshot_rows: snapshot.snapshot_rows,
    complete_from: snapshot.complete_from,
  };
  if (row.seq === 0 && !(await trx('streams').where(keyOf(row)).first('seq'))) {
    await trx('streams').insert({ ...row, ...head });
    return { ...row, ...head };
  }
  // Guarded: another node, or a recovery, may have moved the stream since it was read.
  const moved = await advanceStreamFrom(trx, { ...keyOf(row), ...head, before: row.seq });
  if (moved !== 1) throw gap(body, row.seq + 1);
  return { ...row, ...head };
}
