import { type ApplyCounts, deliveryName, noCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import {
  nothingStaged,
  partProblem,
  type Rejections,
  type SnapshotProblem,
  supplierOf,
  wholeProblem,
} from '@qianzhi/sql-kit';
import { postgresErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { ledgerOf } from './ledger.js';
import { type Loaded, tryBatch } from './load.js';
import { mergeShadow } from './merge-shadow.js';
import { shadowRow } from './row-text.js';
import { buildKey, buildOthers } from './shadow-indexes.js';
import { createShadow, isWhole, sameShape, shadowName, swapObstacle } from './shadow-table.js';
import { swapIn } from './swap.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

export interface AppliedPart {
  readonly counts: ApplyCounts;
  readonly stage: 'staged' | 'applied';
}

/**
 * Loads a part into the shadow table; the last one puts the whole in place. `ahead` is what `tryPart` answered, where the part
 * was tried before its turn. Throws SNAPSHOT_BROKEN (integrity) when a part is missing, the shadow does not hold what
 * the ledger says, or the target was altered since part 1.
 */
export async function applyPart(
  work: Work,
  writing: Writing,
  target: Target,
  batch: SinkBatch,
  rejections: Rejections,
  ahead: Loaded | undefined,
): Promise<AppliedPart> {
  const part = batch.snapshot!;
  const { delivery, resource } = batch;
  const { name, shadow } = shadowOf(writing, batch);
  const before = part.part === 1 ? nothingStaged : await ledgerOf(writing).staged(work, delivery, part.id);
  refuseBroken(batch, partProblem(part, before));
  if (part.part === 1) await createShadow(work, writing, target, name);
  const loaded = ahead ?? (await tryPart(work, writing, target, batch));
  await loaded.settle(rejections);
  if (!part.last) {
    return { counts: { ...noCounts, delivered: batch.rows, rejected: rejections.count }, stage: 'staged' };
  }

  const whole = await isWhole(work, shadow);
  await buildKey(work, target, shadow, name, whole, async (place) =>
    rejections.text(await shadowRow(work, target, resource, shadow, place), {
      item: '*',
      reason: 'duplicate-key',
    }),
  );
  const delivered = before.delivered + batch.rows;
  const rejected = before.rejected + rejections.count;
  const held = Number((await work.run(`SELECT count(*) AS held FROM ${shadow}`)).rows[0]!['held']);
  refuseBroken(batch, wholeProblem(part, { parts: part.part, delivered, rejected }, held));
  if (whole && (await swapObstacle(work, writing, target)) === undefined) {
    await buildOthers(work, target, shadow, name);
    if (await swapIn(work, target, name)) {
      return { counts: { ...noCounts, delivered, inserted: held, rejected }, stage: 'applied' };
    }
  }
  const earlier = rejections.count;
  const merged = await mergeShadow(work, writing, target, batch, shadow, rejections);
  const refused = rejections.count - earlier;
  await work.run(`DROP TABLE ${shadow}`);
  const unchanged = held - merged.inserted - merged.updated - refused;
  return {
    counts: { ...merged, delivered, unchanged, deleted: 0, rejected: rejected + refused },
    stage: 'applied',
  };
}

/** Loads the rows of a part if the shadow takes all of them at once. */
export async function tryPart(
  work: Work,
  writing: Writing,
  target: Target,
  batch: SinkBatch,
): Promise<Loaded> {
  const { name, shadow } = shadowOf(writing, batch);
  if (batch.snapshot!.part > 1 && !(await sameShape(work, writing, target, name))) {
    refuseBroken(batch, {
      zh: '已暂存的部分不见了,或目标表在此期间被修改',
      en: 'its staged parts are gone, or the target table was altered since',
    });
  }
  return tryBatch(work, target, batch.bytes, { into: shadow, op: false });
}

export function shadowOf(writing: Writing, { delivery }: SinkBatch) {
  const name = shadowName(writing, supplierOf(delivery));
  return { name, shadow: qualified(writing.schema, name) };
}

function refuseBroken({ delivery, resource }: SinkBatch, problem: SnapshotProblem | undefined): void {
  if (problem === undefined) return;
  throw postgresErrors.SNAPSHOT_BROKEN({
    delivery: deliveryName(delivery),
    resource: resource.code,
    problem: { zh: problem.zh, en: problem.en },
  });
}
