import type { MergeRelations, SqlColumn, StagedColumn } from '@qianzhi/sql-kit';
import { converted, isNational } from './expressions.js';

function value({ column, staged }: StagedColumn): string {
  return converted(column, `s.${staged}`);
}

function sameKey({ keys }: MergeRelations): string {
  return keys.map((key) => `t.${key.name} = ${value(key)}`).join(' AND ');
}

/** DECODE takes NULL for equal to NULL; LOBs it does not take. */
function differs({ large, baseType }: SqlColumn, left: string, right: string): string {
  if (!large && baseType !== 'blob') return `DECODE(${left}, ${right}, 0, 1) = 1`;
  return `(NVL(DBMS_LOB.COMPARE(${left}, ${right}), 1) <> 0 AND NOT (${left} IS NULL AND ${right} IS NULL))`;
}

export function deleteStaged(merge: MergeRelations): string {
  return `DELETE FROM ${merge.target} t WHERE EXISTS (SELECT 1 FROM ${merge.staged} s WHERE ${merge.where} AND ${sameKey(merge)})`;
}

export function deleteMissing(merge: MergeRelations): string {
  return `DELETE FROM ${merge.target} t WHERE NOT EXISTS (SELECT 1 FROM ${merge.staged} s WHERE ${sameKey(merge)})`;
}

/** Updates alone: one MERGE for both would not tell how many rows were inserted. */
export function update(merge: MergeRelations): string {
  const named = merge.columns.map((each, at) => ({ ...each, as: `v${at}` }));
  const isKey = ({ name }: StagedColumn) => merge.keys.some((key) => key.name === name);
  const values = named.filter((each) => !isKey(each));
  const on = named.filter(isKey).map((each) => `t.${each.name} = v.${each.as}`);
  const set = values.map((each) => `t.${each.name} = v.${each.as}`);
  const changed = values.map((each) => differs(each.column, `t.${each.name}`, `v.${each.as}`));
  const list = named.map((each) => `${value(each)} AS ${each.as}`);
  return `MERGE INTO ${merge.target} t USING (SELECT ${list.join(', ')} FROM ${merge.staged} s WHERE ${merge.where}) v ON (${on.join(' AND ')}) WHEN MATCHED THEN UPDATE SET ${set.join(', ')} WHERE ${changed.join(' OR ')}`;
}

export function insert(merge: MergeRelations): string {
  const list = merge.columns.map(({ name }) => name).join(', ');
  const absent =
    merge.keys.length === 0
      ? ''
      : ` AND NOT EXISTS (SELECT 1 FROM ${merge.target} t WHERE ${sameKey(merge)})`;
  return `INSERT INTO ${merge.target} (${list}) SELECT ${merge.columns.map(value).join(', ')} FROM ${merge.staged} s WHERE ${merge.where}${absent}`;
}

/** Characters that the database's own character set does not have: it replaces them without a word. */
export function badRows(merge: MergeRelations): string | undefined {
  const checks = merge.columns.flatMap(({ column, staged }, at) => {
    if (isNational(column) || (column.family !== 'text' && column.family !== 'char')) return [];
    const text = `s.${staged}`;
    const lost =
      column.baseType === 'clob'
        ? `DBMS_LOB.COMPARE(TO_NCLOB(TO_CLOB(${text})), ${text}) <> 0`
        : `TO_NCHAR(TO_CHAR(${text})) <> ${text}`;
    return [
      `SELECT s.qianzhi_row, ${at}, 'untranslatable' FROM ${merge.staged} s WHERE ${lost} AND ${merge.where}`,
    ];
  });
  return checks.length === 0 ? undefined : checks.join(' UNION ALL ');
}
