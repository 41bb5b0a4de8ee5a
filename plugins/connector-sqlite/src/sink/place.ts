import type { ApplyCounts, CatalogResource, LocalText } from '@qianzhi/model';
import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { createRowWriter } from '@qianzhi/rows';
import { supplierOf } from '@qianzhi/sql-kit';
import { sqliteErrors } from '../errors.js';
import { sqliteCode } from '../file/classify.js';
import type { Pace } from '../file/pace.js';
import { describeTable, type Table } from '../file/table.js';
import { quoted } from '../identifier.js';
import { type Encoding, writeExactRow } from '../source/exact-row.js';
import { type Bound, orderOf } from '../source/order.js';
import { exactList, projectTable } from '../source/projection.js';
import { rejectionOf } from './load.js';
import { createStride, inRange, nextRange, type Range } from './ranges.js';
import { refusalOf, withoutValues } from './refusal.js';
import { allColumns, joined, onConflict } from './row-sql.js';
import { keyTableOf } from './suppliers.js';
import { swapIn } from './swap.js';
import type { Target } from './target-table.js';
import type { Writing } from './writing.js';

export interface Placed {
  readonly counts: Pick<ApplyCounts, 'inserted' | 'updated' | 'unchanged'>;
  /** Rows only a trigger or foreign key of the target itself could refuse. */
  readonly rejected: readonly RowRejection[];
}

/**
 * Makes the target equal to the shadow: an empty target is replaced by it where that is possible; a filled one
 * gets the differences and loses what the supplier no longer has. `held` is the shadow's number of rows.
 */
export async function placeSnapshot(
  writing: Writing,
  target: Target,
  batch: SinkBatch,
  shadow: string,
  held: number,
  pace: Pace,
): Promise<Placed> {
  const { db, mode, spec } = writing;
  const table = quoted(target.table.name);
  if (mode !== 'merge' && !spec.shared && swapIn(db, target, shadow)) {
    return { counts: { inserted: held, updated: 0, unchanged: 0 }, rejected: [] };
  }
  if (target.keys.length === 0) db.exec(`DELETE FROM ${table}`);
  else await deleteMissing(writing, target, shadow, supplierOf(batch.delivery), pace);
  const merged = await mergeShadow(writing, target, batch.resource, shadow, pace);
  if (spec.shared) replaceKeys(writing, target, shadow, supplierOf(batch.delivery));
  db.exec(`DROP TABLE ${quoted(shadow)}`);
  const { inserted, updated, rejected } = merged;
  return { counts: { inserted, updated, unchanged: held - inserted - updated - rejected.length }, rejected };
}

async function mergeShadow(
  writing: Writing,
  target: Target,
  resource: CatalogResource,
  shadow: string,
  pace: Pace,
) {
  const { db, updates } = writing;
  const described = describeTable(db, shadow)!;
  const terms = orderOf(described, resource, () => undefined).terms;
  const merged = { inserted: 0, updated: 0, rejected: [] as RowRejection[] };
  const stride = createStride();
  let lower: Range['lower'];
  for (;;) {
    const start = performance.now();
    const range = nextRange(db, shadow, terms, lower, stride.rows);
    mergeRange(range, stride.rows);
    if (range.upper === undefined) return merged;
    lower = range.upper;
    stride.took(performance.now() - start);
    await pace.rest();
  }

  /** Halves a range until the refused rows are alone. */
  function mergeRange(range: Range, rows: number): void {
    const within = inRange(terms, range);
    const sql = `INSERT OR ABORT INTO ${quoted(target.table.name)} (${allColumns(target)}) SELECT ${allColumns(target)} FROM ${quoted(shadow)} WHERE ${within.sql} ${onConflict(target)}`;
    const before = updates.count;
    try {
      const { changes } = db.prepare<Bound[]>(sql).run(...within.values);
      const updated = updates.count - before;
      merged.updated += updated;
      merged.inserted += changes - updated;
    } catch (error) {
      const refusal = refusalOf(error, db, target);
      if (rows <= 1) {
        merged.rejected.push(
          rejectionOf(
            target,
            rowText(writing, resource, described, within),
            'S',
            merged.rejected.length,
            refusal,
          ),
        );
        return;
      }
      const half = Math.ceil(rows / 2);
      const first = nextRange(db, shadow, terms, range.lower, half);
      // a shorter last range may end before the half
      if (first.upper === undefined) mergeRange(range, half);
      else {
        mergeRange(first, half);
        mergeRange({ lower: first.upper, upper: range.upper }, half);
      }
    }
  }
}

