import type { MergeRelations, SqlColumn, StagedColumn } from '@qianzhi/sql-kit';
import { converted, isNarrow } from './expressions.js';

function value({ column, staged }: StagedColumn): string {
  return converted(column, `s.${staged}`);
}

/** Text as its bytes: a collation takes A for a, and no comparison looks at blanks at the end. */
function exact({ family, baseType }: SqlColumn, sql: string, most: 'max' | 8000): string {
  if (family === 'char') return `CONVERT(varbinary(8000), RTRIM(${sql}))`;
  if (baseType === 'image') return `CONVERT(varbinary(max), ${sql})`;
  if (family !== 'text') return sql;
  const wide =
    baseType === 'ntext'
      ? `CONVERT(nvarchar(max), ${sql})`
      : baseType === 'text'
        ? `CONVERT(varchar(max), ${sql})`
        : sql;
  return `CONVERT(varbinary(${most}), ${wide})`;
}

/** The first comparison finds the row by its index, the second says whether it is the same key. */
function sameKey({ keys }: MergeRelations): string {
  return keys
    .flatMap((key) => {
      const { column } = key;
      const left = `t.${key.name}`;
      const text = column.family === 'text' || column.family === 'char';
      const bytes = text ? [`${exact(column, left, 8000)} = ${exact(column, value(key), 8000)}`] : [];
      return [`${left} = ${value(key)}`, ...bytes];
    })
    .join(' AND ');
}

export function deleteStaged(merge: MergeRelations): string {
  return `DELETE t FROM ${merge.target} t JOIN ${merge.staged} s ON ${sameKey(merge)} WHERE ${merge.where}`;
}

export function deleteMissing(merge: MergeRelations): string {
  return `DELETE t FROM ${merge.target} t WHERE NOT EXISTS (SELECT 1 FROM ${merge.staged} s WHERE ${sameKey(merge)})`;
}

/** EXCEPT compares row by row and takes NULL for equal to NULL. */
export function update(merge: MergeRelations): string {
  const values = merge.columns.filter((each) => !merge.keys.includes(each));
  const set = values.map((each) => `${each.name} = ${value(each)}`).join(', ');
  const held = values.map(({ column, name }) => exact(column, `t.${name}`, 'max')).join(', ');
  const coming = values.map((each) => exact(each.column, value(each), 'max')).join(', ');
  return `UPDATE t SET ${set} FROM ${merge.target} t JOIN ${merge.staged} s ON ${sameKey(merge)} WHERE ${merge.where} AND EXISTS (SELECT ${held} EXCEPT SELECT ${coming})`;
}

/** HOLDLOCK keeps the gap of an absent key closed until the commit: nobody else can insert it meanwhile. */
export function insert(merge: MergeRelations): string {
  const list = merge.columns.map(({ name }) => name).join(', ');
  const absent =
    merge.keys.length === 0
      ? ''
      : ` AND NOT EXISTS (SELECT 1 FROM ${merge.target} t WITH (UPDLOCK, HOLDLOCK) WHERE ${sameKey(merge)})`;
  return `INSERT INTO ${merge.target} (${list}) SELECT ${merge.columns.map(value).join(', ')} FROM ${merge.staged} s WHERE ${merge.where}${absent}`;
}

const BINARY = 'COLLATE Latin1_General_BIN2';

/**
 * One pass over the staged rows for what a conversion would refuse, because an error in a conversion ends the whole transaction, and
 * for characters that a code page does not have, because those the server replaces without a word.
 */
export function badRows(merge: MergeRelations): string | undefined {
  const checks = merge.columns.flatMap(({ column, staged }, at) => {
    const text = `s.${staged}`;
    if (isNarrow(column)) {
      const back = `CONVERT(nvarchar(max), ${converted(column, text)}) ${BINARY}`;
      return [`(${at}, 'untranslatable', CASE WHEN ${back} <> ${text} ${BINARY} THEN 1 END)`];
    }
    const reason = reasons[column.family];
    if (reason === undefined) return [];
    const misfit = `${text} IS NOT NULL AND ${converted(column, text, 'TRY_CONVERT')} IS NULL`;
    return [`(${at}, '${reason}', CASE WHEN ${misfit} THEN 1 END)`];
  });
  if (checks.length === 0) return undefined;
  return `SELECT s.qianzhi_row, x.place, x.reason FROM ${merge.staged} s CROSS APPLY (VALUES ${checks.join(', ')}) x(place, reason, bad) WHERE x.bad = 1 AND ${merge.where}`;
}

const reasons: Partial<Record<SqlColumn['family'], string>> = {
  integer: 'out-of-range',
  decimal: 'out-of-range',
  boolean: 'type',
  date: 'no-such-date',
  wall: 'no-such-date',
  instant: 'no-such-date',
  guid: 'type',
};
