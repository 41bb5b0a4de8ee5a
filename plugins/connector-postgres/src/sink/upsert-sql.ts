import type { Features } from '../connection/features.js';
import { familyOf } from '../native-type.js';
import type { RawQuery } from './refusal.js';
import type { Target, TargetColumn } from './target.js';

/** Rows to merge: a relation with the target's columns, as `s`, and a condition on it. */
export interface MergeFrom {
  readonly relation: string;
  readonly where?: string;
}

export function columnList(target: Target, alias?: string): string {
  return target.columns.map(({ name }) => (alias ? `${alias}.${name}` : name)).join(', ');
}

export function sameKey(target: Target, left: string, right: string): string {
  return target.keys.map(({ name }) => `${left}.${name} = ${right}.${name}`).join(' AND ');
}

/** Inserts rows that are not there and changes those that differ. Equal rows are neither locked nor written. */
export async function upsert(
  query: RawQuery,
  target: Target,
  from: MergeFrom,
  { onConflict }: Pick<Features, 'onConflict'>,
): Promise<{ readonly inserted: number; readonly updated: number }> {
  if (!onConflict) return updateThenInsert(query, target, from);
  const { steps, answer } = mergeSql(target, from);
  const found = (await query(`WITH ${steps} ${answer}`)).rows[0]!;
  const inserted = Number(found['inserted']);
  return { inserted, updated: Number(found['written']) - inserted };
}

/** Nobody else may insert between the two: readers are not held up. */
async function updateThenInsert(query: RawQuery, target: Target, { relation, where = 'true' }: MergeFrom) {
  const { name, keys, columns, overriding } = target;
  const values = columns.filter((column) => !keys.includes(column));
  await query(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`);
  let updated = 0;
  if (keys.length > 0 && values.length > 0) {
    const set = values.map((column) => `${column.name} = s.${column.name}`).join(', ');
    const changed = values.map((column) => differs(column, 't', 's')).join(' OR ');
    const sql = `UPDATE ${name} t SET ${set} FROM ${relation} s WHERE ${where} AND ${sameKey(target, 't', 's')} AND (${changed})`;
    updated = (await query(sql)).count;
  }
  const absent =
    keys.length === 0 ? '' : ` AND NOT EXISTS (SELECT 1 FROM ${name} t WHERE ${sameKey(target, 't', 's')})`;
  const insert = `INSERT INTO ${name} (${columnList(target)})${overriding ? ' OVERRIDING SYSTEM VALUE' : ''}`;
  const { count } = await query(
    `${insert} SELECT ${columnList(target, 's')} FROM ${relation} s WHERE ${where}${absent}`,
  );
  return { inserted: count, updated };
}

/** A merge as parts of one statement: what follows WITH, and the SELECT of `inserted` and `written`. */
export interface MergeSql {
  readonly steps: string;
  readonly answer: string;
}

/**
 * Equal rows are found by the join, before ON CONFLICT would lock them; it stays for rows that someone else inserts
 * meanwhile.
 */
export function mergeSql(target: Target, { relation, where = 'true' }: MergeFrom): MergeSql {
  const { name, keys, columns, overriding } = target;
  const insert = `INSERT INTO ${name} AS t (${columnList(target)})${overriding ? ' OVERRIDING SYSTEM VALUE' : ''}`;
  if (keys.length === 0) {
    const written = `${insert} SELECT ${columnList(target, 's')} FROM ${relation} s WHERE ${where} RETURNING 1`;
    return {
      steps: `written AS (${written})`,
      answer: 'SELECT count(*) AS inserted, count(*) AS written FROM written',
    };
  }
  const values = columns.filter((column) => !keys.includes(column));
  const changed = values.map((column) => differs(column, 'h', 's'));
  const set = values.map((column) => `${column.name} = excluded.${column.name}`);
  const held = `h.${keys[0]!.name} IS NULL`;
  const coming = `FROM ${relation} s LEFT JOIN ${name} h ON ${sameKey(target, 'h', 's')} WHERE ${where} AND (${[held, ...changed].join(' OR ')})`;
  const conflict = `ON CONFLICT (${keys.map((key) => key.name).join(', ')}) DO ${set.length > 0 ? `UPDATE SET ${set.join(', ')}` : 'NOTHING'}`;
  if (target.table.kind === 'partitioned') {
    // its rows give no xmax: those that are new are told by the join, which has to be kept for that
    return {
      steps: `coming AS (SELECT ${columnList(target, 's')}, ${held} AS qianzhi_fresh ${coming}),
  written AS (${insert} SELECT ${columnList(target)} FROM coming ${conflict} RETURNING 1)`,
      answer:
        'SELECT least((SELECT count(*) FROM coming WHERE qianzhi_fresh), count(*)) AS inserted, count(*) AS written FROM written',
    };
  }
  return {
    steps: `written AS (${insert} SELECT ${columnList(target, 's')} ${coming} ${conflict} RETURNING t.xmax = 0 AS fresh)`,
    answer: 'SELECT count(*) FILTER (WHERE fresh) AS inserted, count(*) AS written FROM written',
  };
}

/** Whether two values differ in what a reader would see, whatever the type takes for equal. */
function differs({ column, name }: TargetColumn, left: string, right: string): string {
  const [l, r] = [`${left}.${name}`, `${right}.${name}`].map((value) => {
    switch (familyOf(column)) {
      case 'text':
        return column.baseType === 'text' || column.baseType === 'varchar'
          ? `${value} COLLATE "C"`
          : `${value}::text COLLATE "C"`;
      case 'char':
        // blanks at the end count for nothing, and only without a length can there be more or fewer of them
        return column.typmod >= 4 ? `${value} COLLATE "C"` : `pg_catalog.bpcharsend(${value})`;
      case 'decimal':
        return column.typmod >= 4 ? value : `pg_catalog.numeric_send(${value})`;
      case 'float':
        return `pg_catalog.${column.baseType}send(${value})`;
      case 'other':
        return column.isEnum || column.baseType === 'uuid' ? value : `${value}::text COLLATE "C"`;
      default:
        return value;
    }
  });
  return `${l} IS DISTINCT FROM ${r}`;
}

/** Deletes the rows that staged D rows name; with `unless` only where it does not hold. */
export function deleteSql(target: Target, staging: string, unless = 'false'): string {
  return `DELETE FROM ${target.name} t USING ${staging} s WHERE s.qianzhi_op = 'D' AND ${sameKey(target, 't', 's')} AND NOT (${unless})`;
}
