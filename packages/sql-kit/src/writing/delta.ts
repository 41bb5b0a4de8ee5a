import type { ApplyCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import type { SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { targetErrors } from '../errors/target-errors.js';
import { mergeStage } from './merge.js';
import { type LeftOut, loadStage } from './stage.js';
import type { FittedTarget } from './target.js';

export interface Applied {
  readonly counts: ApplyCounts;
  readonly stage: 'staged' | 'applied';
}

/** Merges a delta by key. A delete of a row that is not there counts as unchanged. */
export async function applyDelta(
  dialect: SqlDialect,
  session: SqlSession,
  target: FittedTarget,
  stage: string,
  batch: SinkBatch,
  left: LeftOut,
  signal: AbortSignal,
): Promise<Applied> {
  if (target.keys.length === 0)
    throw targetErrors.DELTA_WITHOUT_KEY({ resource: batch.resource.code, table: target.table.name });
  await session.query(dialect.emptyStage(stage), [], signal);
  await loadStage(dialect, session, target, stage, batch, 0, left, signal);
  const refused = async (row: number, refusal: { item: string; reason: string }) => left.add(row, refusal);
  const range = { from: 0, to: batch.rows };
  const merged = await mergeStage(
    dialect,
    session,
    target,
    stage,
    range,
    holdsDeletes(batch.bytes),
    refused,
    signal,
  );
  const { inserted, updated, deleted } = merged;
  const rejected = left.rows.length;
  const unchanged = batch.rows - rejected - inserted - updated - deleted;
  return {
    counts: { delivered: batch.rows, inserted, updated, unchanged, deleted, rejected },
    stage: 'applied',
  };
}

const LF = 10;
const D = 68;

function holdsDeletes(bytes: Uint8Array): boolean {
  for (let at = 0; at >= 0 && at < bytes.length; ) {
    if (bytes[at] === D) return true;
    const end = bytes.indexOf(LF, at);
    if (end < 0) return false;
    at = end + 1;
  }
  return false;
}
