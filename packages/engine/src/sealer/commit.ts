import { randomUUID } from 'node:crypto';
import type { BatchManifest, CatalogResource, Signed, SnapshotPart, SupplyDuty } from '@qianzhi/model';
import { canonicalBytes, lastingDigest, signWithDigest } from '@qianzhi/model/crypto';
import type { Core } from '../core.js';
import type { DurableFolder } from '../files/durable-folder.js';
import { type BatchRow, inDatabase } from '../store/batch-table.js';
import { type OpenSnapshot, type StreamRow, streamOf } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import type { Prepared, PreparedBatch } from './prepare.js';

export interface CommitParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly folder: DurableFolder;
  readonly resource: CatalogResource;
  readonly exchange: string;
}

export interface SealedRow {
  readonly row: BatchRow;
  readonly bytes: Uint8Array;
}

/**
 * Gives prepared batches their place: sequence, chain, signature; file renamed and its folder fsynced; manifests and the
 * checkpoint after them pending in one transaction. A crash before it leaves files nobody names, swept on start.
 */
export async function commitPrepared(
  parts: CommitParts,
  prepared: Prepared,
  duty: Signed<SupplyDuty>,
): Promise<readonly SealedRow[]> {
  const { core, tables, folder, resource, exchange } = parts;
  let stream = tables.streams.get(resource.code)!;
  const sealed: SealedRow[] = [];
  for (const [index, batch] of prepared.batches.entries()) {
    const first = index === 0;
    const last = index === prepared.batches.length - 1;
    const snapshot = snapshotPart(stream, prepared, batch, first, last);
    const row = sealOne(parts, stream, prepared, batch, duty, { first, last, part: snapshot?.part });
    stream = {
      ...stream,
      seq: row.seq,
      digest: row.digest,
      rowsDigest: row.rowsDigest,
      snapshot: snapshot ? snapshot.open : stream.snapshot,
    };
    sealed.push({ row, bytes: batch.stored });
  }
  await folder.publish(prepared.batches.flatMap(({ file }) => file ?? []));
  core.failpoint('seal:file-renamed');
  // the sender awaits the disk
  core.store.writeAhead(() => {
    // receipts may have been committed while the files were renamed
    const now = tables.streams.get(resource.code)!;
    for (const { row, bytes } of sealed) tables.batches.insert(row, bytes);
    const newest = sealed.findLast(({ row }) => row.rows > 0);
    if (newest) tables.exchanges.setDataAt(exchange, newest.row.sealedAt);
    tables.streams.put({
      ...now,
      seq: stream.seq,
      digest: stream.digest,
      rowsDigest: stream.rowsDigest,
      snapshot: stream.snapshot,
      checkpoint: prepared.cut.checkpoint ?? now.checkpoint,
    });
  });
  core.failpoint('seal:committed');
  return sealed;
}

function snapshotPart(
  stream: StreamRow,
  { cut }: Prepared,
  batch: PreparedBatch,
  first: boolean,
  last: boolean,
): { readonly part: SnapshotPart; readonly open: OpenSnapshot | null } | undefined {
  if (cut.phase !== 'snapshot') return undefined;
  const begin = stream.snapshot === null || (cut.restart && first);
  const before = begin ? { id: randomUUID(), parts: 0, rows: 0 } : stream.snapshot;
  const open = { id: before.id, parts: before.parts + 1, rows: before.rows + batch.rows };
  const isLast = cut.last && last;
  const part = { id: open.id, part: open.parts, last: isLast };
  return isLast
    ? { part: { ...part, totals: { parts: open.parts, rows: open.rows } }, open: null }
    : { part, open };
}

function sealOne(
  { core, resource }: CommitParts,
  stream: StreamRow,
  { cut, folded }: Prepared,
  batch: PreparedBatch,
  duty: Signed<SupplyDuty>,
  place: { readonly first: boolean; readonly last: boolean; readonly part: SnapshotPart | undefined },
): BatchRow {
  const { agent, signingKey } = core.options.identity;
  const seq = stream.seq + 1;
  // only the last batch of a cut moves the checkpoint: they are committed together or not at all
  const checkpoint = (place.last ? cut.checkpoint : undefined) ?? stream.checkpoint;
  const rejected = place.first ? cut.rejected : 0;
  const id = { stream: streamOf(stream, agent), seq, rowsDigest: batch.rowsDigest };
  const body: BatchManifest = {
    type: 'batch',
    version: 1,
    id: `b-${core.suite.digest(canonicalBytes(id)).split(':')[1]!.slice(0, 24)}`,
    stream: id.stream,
    seq,
    previous: stream.digest,
    schemaVersion: resource.schemaVersion,
    kind: cut.phase,
    ...(place.part ? { snapshot: place.part } : {}),
    ...(cut.file && { file: cut.file }),
    ...(cut.listBytes !== undefined && { wholeFiles: { listBytes: cut.listBytes } }),
    rows: batch.rows,
    read: batch.rows + rejected,
    rejected,
    flagged: place.first ? cut.flagged : 0,
    repeated: place.first ? cut.repeated + folded : 0,
    rawBytes: batch.rawBytes,
    storedBytes: batch.stored.length,
    compression: 'zstd',
    rowsDigest: batch.rowsDigest,
    bytesDigest: batch.bytesDigest,
    checkpointDigest:
      checkpoint === null ? null : core.suite.keyedDigest(core.keys.checkpoint, Buffer.from(checkpoint)),
    dutyDigest: lastingDigest(duty, core.suite),
    sealedAt: core.now(),
  };
  const { document: manifest, digest } = signWithDigest(body, signingKey);
  return {
    resource: resource.code,
    epoch: stream.epoch,
    seq,
    rows: batch.rows,
    storedBytes: batch.stored.length,
    rowsDigest: batch.rowsDigest,
    digest,
    manifest,
    file: batch.file ?? inDatabase,
    checkpoint,
    sealedAt: body.sealedAt,
    receiptedAt: null,
  };
}
