import type { LedgerRow } from '@qianzhi/plugin-api';
import { ledgerValues, ownName } from '@qianzhi/sql-kit';
import { mysqlErrors } from '../errors.js';
import { literal, qualified } from '../identifier.js';
import { addSql, SWAPS } from './ledger.js';
import { tableExists } from './shadow-table.js';
import type { Target } from './target.js';
import { inTransaction, type Work, type Writing } from './writing.js';

/** Name that the replaced table has until it is dropped, not quoted. */
export function leftoverName({ spec, database }: Writing): string {
  return ownName('old', database, spec.table);
}

/** What stands against replacing the table by its shadow, in words for the log. Views and grants follow the name. */
export async function swapObstacle(
  work: Work,
  { mode, spec, database }: Writing,
  target: Target,
): Promise<string | undefined> {
  if (mode === 'merge') return 'the exchange merges';
  if (spec.shared) return 'several suppliers';
  if (!target.covered) return 'columns outside the items';
  if (target.table.versioned) return 'versioned rows';
  const db = literal(database);
  const name = literal(target.table.name);
  const checks: Readonly<Record<string, string>> = {
    triggers: `SELECT COUNT(*) FROM information_schema.triggers WHERE event_object_schema = ${db} AND event_object_table = ${name}`,
    'foreign keys': `SELECT COUNT(*) FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL
      AND ((table_schema = ${db} AND table_name = ${name}) OR (referenced_table_schema = ${db} AND referenced_table_name = ${name}))`,
    'no right to rename': `SELECT ${privileges(['ALTER', 'DROP'], db, name)} < 2`,
  };
  const columns = Object.values(checks).map((sql, at) => `(${sql}) AS c${at}`);
  const { rows } = await work.run(`SELECT ${columns.join(', ')}`);
  return Object.keys(checks).find((_, at) => Number(rows[0]?.[`c${at}`]) > 0);
}

/** SQL of how many of these rights the user has on the table; those that come by a role are not seen. */
function privileges(wanted: readonly string[], db: string, name: string): string {
  const own = `grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')`;
  const held = (from: string, where: string) =>
    `SELECT privilege_type FROM information_schema.${from} WHERE ${own} AND ${where} AND privilege_type IN (${wanted.map(literal).join(', ')})`;
  const all = [
    held('user_privileges', 'true'),
    held('schema_privileges', `${db} LIKE table_schema`),
    held('table_privileges', `table_schema = ${db} AND table_name = ${name}`),
  ];
  return `(SELECT COUNT(DISTINCT privilege_type) FROM (${all.join(' UNION ALL ')}) held)`;
}

/** SQL that says, in the transaction of the last part, that the shadow is whole and what its ledger row will be. */
export function intentSql(
  writing: Writing,
  shadow: string,
  row: LedgerRow,
  part: number | undefined,
): string {
  const values = [writing.spec.table, shadow, leftoverName(writing), JSON.stringify(ledgerValues(row, part))];
  return `INSERT INTO ${qualified(writing.database, SWAPS)} (\`table\`, shadow, old, ledger) VALUES (${values.map(literal).join(', ')})`;
}

/**
 * Finishes a swap that was begun, wherever it was cut: RENAME is one statement, and each state is told by which of the
 * tables is there. Answers false where nothing was begun.
 */
export async function finishSwap(work: Work, writing: Writing, resource: string): Promise<boolean> {
  const { database, spec } = writing;
  const swaps = qualified(database, SWAPS);
  const mine = `\`table\` = ${literal(spec.table)}`;
  const { rows } = await work.run(`SELECT shadow, old, ledger FROM ${swaps} WHERE ${mine}`);
  const intent = rows[0];
  if (!intent) return false;
  const shadow = intent['shadow'] ?? '';
  const old = intent['old'] ?? '';
  const name = (table: string) => qualified(database, table);
  const hasTarget = await tableExists(work, database, spec.table);
  if (await tableExists(work, database, shadow)) {
    const away = hasTarget ? `${name(spec.table)} TO ${name(old)}, ` : '';
    await work.run(`RENAME TABLE ${away}${name(shadow)} TO ${name(spec.table)}`);
  } else if (!hasTarget) {
    throw mysqlErrors.SWAP_STRANDED({ table: spec.table, old, shadow, resource });
  }
  await inTransaction(work, async () => {
    await work.run(addSql(database, JSON.parse(intent['ledger'] ?? '[]')));
    await work.run(`DELETE FROM ${swaps} WHERE ${mine}`);
  });
  await work.run(`DROP TABLE IF EXISTS ${name(old)}`);
  return true;
}

/** Gives up a swap whose shadow has not taken the target's place yet; one that has is finished. */
export async function abandonSwap(
  work: Work,
  writing: Writing,
  shadow: string,
  resource: string,
): Promise<void> {
  const { database, spec } = writing;
  const begun = await tableExists(work, database, shadow);
  const hasTarget = await tableExists(work, database, spec.table);
  if (begun && hasTarget) {
    await work.run(
      `DELETE FROM ${qualified(database, SWAPS)} WHERE \`table\` = ${literal(spec.table)} AND shadow = ${literal(shadow)}`,
    );
  } else await finishSwap(work, writing, resource);
}
