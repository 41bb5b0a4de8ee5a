import { keyColumnsSql } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { literal, qualified, quoted } from '../identifier.js';
import { trying } from './refusal.js';
import type { Target } from './target.js';
import type { Work } from './writing.js';

export interface IndexCopy {
  readonly name: string;
  readonly unique: boolean;
  /** Key columns in order; null for an expression. */
  readonly columns: readonly (string | null)[];
  readonly partial: boolean;
  /** The same for indexes that do the same, whatever their names. */
  readonly definition: string;
  /** DDL of the same index on another table; `name` not quoted. */
  build(table: string, name: string): string;
}

/** Indexes of a table, by definition. `table` is an oid or a quoted name. */
export async function readIndexes(work: Work, table: string): Promise<IndexCopy[]> {
  const { rows } = await work.run(
    `SELECT d.*, concat_ws(' ', d.is_primary, d.only_one, d.contype, d.tail) AS definition
     FROM (SELECT c.relname AS name, i.indisprimary AS is_primary, i.indisunique AS only_one, k.contype,
         i.indisunique OR coalesce(k.contype = 'x', false) AS is_unique, i.indpred IS NOT NULL AS partial,
         regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid), '^.*? USING ', 'USING ') AS tail,
         CASE WHEN k.contype IN ('p', 'u', 'x') THEN pg_catalog.pg_get_constraintdef(k.oid) END AS rule,
         ${keyColumnsSql('i')} AS columns
       FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
       WHERE i.indrelid = $1::regclass) d ORDER BY definition, d.name`,
    [table],
  );
  return rows.map((row) => {
    const unique = row['is_unique'] === 't';
    const rule = row['rule'];
    return {
      name: row['name']!,
      unique,
      columns: JSON.parse(row['columns'] ?? '[]') as (string | null)[],
      partial: row['partial'] === 't',
      definition: row['definition']!,
      build: (on, name) =>
        rule
          ? `ALTER TABLE ${on} ADD CONSTRAINT ${quoted(name)} ${rule}`
          : `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoted(name)} ON ${on} ${row['tail']}`,
    };
  });
}

/** Whether the index can refuse only rows whose whole key is there already. */
export function keyLike({ unique, columns, partial }: IndexCopy, { keys }: Target): boolean {
  const names = keys.map(({ column }) => column.name);
  return unique && !partial && [...columns].sort().join('\0') === names.sort().join('\0');
}

const SAVEPOINT = 'qianzhi_key';
const AT_ONCE = 10_000;

/**
 * Gives the shadow the key of its target, the primary key's own way with `whole`. Rows whose key is there already are given to
 * `onDuplicate` by their place, all but the first, and deleted.
 */
export async function buildKey(
  work: Work,
  target: Target,
  shadow: string,
  name: string,
  whole: boolean,
  onDuplicate: (place: string) => Promise<void>,
): Promise<void> {
  const keys = target.keys.map((key) => key.name).join(', ');
  if (keys === '') return;
  const alike = whole
    ? (await readIndexes(work, target.table.oid)).filter((index) => keyLike(index, target))
    : [];
  const builds = alike.map((index, at) => index.build(shadow, `${name}_k${at}`));
  if (builds.length === 0) builds.push(`CREATE UNIQUE INDEX ${quoted(`${name}_k`)} ON ${shadow} (${keys})`);
  const build = () => trying(work.session, target.itemOf, (query) => query(builds.join('; ')), work.signal);
  await work.run(`SAVEPOINT ${SAVEPOINT}`);
  for (;;) {
    const built = await build();
    if (!('failure' in built)) break;
    await work.run(`ROLLBACK TO ${SAVEPOINT}`);
    const places = await duplicates(work, shadow, keys);
    if (places.length === 0) {
      const { reason } = built.failure.refusal;
      throw postgresErrors.TARGET_UNFIT({
        table: target.table.name,
        problem: { zh: `主键索引不能建立(${reason})`, en: `its key cannot be built (${reason})` },
      });
    }
    for (const place of places) await onDuplicate(place);
    await work.run(`DELETE FROM ${shadow} WHERE ctid = ANY ($1::tid[])`, [places]);
    // what was deleted stays so when the next build fails
    await work.run(`RELEASE ${SAVEPOINT}; SAVEPOINT ${SAVEPOINT}`);
  }
  await work.run(`RELEASE ${SAVEPOINT}`);
}

/** All but the first of each key: parts side by side lie among each other, so the older transaction comes first. */
async function duplicates(work: Work, shadow: string, keys: string): Promise<string[]> {
  const { rows } = await work.run(
    `SELECT d.place FROM (SELECT ctid AS place, row_number() OVER (PARTITION BY ${keys} ORDER BY age(xmin) DESC, ctid) AS nth FROM ${shadow}) d
     WHERE d.nth > 1 ORDER BY d.place LIMIT ${AT_ONCE}`,
  );
  return rows.map((row) => row['place']!);
}

/** Builds what the shadow still lacks of its target's indexes. Those that can refuse rows are there. */
export async function buildOthers(work: Work, target: Target, shadow: string, name: string): Promise<void> {
  const indexes = (await readIndexes(work, target.table.oid)).filter((index) => !index.unique);
  const builds = indexes.map((index, at) => index.build(shadow, `${name}_i${at}`));
  if (builds.length > 0) await work.run(builds.join('; '));
}

/** Statements that give the shadow's indexes the names of the target's; undefined where they are not alike. */
export async function indexRenames(
  work: Work,
  schema: string,
  oid: string,
  shadow: string,
): Promise<string[] | undefined> {
  const held = await readIndexes(work, oid);
  const made = await readIndexes(work, shadow);
  if (held.length !== made.length) return undefined;
  if (held.some(({ definition }, at) => definition !== made[at]!.definition)) return undefined;
  return made.map(
    ({ name }, at) => `ALTER INDEX ${qualified(schema, name)} RENAME TO ${quoted(held[at]!.name)}`,
  );
}

/** Whether two tables have the same checks, defaults and column settings. */
export async function alike(work: Work, oid: string, shadow: string): Promise<boolean> {
  const { rows } = await work.run(
    `SELECT ${likeness('$1::oid')} = ${likeness(`${literal(shadow)}::regclass`)} AS same`,
    [oid],
  );
  return rows[0]?.['same'] === 't';
}

function likeness(table: string): string {
  return `(SELECT concat(
    (SELECT string_agg(concat_ws(' ', k.conname, k.convalidated, pg_catalog.pg_get_constraintdef(k.oid)), ';' ORDER BY k.conname)
     FROM pg_catalog.pg_constraint k WHERE k.conrelid = ${table} AND k.contype = 'c'),
    (SELECT string_agg(concat_ws(' ', a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attcollation, a.attstorage,
       pg_catalog.row_to_json(a) ->> 'attcompression', pg_catalog.row_to_json(a) ->> 'attgenerated', pg_catalog.pg_get_expr(d.adbin, d.adrelid)), ';' ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = ${table} AND a.attnum > 0 AND NOT a.attisdropped)))`;
}
