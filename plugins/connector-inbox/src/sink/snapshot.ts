import { deliveryName, noCounts } from '@qianzhi/model';
import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { nothingStaged, partProblem, type SnapshotProblem, wholeProblem } from '@qianzhi/sql-kit';
import { inboxErrors } from '../errors.js';
import { type Applied, type Applying, eachRow, resting } from './applying.js';
import { keyFieldsOf } from './key-fields.js';

const AT_ONCE = 200;

/**
 * Stages a part; the last one turns the difference between what was staged and what is held into changes. Throws SNAPSHOT_BROKEN
 * (integrity) when a part is missing or what is staged is not what the ledger says.
 */
export async function applyPart(applying: Applying, batch: SinkBatch): Promise<Applied> {
  const { records, ledger, origin } = applying;
  const part = batch.snapshot!;
  const broken = ({ zh, en }: SnapshotProblem) =>
    inboxErrors.SNAPSHOT_BROKEN({
      delivery: deliveryName(batch.delivery),
      resource: batch.resource.code,
      problem: { zh, en },
    });
  const before = part.part === 1 ? nothingStaged : ledger.staged(batch.delivery, part.id);
  const misplaced = partProblem(part, before);
  if (misplaced) throw broken(misplaced);
  if (part.part === 1) records.dropStaged(origin.supplier);
  const rejected = await stageRows(applying, batch);
  const delivered = before.delivered + batch.rows;
  const refused = before.rejected + rejected.length;
  if (!part.last) {
    const counts = { ...noCounts, delivered: batch.rows, rejected: rejected.length };
    return { stage: 'staged', counts, rejected };
  }
  const whole = { parts: part.part, delivered, rejected: refused };
  const problem = wholeProblem(part, whole, records.countStaged(origin.supplier));
  if (problem) throw broken(problem);
  const placed = await placeStaged(applying);
  await dropMissing(applying);
  records.dropStaged(origin.supplier);
  return { stage: 'applied', counts: { ...noCounts, ...placed, delivered, rejected: refused }, rejected };
}

async function stageRows(applying: Applying, { resource, bytes }: SinkBatch): Promise<RowRejection[]> {
  const { records, seal, shape, origin } = applying;
  const rejected: RowRejection[] = [];
  const item = resource.items.find(({ key }) => key)!.column;
  await eachRow(applying, bytes, keyFieldsOf(resource), ({ row, op, text, line, key, keyDigest }) => {
    const content = seal.contentDigest(shape, text);
    const sealed = seal.seal(keyDigest, text);
    if (records.stage({ key: keyDigest, content, shape, sealed }, origin.supplier)) return;
    const kept = { bytes: Uint8Array.from(line), key: Buffer.from(key) };
    rejected.push({ row, op, item, reason: 'duplicate-key', ...kept });
  });
  return rejected;
}

async function placeStaged({ records, origin, signal, exchange }: Applying) {
  const counts = { inserted: 0, updated: 0, unchanged: 0 };
  const rest = resting(`write ${exchange}`, signal);
  for (let n = 0; ; await rest()) {
    const rows = records.staged(origin.supplier, n, AT_ONCE);
    for (const { sealed, ...row } of rows) {
      counts[records.upsert({ ...row, seal: () => sealed }, origin)] += 1;
      n = row.n;
    }
    if (rows.length < AT_ONCE) return counts;
  }
}

/** What the supplier no longer has; nobody delivered these, so they are in no count. */
async function dropMissing({ records, origin, signal, exchange }: Applying): Promise<void> {
  const rest = resting(`write ${exchange}`, signal);
  for (let cursor = 0; ; await rest()) {
    const gone = records.missing(origin.supplier, cursor, AT_ONCE);
    for (const one of gone) {
      records.remove(one.key, origin);
      cursor = one.cursor;
    }
    if (gone.length < AT_ONCE) return;
  }
}
