import { type ApplyCounts, countsBalance, type DeliveryStream, deliveryName } from '@qianzhi/model';
import type { LedgerRow, TargetLedger } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { AppliedRow } from '../store/delivery-table.js';
import type { Tables } from '../store/tables.js';
import { issueReceipt } from './issue-receipt.js';
import { type DeliveredBatch, type DeliveredFiles, isOfFiles } from './open-target.js';
import type { VerifiedDelivery } from './verify-delivery.js';

/** The ledger's answer must be about the very batch that was written. Throws QZ_ENGINE_LEDGER_WRONG. */
export function checkLedgerRow(batch: DeliveredBatch, row: LedgerRow): void {
  const wrong = (zh: string, en: string) =>
    engineErrors.LEDGER_WRONG({
      delivery: deliveryName(batch.delivery),
      resource: batch.delivery.stream.resource,
      seq: batch.seq,
      problem: { zh, en },
    });
  if (row.seq !== batch.seq || row.rowsDigest !== batch.rowsDigest)
    throw wrong('台账行属于另一批', 'it names another batch');
  if (isOfFiles(batch)) {
    const [stage, bytes] = batch.rows > 0 ? ['applied', sizeOf(batch)] : ['staged', 0];
    if (row.stage !== stage)
      throw wrong('文件各部分中只有最后一部分可应用', 'a file is applied by its last part alone');
    if (row.bytes !== bytes) throw wrong('文件字节数与清单不符', 'its bytes of files are not the manifest’s');
    if (row.counts.delivered !== batch.rows || !countsBalance(row.counts))
      throw wrong('文件数不平衡', 'its counts of files do not balance');
    return;
  }
  if (row.stage === 'staged') {
    const open = batch.snapshot && !batch.snapshot.last && row.snapshotId === batch.snapshot.id;
    if (!open) throw wrong('暂存的不是未完成快照的部分', 'it stages what is no open part of a snapshot');
    if (row.counts.delivered !== batch.rows)
      throw wrong('交付行数与批次不符', 'its delivered rows are not the batch’s');
    return;
  }
  if (batch.snapshot && !batch.snapshot.last)
    throw wrong('最后一部分未到即已应用', 'it applies a part before the last');
  if (!countsBalance(row.counts)) throw wrong('交付 ≠ 应用 + 拒绝', 'delivered is not applied + rejected');
  const due = batch.snapshot?.totals?.rows ?? batch.rows;
  if (row.counts.delivered !== due)
    throw wrong('交付行数与批次或快照不符', 'its delivered rows are not those of the batch or snapshot');
}

function sizeOf(batch: DeliveredFiles): number {
  return batch.kind === 'files' ? batch.file.size : batch.bytes.length;
}

/** Remembers an applied delivery and issues its receipt, made from the ledger row alone, in one transaction. */
export function recordApplied(
  core: Core,
  tables: Tables,
  exchange: string,
  verified: VerifiedDelivery,
  row: LedgerRow,
): void {
  const { body } = verified;
  const manifest = body.manifest.body;
  // lost with the power, it is made again from the target's ledger; its receipt is handed in from the disk only
  core.store.writeAhead(() => {
    if (manifest.rows > 0) tables.exchanges.setDataAt(exchange, manifest.sealedAt);
    record(core, tables, exchange, body.delivery, row, {
      seq: row.seq,
      rows: manifest.rows,
      rowsDigest: row.rowsDigest,
      stage: row.stage,
      snapshot: manifest.snapshot?.id ?? null,
      digest: verified.digest,
      manifestSeq: manifest.seq,
      manifestDigest: verified.manifestDigest,
    });
  });
}

const AT_ONCE = 1000;

/**
 * Brings local memory to where the target's ledger is: receipts lost between target commit and local commit are
 * issued from the ledger, and what a restored target no longer has is forgotten. Answers the ledger's head.
 */
export async function followLedger(
  core: Core,
  tables: Tables,
  exchange: string,
  delivery: DeliveryStream,
  sink: TargetLedger,
  signal: AbortSignal,
): Promise<number> {
  const name = deliveryName(delivery);
  const head = (await sink.ledgerHead(delivery, signal))?.seq ?? 0;
  let known = tables.deliveries.newestApplied(exchange, name)?.seq ?? 0;
  if (known > head) {
    core.options.log.warn(
      { exchange, delivery: name, known, head },
      'target behind its receipts: delivered again',
    );
    core.store.write(() => tables.deliveries.forgetAfter(exchange, name, head));
  }
  while (known < head) {
    const rows = await sink.ledgerAfter(delivery, known, AT_ONCE, signal);
    if (rows.length === 0) break;
    core.store.write(() => {
      for (const row of rows) record(core, tables, exchange, delivery, row, fromLedger(row));
    });
    known = rows.at(-1)!.seq;
  }
  return head;
}

function fromLedger(row: LedgerRow): AppliedRow {
  return {
    seq: row.seq,
    rows: row.counts.delivered,
    rowsDigest: row.rowsDigest,
    stage: row.stage,
    snapshot: row.snapshotId,
    digest: null,
    manifestSeq: null,
    manifestDigest: null,
  };
}

function record(
  core: Core,
  tables: Tables,
  exchange: string,
  delivery: DeliveryStream,
  row: LedgerRow,
  applied: AppliedRow,
): void {
  const name = deliveryName(delivery);
  tables.deliveries.putApplied(exchange, name, applied);
  const parts = row.stage === 'applied' ? coveredParts(tables, exchange, name, applied, row.counts) : [];
  issueReceipt(core, tables, {
    delivery,
    stage: row.stage,
    seqFrom: row.seq - parts.length,
    rowsDigests: [...parts.map((part) => part.rowsDigest), row.rowsDigest],
    rows: row.counts.delivered,
    ...(row.bytes !== undefined && { bytes: row.bytes }),
    counts: row.counts,
  });
}

/** Staged parts that became applied with this one: those of its snapshot; of a row from the ledger, those that add up. */
function coveredParts(
  tables: Tables,
  exchange: string,
  name: string,
  applied: AppliedRow,
  counts: ApplyCounts,
): readonly AppliedRow[] {
  const staged = tables.deliveries.stagedBefore(exchange, name, applied.seq);
  if (applied.snapshot !== null) return staged.filter((part) => part.snapshot === applied.snapshot);
  const rows = staged.reduce((sum, part) => sum + part.rows, 0);
  return rows <= counts.delivered ? staged : [];
}
