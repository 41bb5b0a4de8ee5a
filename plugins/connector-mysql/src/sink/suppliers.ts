import { createHash } from 'node:crypto';
import { judgeClaim, ownName, TARGETS } from '@qianzhi/sql-kit';
import { describeTable } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal, qualified } from '../identifier.js';
import { sameKey } from './row-sql.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** Name of the table of keys that each supplier of a shared target delivered, not quoted. */
function keyTableName({ table }: Target): string {
  return ownName('keys', table.name);
}

function keyTableOf(target: Target): string {
  return qualified(target.table.database, keyTableName(target));
}

/** Short enough to be part of a key. */
export function supplierDigest(supplier: string): string {
  return literal(createHash('sha256').update(supplier).digest('hex').slice(0, 40));
}

/** Makes the table of keys of a shared target where it is missing. Call it outside of a transaction. */
export async function createKeyTable(work: Work, { spec }: Writing, target: Target): Promise<void> {
  if (!spec.shared) return;
  if (target.keys.length === 0) {
    throw mysqlErrors.TARGET_KEY({ table: target.table.name, columns: 'shared' });
  }
  const { database } = target.table;
  if (await describeTable(work.session, database, keyTableName(target), work.signal)) return;
  const columns = target.keys.map(({ name, column }) => {
    const text =
      column.charset === null ? '' : ` CHARACTER SET ${column.charset} COLLATE ${column.collation}`;
    return `${name} ${column.nativeType}${text} NOT NULL`;
  });
  const keys = target.keys.map(({ name }) => name).join(', ');
  await work.run(
    `CREATE TABLE ${keyTableOf(target)} (qianzhi_supplier CHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, ${columns.join(', ')},
     PRIMARY KEY (${keys}, qianzhi_supplier)) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`,
  );
}

/**
 * Enters the supplier as the one that feeds the table. Throws TARGET_TAKEN (config) when another one does. With `shared`
 * each supplier's keys are kept, so that a snapshot only deletes what its own supplier no longer has.
 */
export async function claimTarget(
  work: Work,
  { spec, ended, database }: Writing,
  target: Target,
  supplier: string,
): Promise<void> {
  const { shared, takeOver } = spec;
  const targets = qualified(database, TARGETS);
  const { rows } = await work.run(
    `SELECT supplier FROM ${targets} WHERE \`table\` = ${literal(spec.table)} FOR UPDATE`,
  );
  const before = rows[0]?.['supplier'] ?? undefined;
  const { state, wanted } = judgeClaim({ before, supplier, shared, takeOver, ended });
  if (state === 'held') return;
  if (state === 'taken') throw mysqlErrors.TARGET_TAKEN({ table: spec.table, supplier: before ?? '' });
  if (shared) await enterKeys(work, target, before);
  await work.run(
    `REPLACE INTO ${targets} (\`table\`, supplier) VALUES (${literal(spec.table)}, ${literal(wanted)})`,
  );
}

/** `before`: the one supplier the table had so far, to whom everything in it belongs. */
async function enterKeys(work: Work, target: Target, before: string | undefined): Promise<void> {
  const keyTable = keyTableOf(target);
  await work.run(`DELETE FROM ${keyTable}`);
  if (before === undefined) return;
  const columns = target.keys.map((key) => key.name).join(', ');
  await work.run(
    `INSERT INTO ${keyTable} (qianzhi_supplier, ${columns}) SELECT ${supplierDigest(before)}, ${columns} FROM ${target.name}`,
  );
}

/** SQL of the keys of a shared target. */
export function supplierKeysSql(target: Target, supplier: string) {
  const table = keyTableOf(target);
  const own = supplierDigest(supplier);
  const columns = target.keys.map(({ name }) => name).join(', ');
  const from = target.keys.map(({ name }) => `s.${name}`).join(', ');
  const held = (which: string) =>
    `EXISTS (SELECT 1 FROM ${table} k WHERE ${sameKey(target, 'k', 't')} AND k.qianzhi_supplier ${which} ${own})`;
  return {
    /** Enters keys of rows. */
    add: (relation: string, where: string) =>
      `INSERT INTO ${table} (qianzhi_supplier, ${columns}) SELECT ${own}, ${from} FROM ${relation} s WHERE ${where}
       AND NOT EXISTS (SELECT 1 FROM ${table} k WHERE ${sameKey(target, 'k', 's')} AND k.qianzhi_supplier = ${own})`,
    remove: (relation: string, where: string) =>
      `DELETE k FROM ${relation} s STRAIGHT_JOIN ${table} k ON ${sameKey(target, 'k', 's')} WHERE ${where} AND k.qianzhi_supplier = ${own}`,
    clear: `DELETE FROM ${table} WHERE qianzhi_supplier = ${own}`,
    /** Conditions on a row `t` of the target. */
    own: held('='),
    others: held('<>'),
  };
}
