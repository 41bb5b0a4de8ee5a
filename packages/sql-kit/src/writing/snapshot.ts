import { deliveryName, isQianzhiError, noCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import type { SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { targetErrors } from '../errors/target-errors.js';
import { nothingStaged, partProblem, type SnapshotProblem, wholeProblem } from '../snapshot-parts.js';
import type { Applied } from './delta.js';
import type { SqlLedger } from './ledger-table.js';
import { mergeStage } from './merge.js';
import { type LeftOut, loadStage, rejectionOf, relationsOf, stagedRow } from './stage.js';
import type { FittedTarget } from './target.js';

/**
 * Loads a part into the shadow, which holds rows as they came; the last one puts the whole in place: what the supplier no longer
 * has is deleted, and the differences are merged, which keeps whatever hangs on the table. Throws SNAPSHOT_BROKEN (integrity).
 */
export async function applyPart(
  dialect: SqlDialect,
  session: SqlSession,
  ledger: SqlLedger,
  target: FittedTarget,
  shadow: string,
  batch: SinkBatch,
  left: LeftOut,
  signal: AbortSignal,
): Promise<Applied> {
  const part = batch.snapshot!;
  const broken = ({ zh, en }: SnapshotProblem) =>
    targetErrors.SNAPSHOT_BROKEN({
      delivery: deliveryName(batch.delivery),
      resource: batch.resource.code,
      problem: { zh, en },
    });
  const before =
    part.part === 1 ? nothingStaged : await ledger.staged(session, batch.delivery, part.id, signal);
  const misplaced = partProblem(part, before);
  if (misplaced) throw broken(misplaced);
  const first = before.delivered;
  await loadStage(dialect, session, target, shadow, batch, first, left, signal);
  if (!part.last) {
    const counts = { ...noCounts, delivered: batch.rows, rejected: left.rows.length };
    return { counts, stage: 'staged' };
  }
  const loaded = {
    parts: part.part,
    delivered: first + batch.rows,
    rejected: before.rejected + left.rows.length,
  };
  const held = Number((await session.query(`SELECT count(*) FROM ${shadow}`, [], signal)).rows[0]?.[0]);
  const problem = wholeProblem(part, loaded, held);
  if (problem) throw broken(problem);
  await deleteMissing(dialect, session, target, shadow, signal);
  const refused = async (row: number, refusal: { item: string; reason: string }) => {
    if (row >= first) left.add(row - first, refusal);
    else
      left.rows.push(
        rejectionOf(await stagedRow(session, target, shadow, row, signal), row, refusal, target.keyFields),
      );
  };
  const range = { from: 0, to: loaded.delivered };
  const { inserted, updated } = await mergeStage(
    dialect,
    session,
    target,
    shadow,
    range,
    false,
    refused,
    signal,
  );
  const rejected = before.rejected + left.rows.length;
  const unchanged = loaded.delivered - rejected - inserted - updated;
  return {
    counts: { delivered: loaded.delivered, inserted, updated, unchanged, deleted: 0, rejected },
    stage: 'applied',
  };
}

async function deleteMissing(
  dialect: SqlDialect,
  session: SqlSession,
  target: FittedTarget,
  shadow: string,
  signal: AbortSignal,
): Promise<void> {
  const sql =
    target.keys.length === 0
      ? `DELETE FROM ${target.name}`
      : dialect.deleteMissing(relationsOf(target, shadow, '1 = 1'));
  try {
    await session.query(sql, [], signal);
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_SQL_ROW_REFUSED')) throw error;
    const reason = String(error.details['reason']);
    throw targetErrors.TARGET_REFUSES_DELETE({ table: target.table.name, reason }, error);
  }
}
