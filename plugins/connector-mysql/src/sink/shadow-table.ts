import { ownName } from '@qianzhi/sql-kit';
import { describeTable } from '../connection/table.js';
import { literal, qualified, quoted } from '../identifier.js';
import { leftoverName, swapObstacle } from './swap.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** Where a row stands in the snapshot: of shadows that will be merged, so that refused rows can be isolated. */
export const PLACE = 'qianzhi_place';

/** Name of the table that takes the parts of a snapshot, not quoted; beside the target. */
export function shadowName({ exchange, spec, database }: Writing, supplier: string): string {
  return ownName('shadow', exchange, database, spec.table, supplier);
}

/**
 * Makes an empty table with the target's own columns, indexes and checks, so that bad rows are refused part by part. Where it
 * cannot come to replace the target its rows get a place. DDL: call it outside of a transaction.
 */
export async function createShadow(
  work: Work,
  writing: Writing,
  target: Target,
  name: string,
): Promise<void> {
  const shadow = qualified(writing.database, name);
  await work.run(`DROP TABLE IF EXISTS ${shadow}, ${qualified(writing.database, leftoverName(writing))}`);
  await work.run(`CREATE TABLE ${shadow} LIKE ${target.name}`);
  if ((await swapObstacle(work, writing, target)) === undefined) return;
  const filled = new Set(target.columns.map(({ column }) => column.name));
  // an empty table is altered in no time; columns that nobody fills may be required
  const others = target.table.columns.filter(
    ({ name: column, generated }) => !filled.has(column) && !generated,
  );
  const loose = others.map(({ name: column, nativeType, charset, collation }) => {
    const text = charset === null ? '' : ` CHARACTER SET ${charset} COLLATE ${collation}`;
    return `MODIFY ${quoted(column)} ${nativeType}${text} NULL`;
  });
  await work.run(
    `ALTER TABLE ${shadow} ADD COLUMN ${PLACE} BIGINT UNSIGNED NULL, ADD KEY ${PLACE} (${PLACE})${loose.map((each) => `, ${each}`).join('')}`,
  );
}

export interface ShadowState {
  /** Its columns are those of the target as it is now. */
  readonly fits: boolean;
  /** It has all that the target has, and may come to replace it. */
  readonly whole: boolean;
}

/** Undefined where the shadow is not there. */
export async function shadowState(
  work: Work,
  database: string,
  target: Target,
  name: string,
): Promise<ShadowState | undefined> {
  const table = await describeTable(work.session, database, name, work.signal);
  if (!table) return undefined;
  const types = new Map(
    table.columns.map((column) => [column.name, `${column.nativeType} ${column.collation}`]),
  );
  return {
    fits: target.columns.every(
      ({ column }) => types.get(column.name) === `${column.nativeType} ${column.collation}`,
    ),
    whole: !types.has(PLACE),
  };
}

export async function countOf(work: Work, table: string): Promise<number> {
  const { rows } = await work.run(`SELECT COUNT(*) AS held FROM ${table}`);
  return Number(rows[0]?.['held']);
}

export async function tableExists(work: Work, database: string, name: string): Promise<boolean> {
  const { rows } = await work.run(
    `SELECT 1 AS found FROM information_schema.tables WHERE table_schema = ${literal(database)} AND table_name = ${literal(name)}`,
  );
  return rows.length > 0;
}
