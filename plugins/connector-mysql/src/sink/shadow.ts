import { type ApplyCounts, deliveryName, noCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import {
  nothingStaged,
  partProblem,
  type Rejections,
  type SnapshotProblem,
  type StagedTotals,
  supplierOf,
  wholeProblem,
} from '@qianzhi/sql-kit';
import { mysqlErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { applyRows, convertSql, numbered, rejectLeft } from './convert.js';
import { ledgerOf } from './ledger.js';
import { mergeShadow } from './merge-shadow.js';
import { countOf, createShadow, PLACE, shadowName, shadowState } from './shadow-table.js';
import type { Staging } from './staging.js';
import { swapObstacle } from './swap.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

export interface AppliedPart {
  readonly counts: ApplyCounts;
  /** `swap`: the shadow is whole, and takes the target's place once this is committed. */
  readonly stage: 'staged' | 'applied' | 'swap';
}

/** A part that follows those before, and the shadow it goes into. */
export interface PartPlace {
  readonly before: StagedTotals;
  /** Name of the shadow, not quoted. */
  readonly name: string;
  readonly whole: boolean;
}

/**
 * Makes the place for a part; call it outside of a transaction. Throws SNAPSHOT_BROKEN (integrity) when a part is missing or
 * the target was altered since part 1.
 */
export async function placeForPart(
  work: Work,
  writing: Writing,
  target: Target,
  batch: SinkBatch,
): Promise<PartPlace> {
  const part = batch.snapshot!;
  const name = shadowName(writing, supplierOf(batch.delivery));
  const first = part.part === 1;
  const before = first ? nothingStaged : await ledgerOf(writing).staged(work, batch.delivery, part.id);
  refuseBroken(batch, partProblem(part, before));
  if (first) await createShadow(work, writing, target, name);
  const state = await shadowState(work, writing.database, target, name);
  if (!state?.fits) {
    refuseBroken(batch, {
      zh: '已暂存的部分不见了,或目标表在此期间被修改',
      en: 'its staged parts are gone, or the target table was altered since',
    });
  }
  return { before, name, whole: state?.whole ?? false };
}

/** Loads a part into its shadow; the last one puts the whole in place, or says that it is to be swapped in. */
export async function applyPart(
  work: Work,
  writing: Writing,
  target: Target,
  batch: SinkBatch,
  { before, name, whole }: PartPlace,
  staging: Staging,
  rejections: Rejections,
): Promise<AppliedPart> {
  const part = batch.snapshot!;
  const shadow = qualified(writing.database, name);
  await rejectLeft(target, staging, rejections);
  const more: Record<string, string> = whole ? {} : { [PLACE]: `${part.part} * 4294967296 + qianzhi_row` };
  await applyRows(work, target, staging, rejections, async (query, from, to) => {
    await query(convertSql(target, shadow, numbered(from, to), more));
  });
  if (!part.last) {
    return { counts: { ...noCounts, delivered: batch.rows, rejected: rejections.count }, stage: 'staged' };
  }

  const delivered = before.delivered + batch.rows;
  const rejected = before.rejected + rejections.count;
  const held = await countOf(work, shadow);
  refuseBroken(batch, wholeProblem(part, { parts: part.part, delivered, rejected }, held));
  if (whole && (await swapObstacle(work, writing, target)) === undefined) {
    return { counts: { ...noCounts, delivered, inserted: held, rejected }, stage: 'swap' };
  }
  if (whole) {
    refuseBroken(batch, {
      zh: '目标表在此期间有了触发器或外键,不能再整表替换',
      en: 'the target has got triggers or foreign keys since part 1 and cannot be replaced any more',
    });
  }
  const earlier = rejections.count;
  const merged = await mergeShadow(work, writing, target, batch, shadow, rejections);
  const refused = rejections.count - earlier;
  const unchanged = held - merged.inserted - merged.updated - refused;
  return {
    counts: { ...merged, delivered, unchanged, deleted: 0, rejected: rejected + refused },
    stage: 'applied',
  };
}

function refuseBroken({ delivery, resource }: SinkBatch, problem: SnapshotProblem | undefined): void {
  if (problem === undefined) return;
  throw mysqlErrors.SNAPSHOT_BROKEN({
    delivery: deliveryName(delivery),
    resource: resource.code,
    problem: { zh: problem.zh, en: problem.en },
  });
}
