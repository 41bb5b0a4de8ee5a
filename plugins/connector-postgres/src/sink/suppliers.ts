import { judgeClaim, TARGETS } from '@qianzhi/sql-kit';
import { postgresErrors } from '../errors.js';
import { literal, ownName, qualified } from '../identifier.js';
import type { Target } from './target.js';
import { sameKey } from './upsert-sql.js';
import type { Work, Writing } from './writing.js';

/** Name of the table of keys that each supplier of a shared target delivered. */
export function keyTableOf({ table }: Target): string {
  return qualified(table.schema, ownName('keys', table.name));
}

/** SQL that looks up who feeds the target so far. */
export function claimSql({ spec, schema }: Writing): string {
  return `SELECT supplier FROM ${qualified(schema, TARGETS)} WHERE "table" = ${literal(spec.table)}`;
}

/** Whether `claimTarget` would have nothing to do. */
export function holdsTarget(
  { spec: { shared, takeOver }, ended }: Writing,
  supplier: string,
  before: string | null | undefined,
): boolean {
  return judgeClaim({ before: before ?? undefined, supplier, shared, takeOver, ended }).state === 'held';
}

/**
 * Enters the supplier as the one that feeds the table; `before` is what `claimSql` found. Throws TARGET_TAKEN (config) when
 * another one does. With `shared` each supplier's keys are kept, so that a snapshot only deletes what its own supplier no
 * longer has.
 */
export async function claimTarget(
  work: Work,
  { spec, ended, schema }: Writing,
  target: Target,
  supplier: string,
  before: string | undefined,
): Promise<void> {
  const { shared, takeOver } = spec;
  const { state, wanted } = judgeClaim({ before, supplier, shared, takeOver, ended });
  if (state === 'held') return;
  if (state === 'taken') throw postgresErrors.TARGET_TAKEN({ table: spec.table, supplier: before ?? '' });
  if (shared) await createKeyTable(work, target, before);
  const targets = qualified(schema, TARGETS);
  const write =
    before === undefined
      ? `INSERT INTO ${targets} ("table", supplier) VALUES ($1, $2)`
      : `UPDATE ${targets} SET supplier = $2 WHERE "table" = $1`;
  await work.run(write, [spec.table, wanted]);
}

/** `before`: the one supplier the table had so far, to whom everything in it belongs. */
async function createKeyTable(work: Work, target: Target, before: string | undefined): Promise<void> {
  const { keys, name, table } = target;
  if (keys.length === 0) throw postgresErrors.TARGET_KEY({ table: table.name, columns: 'shared' });
  const columns = keys.map((key) => key.name).join(', ');
  const keyTable = keyTableOf(target);
  await work.run(
    `DROP TABLE IF EXISTS ${keyTable};
     CREATE TABLE ${keyTable} AS SELECT ''::text AS qianzhi_supplier, ${columns} FROM ${name} WITH NO DATA;
     ALTER TABLE ${keyTable} ADD PRIMARY KEY (${columns}, qianzhi_supplier)`,
  );
  if (before === undefined) return;
  await work.run(
    `INSERT INTO ${keyTable} (qianzhi_supplier, ${columns}) SELECT $1, ${columns} FROM ${name}`,
    [before],
  );
}

/** SQL of the keys of a shared target; `supplier` is a literal. */
export function supplierKeysSql(target: Target, supplier: string) {
  const table = keyTableOf(target);
  const columns = target.keys.map(({ name }) => name).join(', ');
  const from = target.keys.map(({ name }) => `s.${name}`).join(', ');
  return {
    /** Enters keys of staged rows. */
    add: (relation: string, where: string) =>
      `INSERT INTO ${table} (qianzhi_supplier, ${columns}) SELECT ${supplier}, ${from} FROM ${relation} s WHERE ${where}
       AND NOT EXISTS (SELECT 1 FROM ${table} k WHERE ${sameKey(target, 'k', 's')} AND k.qianzhi_supplier = ${supplier})`,
    remove: (relation: string, where: string) =>
      `DELETE FROM ${table} k USING ${relation} s WHERE ${where} AND ${sameKey(target, 'k', 's')} AND k.qianzhi_supplier = ${supplier}`,
    clear: `DELETE FROM ${table} WHERE qianzhi_supplier = ${supplier}`,
    /** Conditions on a row `t` of the target. */
    own: `EXISTS (SELECT 1 FROM ${table} k WHERE ${sameKey(target, 'k', 't')} AND k.qianzhi_supplier = ${supplier})`,
    others: `EXISTS (SELECT 1 FROM ${table} k WHERE ${sameKey(target, 'k', 't')} AND k.qianzhi_supplier <> ${supplier})`,
  };
}
