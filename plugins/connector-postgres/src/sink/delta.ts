import type { ApplyCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { opByte } from '@qianzhi/rows';
import { type Rejections, supplierOf } from '@qianzhi/sql-kit';
import type { Features } from '../connection/features.js';
import { postgresErrors } from '../errors.js';
import { literal, ownName } from '../identifier.js';
import { loadBatch } from './load.js';
import type { RawQuery } from './refusal.js';
import { supplierKeysSql } from './suppliers.js';
import type { Target } from './target.js';
import { deleteSql, upsert } from './upsert-sql.js';
import type { Work, Writing } from './writing.js';

/**
 * Merges a delta by key: COPY into a temporary table, deletes, then one statement for the rest. A delete of a row that is
 * not there counts as unchanged.
 */
export async function applyDelta(
  work: Work,
  { spec }: Writing,
  target: Target,
  batch: SinkBatch,
  rejections: Rejections,
): Promise<ApplyCounts> {
  if (target.keys.length === 0) {
    throw postgresErrors.DELTA_WITHOUT_KEY({ resource: batch.resource.code, table: target.table.name });
  }
  const staging = stagingOf(target, work.session.features);
  const deletes = holdsDeletes(batch.bytes);
  const keys = spec.shared ? supplierKeysSql(target, literal(supplierOf(batch.delivery))) : undefined;
  const counts = { inserted: 0, updated: 0, deleted: 0 };

  async function merge(query: RawQuery): Promise<void> {
    if (deletes && keys) await query(keys.remove(staging.name, `s.qianzhi_op = 'D'`));
    const deleted = deletes ? (await query(deleteSql(target, staging.name, keys?.others))).count : 0;
    const from = { relation: staging.name, where: `s.qianzhi_op <> 'D'` };
    const merged = await upsert(query, target, from, work.session.features);
    if (keys) await query(keys.add(staging.name, `s.qianzhi_op <> 'D'`));
    counts.inserted += merged.inserted;
    counts.updated += merged.updated;
    counts.deleted += deleted;
  }

  const load = {
    into: staging.name,
    op: true,
    before: (again: boolean) => (again ? `TRUNCATE ${staging.name};` : `${staging.ddl}; ${BY_INDEX};`),
    after: merge,
  };
  await loadBatch(work, target, batch.bytes, load, rejections);
  const { inserted, updated, deleted } = counts;
  const rejected = rejections.count;
  const unchanged = batch.rows - rejected - inserted - updated - deleted;
  return { delivered: batch.rows, inserted, updated, unchanged, deleted, rejected };
}

/** Without statistics of the staged rows a planner may hash the whole target to change a handful of them. */
export const BY_INDEX = 'SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off';

/** A session's own table with the types of the target's columns, emptied by each commit. */
export function stagingOf(
  target: Target,
  { asIfNotExists }: Features,
): { readonly name: string; readonly ddl: string } {
  const types = target.columns.map(({ column }) => [column.name, column.nativeType]);
  const plain = ownName('staging', target.table.oid, JSON.stringify(types));
  const name = `pg_temp.${plain}`;
  // a domain's own check would refuse the empty columns of a delete
  const columns = target.columns.map(({ name, column }) =>
    column.isDomain ? `${name}::${column.castType} AS ${name}` : name,
  );
  return {
    name,
    // before a session's first one there is no schema pg_temp to drop it from
    ddl: `${asIfNotExists ? '' : `DROP TABLE IF EXISTS ${plain}; `}CREATE TEMPORARY TABLE ${asIfNotExists ? 'IF NOT EXISTS ' : ''}${plain} ON COMMIT DELETE ROWS AS
      SELECT 'U'::"char" AS qianzhi_op, ${columns.join(', ')} FROM ${target.name} WITH NO DATA`,
  };
}

export function holdsDeletes(bytes: Uint8Array): boolean {
  return bytes[0] === opByte.D || Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('\nD\t');
}
