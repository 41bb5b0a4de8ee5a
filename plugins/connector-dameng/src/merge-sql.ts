import { mergeStatements, type SqlColumn } from '@qianzhi/sql-kit';
import { converted } from './expressions.js';

function isText({ family }: SqlColumn): boolean {
  return family === 'text' || family === 'char';
}

/** The bytes of a text: by default no comparison looks at blanks at the end, and in many databases none at case. */
function bytes({ family }: SqlColumn, sql: string): string {
  return `RAWTOHEX(${family === 'char' ? `RTRIM(${sql})` : sql})`;
}

/** The first comparison finds the row by its index, the second says whether it is the same key. */
function sameKey(column: SqlColumn, left: string, right: string): string {
  const equal = `${left} = ${right}`;
  return isText(column) ? `${equal} AND ${bytes(column, left)} = ${bytes(column, right)}` : equal;
}

/** Bytes are compared where the texts are equal to the database: for most rows of a copy, and for no others. */
function differs(column: SqlColumn, left: string, right: string): string {
  const nulls = `(${left} IS NULL AND ${right} IS NOT NULL) OR (${left} IS NOT NULL AND ${right} IS NULL)`;
  return `(${values(column, left, right)} OR ${nulls})`;
}

function values(column: SqlColumn, left: string, right: string): string {
  if (column.large) return `${isText(column) ? 'TEXT_EQUAL' : 'BLOB_EQUAL'}(${left}, ${right}) = 0`;
  const unequal = `${left} <> ${right}`;
  return isText(column) ? `${unequal} OR ${bytes(column, left)} <> ${bytes(column, right)}` : unequal;
}

export const merging = mergeStatements({ converted, sameKey, differs });
