import type { ApplyCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { type Rejections, supplierOf } from '@qianzhi/sql-kit';
import type { TableColumn } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { applyRows, convertSql, numbered, rejectLeft } from './convert.js';
import type { RawQuery } from './refusal.js';
import { deleteSql, insertSql, updateSql } from './row-sql.js';
import { STAGING, type Staging } from './staging.js';
import { supplierKeysSql } from './suppliers.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** The batch's rows with the types, character sets and collations of the target's columns; temporary. */
const TYPED = 'qianzhi_typed';

/** Throws DELTA_WITHOUT_KEY (config). */
export function requireKeys(target: Target, batch: SinkBatch): void {
  if (target.keys.length > 0) return;
  throw mysqlErrors.DELTA_WITHOUT_KEY({ resource: batch.resource.code, table: target.table.name });
}

/** Makes the table that a delta is merged from. Call it outside of a transaction. */
export async function createTyped(work: Work, target: Target): Promise<void> {
  const columns = target.columns.map(({ name, column }) => `${name} ${columnSql(column)} NULL`);
  const keys = target.keys.map(({ name }) => name).join(', ');
  await work.run(`DROP TEMPORARY TABLE IF EXISTS ${TYPED}`);
  // keys that the collation takes for one are refused among the rows that are written, and only there
  await work.run(
    `CREATE TEMPORARY TABLE ${TYPED} (qianzhi_row INT UNSIGNED NOT NULL PRIMARY KEY, qianzhi_written TINYINT NULL, ${columns.join(', ')},
     UNIQUE KEY qianzhi_key (${keys}, qianzhi_written)) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`,
  );
}

function columnSql({ nativeType, charset, collation }: TableColumn): string {
  return charset === null || collation === null
    ? nativeType
    : `${nativeType} CHARACTER SET ${charset} COLLATE ${collation}`;
}

/**
 * Merges a staged delta by key, deletes first: rows that are equal already are skipped. A delete of a row that is not there
 * counts as unchanged.
 */
export async function applyDelta(
  work: Work,
  { spec }: Writing,
  target: Target,
  batch: SinkBatch,
  staging: Staging,
  rejections: Rejections,
): Promise<ApplyCounts> {
  const keys = spec.shared ? supplierKeysSql(target, supplierOf(batch.delivery)) : undefined;
  const counts = { inserted: 0, updated: 0, deleted: 0 };
  await rejectLeft(target, staging, rejections);

  const convert = (query: RawQuery, from: number, to: number, op: string, written: string) =>
    query(
      convertSql(target, TYPED, `${numbered(from, to)} AND qianzhi_op ${op} 'D'`, {
        qianzhi_row: 'qianzhi_row',
        qianzhi_written: written,
      }),
    );

  async function remove(query: RawQuery, from: number, to: number): Promise<void> {
    await convert(query, from, to, '=', 'NULL');
    const rows = { relation: TYPED, where: `${numbered(from, to, 's.')} AND s.qianzhi_written IS NULL` };
    if (keys) await query(keys.remove(rows.relation, rows.where));
    counts.deleted += (await query(deleteSql(target, rows, keys?.others))).count;
  }

  async function upsert(query: RawQuery, from: number, to: number): Promise<void> {
    await convert(query, from, to, '<>', '1');
    const rows = { relation: TYPED, where: `${numbered(from, to, 's.')} AND s.qianzhi_written = 1` };
    const update = updateSql(target, rows);
    const updated = update ? (await query(update)).count : 0;
    const inserted = (await query(insertSql(target, rows))).count;
    if (keys) await query(keys.add(rows.relation, rows.where));
    counts.updated += updated;
    counts.inserted += inserted;
  }

  const { rows: asked } = await work.run(
    `SELECT COALESCE(SUM(qianzhi_op = 'D'), 0) AS deletes, COUNT(*) AS n FROM ${STAGING}`,
  );
  const deletes = Number(asked[0]?.['deletes']);
  if (deletes > 0) await applyRows(work, target, staging, rejections, remove);
  if (deletes < Number(asked[0]?.['n'])) await applyRows(work, target, staging, rejections, upsert);
  const { inserted, updated, deleted } = counts;
  const rejected = rejections.count;
  const unchanged = batch.rows - rejected - inserted - updated - deleted;
  return { delivered: batch.rows, inserted, updated, unchanged, deleted, rejected };
}
