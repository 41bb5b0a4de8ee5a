import { literal, oidOf, ownName, qualified, quoted } from '../identifier.js';
import { keyLike, readIndexes } from './shadow-indexes.js';
import { swapObstacles } from './swap.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** Stands as comment on a shadow that has all the target has, and may come to replace it. */
const WHOLE = 'qianzhi: whole';

export async function swapObstacle(
  work: Work,
  { mode, spec }: Writing,
  target: Target,
): Promise<string | undefined> {
  if (!work.session.features.swap) return 'the kind of database';
  if (mode === 'merge') return 'the exchange merges';
  if (spec.shared) return 'several suppliers';
  if (!target.covered) return 'columns outside the items';
  return (await swapObstacles(work, target.table.oid))[0];
}

/**
 * A logged table with the target's own columns and checks, so that bad rows are refused part by part. Where it may come to
 * replace the target it gets all that can be copied. Indexes wait for the last part, as one build costs a fraction of
 * the insertions; only unique ones beside the key are there from the start, to refuse their rows.
 */
export async function createShadow(
  work: Work,
  writing: Writing,
  target: Target,
  name: string,
): Promise<void> {
  const shadow = qualified(writing.schema, name);
  const whole = (await swapObstacle(work, writing, target)) === undefined;
  const including = ['CONSTRAINTS', 'STORAGE'];
  if (whole) {
    including.push('DEFAULTS', 'COMMENTS');
    if (work.session.version >= 120_000) including.push('GENERATED');
    if (work.session.version >= 140_000) including.push('COMPRESSION');
  }
  const like = including.map((what) => `INCLUDING ${what}`).join(' ');
  const statements = [
    `DROP TABLE IF EXISTS ${shadow}`,
    `CREATE TABLE ${shadow} (LIKE ${target.name} ${like})`,
  ];
  if (whole) {
    statements.push(`COMMENT ON TABLE ${shadow} IS ${literal(WHOLE)}`);
    const others = (await readIndexes(work, target.table.oid)).filter(
      (index) => index.unique && !keyLike(index, target),
    );
    statements.push(...others.map((index, at) => index.build(shadow, `${name}_u${at}`)));
  } else {
    const filled = new Set(target.columns.map(({ column }) => column.name));
    const others = target.table.columns.filter((column) => !filled.has(column.name));
    const drop = others.map((column) => `DROP COLUMN ${quoted(column.name)}`);
    if (drop.length > 0) statements.push(`ALTER TABLE ${shadow} ${drop.join(', ')}`);
  }
  await work.run(statements.join('; '));
}

/** Whether a shadow was made to be all that its target is. */
export async function isWhole(work: Work, shadow: string): Promise<boolean> {
  const { rows } = await work.run(
    `SELECT pg_catalog.obj_description($1::regclass::oid, 'pg_class') AS comment`,
    [shadow],
  );
  return rows[0]?.['comment'] === WHOLE;
}

/** Whether the shadow is there and its columns are those of the target as it is now. */
export async function sameShape(
  work: Work,
  { schema }: Pick<Writing, 'schema'>,
  target: Target,
  name: string,
): Promise<boolean> {
  const { rows } = await work.run(
    `SELECT count(*) AS same FROM pg_catalog.pg_attribute s JOIN pg_catalog.pg_attribute t ON t.attname = s.attname
     WHERE s.attrelid = ${oidOf(schema, name)} AND t.attrelid = $1 AND s.attnum > 0 AND s.attname = ANY ($2::name[])
       AND (s.atttypid, s.atttypmod, s.attcollation) = (t.atttypid, t.atttypmod, t.attcollation)`,
    [target.table.oid, target.columns.map(({ column }) => column.name)],
  );
  return Number(rows[0]!['same']) === target.columns.length;
}

/**
 * SQL of whether rows of two transactions go into the shadow without waiting for each other: a unique index would have
 * the later part wait, or refuse the row that came first.
 */
export function openToManySql({ schema }: Pick<Writing, 'schema'>, name: string): string {
  return `SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index WHERE indrelid = ${oidOf(schema, name)})`;
}

/** Name of the table that takes the parts of a snapshot, not quoted; beside the target. */
export function shadowName({ exchange, spec, schema }: Writing, supplier: string): string {
  return ownName('shadow', exchange, schema, spec.table, supplier);
}