/** The row text of one row of the shadow table, for the quarantine. */
function rowText(
  writing: Writing,
  resource: CatalogResource,
  shadow: Table,
  within: { sql: string; values: Bound[] },
): Uint8Array {
  const { db, spec, context } = writing;
  const projection = projectTable(
    shadow,
    resource,
    { table: shadow.name, columns: spec.columns },
    context.timeZone,
  );
  const values = db
    .prepare<Bound[]>(
      `SELECT ${exactList(projection).join(', ')} FROM ${quoted(shadow.name)} WHERE ${within.sql}`,
    )
    .raw()
    .safeIntegers()
    .get(...within.values) as Bound[] | undefined;
  const writer = createRowWriter(1024);
  if (values)
    writeExactRow(writer, 'S', values, projection, db.pragma('encoding', { simple: true }) as Encoding, 0);
  return writer.take();
}

/** Deletes rows that are not in the shadow: of a shared table only those this supplier alone delivered. */
async function deleteMissing(
  writing: Writing,
  target: Target,
  shadow: string,
  supplier: string,
  pace: Pace,
): Promise<void> {
  const { db, spec } = writing;
  const table = quoted(target.table.name);
  const terms = orderOf(target.table, { items: [] } as never, () => undefined).terms.map(
    (term) => `${table}.${term}`,
  );
  const keys = quoted(keyTableOf(target));
  const own = spec.shared
    ? ` AND EXISTS (SELECT 1 FROM ${keys} k WHERE ${joined(target, 'k', table)} AND k.qianzhi_supplier = ?)
        AND NOT EXISTS (SELECT 1 FROM ${keys} k WHERE ${joined(target, 'k', table)} AND k.qianzhi_supplier <> ?)`
    : '';
  const stride = createStride();
  let lower: Range['lower'];
  for (;;) {
    const start = performance.now();
    const range = nextRange(db, target.table.name, terms, lower, stride.rows);
    const within = inRange(terms, range);
    const sql = `DELETE FROM ${table} WHERE ${within.sql} AND NOT EXISTS (SELECT 1 FROM ${quoted(shadow)} s WHERE ${joined(target, 's', table)})${own}`;
    try {
      db.prepare<Bound[]>(sql).run(...within.values, ...(own === '' ? [] : [supplier, supplier]));
    } catch (error) {
      const code = sqliteCode(error);
      if (!code.startsWith('SQLITE_CONSTRAINT')) throw error;
      throw sqliteErrors.TARGET_REFUSES_DELETE(
        { table: target.table.name, reason: refusedBy(code) },
        withoutValues(code),
      );
    }
    if (range.upper === undefined) return;
    lower = range.upper;
    stride.took(performance.now() - start);
    await pace.rest();
  }
}

function replaceKeys({ db }: Writing, target: Target, shadow: string, supplier: string): void {
  const keys = target.keys.join(', ');
  db.prepare(`DELETE FROM ${quoted(keyTableOf(target))} WHERE qianzhi_supplier = ?`).run(supplier);
  db.prepare(
    `INSERT INTO ${quoted(keyTableOf(target))} (qianzhi_supplier, ${keys}) SELECT ?, ${keys} FROM ${quoted(shadow)} s
     WHERE EXISTS (SELECT 1 FROM ${quoted(target.table.name)} t WHERE ${joined(target, 't', 's')})`,
  ).run(supplier);
}

function refusedBy(code: string): LocalText {
  if (code.endsWith('FOREIGNKEY')) return { zh: '有外键引用它们', en: 'a foreign key refers to them' };
  if (code.endsWith('TRIGGER')) return { zh: '触发器不允许', en: 'a trigger does not allow it' };
  return { zh: '约束不允许', en: 'a constraint does not allow it' };
}
