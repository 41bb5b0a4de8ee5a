import { type ApplyCounts, deliveryName, noCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { nothingStaged, partProblem, supplierOf, wholeProblem } from '@qianzhi/sql-kit';
import { postgresErrors } from '../errors.js';
import { ownName, qualified, quoted } from '../identifier.js';
import { ledgerOf } from './ledger.js';
import { loadBatch } from './load.js';
import { mergeShadow } from './merge-shadow.js';
import type { Rejections } from './rejections.js';
import { swapIn, swapObstacles } from './swap.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** Name of the table that takes the parts of a snapshot, not quoted; beside the target. */
export function shadowName({ exchange, spec, schema }: Writing, delivery: SinkBatch['delivery']): string {
  return ownName('shadow', exchange, schema, spec.table, supplierOf(delivery));
}

export interface AppliedPart {
  readonly counts: ApplyCounts;
  readonly stage: 'staged' | 'applied';
}

/**
 * Loads a part into the shadow table; the last one puts the whole in place. Throws SNAPSHOT_BROKEN (integrity) when a part is
 * missing, the shadow does not hold what the ledger says, or the target was altered since part 1.
 */
export async function applyPart(
  work: Work,
  writing: Writing,
  target: Target,
  batch: SinkBatch,
  rejections: Rejections,
): Promise<AppliedPart> {
  const part = batch.snapshot!;
  const { delivery, resource } = batch;
  const broken = (problem: string | undefined) => {
    if (problem === undefined) return;
    throw postgresErrors.SNAPSHOT_BROKEN({
      delivery: deliveryName(delivery),
      resource: resource.code,
      problem,
    });
  };
  const name = shadowName(writing, delivery);
  const shadow = qualified(writing.schema, name);
  const before = part.part === 1 ? nothingStaged : await ledgerOf(writing).staged(work, delivery, part.id);
  broken(partProblem(part, before));
  if (part.part === 1) await createShadow(work, writing, target, name);
  else if (!(await sameShape(work, target, shadow))) {
    broken('its staged parts are gone, or the target table was altered since');
  }
  await loadBatch(work, target, batch.bytes, { into: shadow, op: false }, rejections);
  const counts = { ...noCounts, delivered: batch.rows, rejected: rejections.count };
  if (!part.last) return { counts, stage: 'staged' };

  const whole = {
    parts: part.part,
    delivered: before.delivered + batch.rows,
    rejected: before.rejected + rejections.count,
  };
  const held = Number((await work.run(`SELECT count(*) AS held FROM ${shadow}`)).rows[0]!['held']);
  broken(wholeProblem(part, whole, held));
  if ((await swapObstacle(work, writing, target)) === undefined && (await swapIn(work, target, name))) {
    return {
      counts: { ...noCounts, delivered: whole.delivered, inserted: held, rejected: whole.rejected },
      stage: 'applied',
    };
  }
  const earlier = rejections.count;
  const merged = await mergeShadow(work, writing, target, batch, shadow, rejections);
  const refused = rejections.count - earlier;
  await work.run(`DROP TABLE ${shadow}`);
  return {
    counts: {
      ...merged,
      delivered: whole.delivered,
      unchanged: held - merged.inserted - merged.updated - refused,
      deleted: 0,
      rejected: whole.rejected + refused,
    },
    stage: 'applied',
  };
}

async function swapObstacle(
  work: Work,
  { mode, spec }: Writing,
  target: Target,
): Promise<string | undefined> {
  if (mode === 'merge') return 'the exchange merges';
  if (spec.shared) return 'several suppliers';
  if (!target.covered) return 'columns outside the items';
  return (await swapObstacles(work, target.table.oid))[0];
}

/**
 * A logged table with the target's own columns and checks, so that bad rows are refused part by part. Where it may come to
 * replace the target it gets all that can be copied; else no more than a key, which the merge needs.
 */
async function createShadow(work: Work, writing: Writing, target: Target, name: string): Promise<void> {
  const shadow = qualified(writing.schema, name);
  const { version } = work.session;
  if ((await swapObstacle(work, writing, target)) === undefined) {
    const all = ['DEFAULTS', 'CONSTRAINTS', 'INDEXES', 'STORAGE', 'COMMENTS'];
    if (version >= 120_000) all.push('GENERATED');
    if (version >= 140_000) all.push('COMPRESSION');
    const including = all.map((what) => `INCLUDING ${what}`).join(' ');
    await work.run(
      `DROP TABLE IF EXISTS ${shadow}; CREATE TABLE ${shadow} (LIKE ${target.name} ${including})`,
    );
    return;
  }
  const filled = new Set(target.columns.map(({ column }) => column.name));
  const others = target.table.columns.filter((column) => !filled.has(column.name));
  const drop = others.map((column) => `DROP COLUMN ${quoted(column.name)}`);
  const keys = target.keys.map((key) => key.name).join(', ');
  await work.run(
    [
      `DROP TABLE IF EXISTS ${shadow}`,
      `CREATE TABLE ${shadow} (LIKE ${target.name} INCLUDING CONSTRAINTS INCLUDING STORAGE)`,
      ...(drop.length > 0 ? [`ALTER TABLE ${shadow} ${drop.join(', ')}`] : []),
      ...(keys === '' ? [] : [`CREATE UNIQUE INDEX ON ${shadow} (${keys})`]),
    ].join('; '),
  );
}

/** Whether the shadow is there and its columns are those of the target as it is now. */
async function sameShape(work: Work, target: Target, shadow: string): Promise<boolean> {
  const { rows } = await work.run(
    `SELECT count(*) AS same FROM pg_catalog.pg_attribute s JOIN pg_catalog.pg_attribute t ON t.attname = s.attname
     WHERE s.attrelid = pg_catalog.to_regclass($1) AND t.attrelid = $2 AND s.attnum > 0 AND s.attname = ANY ($3::name[])
       AND (s.atttypid, s.atttypmod, s.attcollation) = (t.atttypid, t.atttypmod, t.attcollation)`,
    [shadow, target.table.oid, target.columns.map(({ column }) => column.name)],
  );
  return Number(rows[0]!['same']) === target.columns.length;
}
