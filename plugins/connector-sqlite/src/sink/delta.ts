import type { ApplyCounts } from '@qianzhi/model';
import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { supplierOf } from '@qianzhi/sql-kit';
import { sqliteErrors } from '../errors.js';
import type { Pace } from '../file/pace.js';
import { quoted } from '../identifier.js';
import type { Bound } from '../source/order.js';
import { loadRows } from './load.js';
import { deleteSql, upsertSql } from './row-sql.js';
import { keyTableOf } from './suppliers.js';
import type { Target } from './target-table.js';
import type { Writing } from './writing.js';

export interface Applied {
  readonly counts: ApplyCounts;
  readonly rejected: readonly RowRejection[];
}

/** Merges a delta by key, in the order of its rows. A delete of a row that is not there counts as unchanged. */
export async function applyDelta(
  writing: Writing,
  target: Target,
  batch: SinkBatch,
  pace: Pace,
): Promise<Applied> {
  const { db, spec, updates } = writing;
  if (target.keys.length === 0)
    throw sqliteErrors.DELTA_WITHOUT_KEY({ resource: batch.resource.code, table: target.table.name });
  const upsert = db.prepare<[Bound[]]>(upsertSql(target));
  const remove = db.prepare<Bound[]>(deleteSql(target, spec.shared));
  const keys = spec.shared ? supplierKeys(writing, target, supplierOf(batch.delivery)) : undefined;
  const counts = { delivered: batch.rows, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 };
  const rejected = await loadRows(
    db,
    target,
    batch.bytes,
    (op, values) => {
      const key = op === 'D' || keys ? target.keyFields.map((at) => values[at]!) : [];
      if (op === 'D') {
        keys?.remove(key);
        if (remove.run(...key).changes > 0) counts.deleted++;
        else counts.unchanged++;
        return;
      }
      const before = updates.count;
      if (upsert.run(values).changes === 0) counts.unchanged++;
      else if (updates.count > before) counts.updated++;
      else counts.inserted++;
      keys?.add(key);
    },
    pace,
  );
  return { counts: { ...counts, rejected: rejected.length }, rejected };
}

function supplierKeys({ db }: Writing, target: Target, supplier: string) {
  const table = quoted(keyTableOf(target));
  const places = target.keys.map(() => '?').join(', ');
  const add = db.prepare<Bound[]>(
    `INSERT OR IGNORE INTO ${table} (qianzhi_supplier, ${target.keys.join(', ')}) VALUES (?, ${places})`,
  );
  const remove = db.prepare<Bound[]>(
    `DELETE FROM ${table} WHERE qianzhi_supplier = ? AND ${target.keys.map((key) => `${key} = ?`).join(' AND ')}`,
  );
  return {
    add: (key: readonly Bound[]) => add.run(supplier, ...key),
    remove: (key: readonly Bound[]) => remove.run(supplier, ...key),
  };
}
