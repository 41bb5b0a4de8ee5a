import { familyOf } from '../native-type.js';
import type { Target, TargetColumn } from './target.js';

/** Rows of a relation, as `s`, under a condition. */
export interface RowsFrom {
  readonly relation: string;
  readonly where: string;
}

export function columnList(target: Target, alias?: string): string {
  return target.columns.map(({ name }) => (alias ? `${alias}.${name}` : name)).join(', ');
}

/** Same key, byte by byte: the first half is for the index, under whatever collation it has. */
export function sameKey(target: Target, left: string, right: string): string {
  return target.keys
    .flatMap(({ name, column }) => {
      const equal = `${left}.${name} = ${right}.${name}`;
      return column.charset === null
        ? [equal]
        : [equal, `${bytesOf(`${left}.${name}`)} = ${bytesOf(`${right}.${name}`)}`];
    })
    .join(' AND ');
}

/** The operator BINARY is deprecated in MySQL 8, and each use of it a warning. */
function bytesOf(text: string): string {
  return `CAST(${text} AS BINARY)`;
}

/** Deletes the target's rows with the keys of such rows. */
export function deleteSql(target: Target, { relation, where }: RowsFrom, unless = 'false'): string {
  return `DELETE t FROM ${relation} s STRAIGHT_JOIN ${target.name} t ON ${sameKey(target, 't', 's')} WHERE ${where} AND NOT (${unless})`;
}

/** Changes rows that are there and differ; undefined where only keys are written. Equal rows are not touched. */
export function updateSql(target: Target, { relation, where }: RowsFrom): string | undefined {
  const values = target.columns.filter((column) => !target.keys.includes(column));
  if (values.length === 0) return undefined;
  const set = values.map(({ name }) => `t.${name} = s.${name}`).join(', ');
  const differ = values.map((column) => `NOT (${same(column, 't', 's')})`).join(' OR ');
  return `UPDATE ${relation} s STRAIGHT_JOIN ${target.name} t ON ${sameKey(target, 't', 's')} SET ${set} WHERE ${where} AND (${differ})`;
}

/** Adds rows whose key is not there. A key that only the collation takes for another one is refused by the index. */
export function insertSql(target: Target, { relation, where }: RowsFrom): string {
  const into = `INSERT INTO ${target.name} (${columnList(target)}) SELECT ${columnList(target, 's')} FROM ${relation} s`;
  if (target.keys.length === 0) return `${into} WHERE ${where}`;
  return `${into} LEFT JOIN ${target.name} t ON ${sameKey(target, 't', 's')} WHERE ${where} AND t.${target.keys[0]!.name} IS NULL`;
}

/** Whether two values are the same to a reader, whatever the type takes for equal. */
function same({ column, name }: TargetColumn, left: string, right: string): string {
  const [l, r] = [`${left}.${name}`, `${right}.${name}`].map((value) => {
    // zeros of either sign are equal, their spellings are not
    if (familyOf(column) === 'float') return `CONCAT(${value} + 0e0)`;
    if (column.baseType === 'json') return bytesOf(`CAST(${value} AS CHAR)`);
    return column.charset === null ? value : bytesOf(value);
  });
  return `${l} <=> ${r}`;
}
