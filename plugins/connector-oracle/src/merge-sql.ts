import { type MergeRelations, mergeStatements, type SqlColumn } from '@qianzhi/sql-kit';
import { converted, isNational } from './expressions.js';

/** DECODE takes NULL for equal to NULL; LOBs it does not take. */
function differs({ large, baseType }: SqlColumn, left: string, right: string): string {
  if (!large && baseType !== 'blob') return `DECODE(${left}, ${right}, 0, 1) = 1`;
  return `(NVL(DBMS_LOB.COMPARE(${left}, ${right}), 1) <> 0 AND NOT (${left} IS NULL AND ${right} IS NULL))`;
}

/** Sessions compare text byte by byte. */
export const merging = mergeStatements({
  converted,
  sameKey: (_, left, right) => `${left} = ${right}`,
  differs,
});

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
