import type { BatchManifest, Signed, Stream } from '@qianzhi/model';
import type { Knex } from 'knex';
import { insertion, prepared } from '../database/prepared.js';
import { keyOf } from './stream-table.js';

/** One stored batch. `bytes_id` is null once retention dropped the bytes; the manifest stays. */
export interface BatchRow {
  readonly resource: string;
  readonly agent: string;
  readonly epoch: number;
  readonly seq: number;
  readonly id: string;
  /** The signed manifest as JSON. */
  readonly manifest: string;
  readonly manifest_digest: string;
  readonly rows_digest: string;
  readonly kind: string;
  readonly schema_version: number;
  readonly snapshot_id: string | null;
  readonly rows: number;
  readonly read_rows: number;
  readonly rejected: number;
  readonly flagged: number;
  readonly repeated: number;
  readonly raw_bytes: number;
  readonly stored_bytes: number;
  /** A part of a snapshot that was aborted: 1 or true, as the database has it. */
  readonly void: number | boolean;
  readonly bytes_id: string | null;
  readonly received_at: string;
}

export function newBatchRow(
  signed: Signed<BatchManifest>,
  manifestDigest: string,
  bytesId: string,
  receivedAt: string,
): BatchRow {
  const { body } = signed;
  return {
    ...keyOf(body.stream),
    seq: body.seq,
    id: body.id,
    manifest: JSON.stringify(signed),
    manifest_digest: manifestDigest,
    rows_digest: body.rowsDigest,
    kind: body.kind,
    schema_version: body.schemaVersion,
    snapshot_id: body.snapshot?.id ?? null,
    rows: body.rows,
    read_rows: body.read,
    rejected: body.rejected,
    flagged: body.flagged,
    repeated: body.repeated,
    raw_bytes: body.rawBytes,
    stored_bytes: body.storedBytes,
    void: false,
    bytes_id: bytesId,
    received_at: receivedAt,
  };
}

export const insertBatch = insertion<BatchRow>('batches');

const batchAt = prepared<keyof Stream | 'seq', BatchRow | undefined>((db, { resource, agent, epoch, seq }) =>
  db('batches').where({ resource, agent, epoch, seq }).first(),
);

export async function findBatch(db: Knex, stream: Stream, seq: number): Promise<BatchRow | undefined> {
  const row = await batchAt(db, { ...keyOf(stream), seq });
  return row && batchRow(row);
}

const batchFrom = prepared<keyof Stream | 'seq', BatchRow | undefined>(
  (db, { resource, agent, epoch, seq }) =>
    db('batches')
      .where({ resource, agent, epoch, void: false })
      .where('seq', '>=', seq)
      .orderBy('seq')
      .first(),
);

/** The first batch from `seq` on whose snapshot was not aborted. */
export async function nextBatch(db: Knex, stream: Stream, seq: number): Promise<BatchRow | undefined> {
  const row = await batchFrom(db, { ...keyOf(stream), seq });
  return row && batchRow(row);
}

/** Sequence of the first batch behind a change that is no change itself; of the next one to come where there is none. */
export async function afterChanges(db: Knex, { seq, ...stream }: BatchRow): Promise<number> {
  const behind = () => db('batches').where(keyOf(stream)).where('seq', '>', seq);
  // first, for a copy may be stored meanwhile
  const newest = await behind().max({ seq: 'seq' }).first();
  const other = await behind().whereNot({ kind: 'delta' }).min({ seq: 'seq' }).first();
  return Number(other?.seq ?? Number(newest?.seq ?? seq) + 1);
}

export async function manifestsAfter(
  db: Knex,
  stream: Stream,
  seq: number,
  limit: number,
): Promise<Signed<BatchManifest>[]> {
  const rows = await db('batches')
    .where(keyOf(stream))
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .select('manifest');
  return rows.map((row: { manifest: string }) => JSON.parse(row.manifest));
}

/** Marks the parts of an aborted snapshot, and what was delivered of them and waits for the rest, as void. */
export async function voidSnapshot(
  trx: Knex.Transaction,
  stream: Stream,
  from: number,
  snapshotId: string,
): Promise<void> {
  const key = keyOf(stream);
  await trx('batches')
    .where({ ...key, snapshot_id: snapshotId })
    .where('seq', '>=', from)
    .update({ void: true });
  await trx('deliveries')
    .where({ ...key, final: false })
    .whereIn(
      'source_seq',
      trx('batches')
        .where({ ...key, snapshot_id: snapshotId })
        .where('seq', '>=', from)
        .select('seq'),
    )
    .update({ void: true });
}

function batchRow(row: BatchRow): BatchRow {
  return {
    ...row,
    seq: Number(row.seq),
    rows: Number(row.rows),
    stored_bytes: Number(row.stored_bytes),
    raw_bytes: Number(row.raw_bytes),
  };
}
