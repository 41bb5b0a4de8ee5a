import { isolate, type RangeFailure, type Refusal, type Rejections } from '@qianzhi/sql-kit';
import { type RawQuery, trying } from './refusal.js';
import { columnList } from './row-sql.js';
import { itemText, STAGING, type Staging } from './staging.js';
import type { Target } from './target.js';
import type { Work } from './writing.js';

const SAVEPOINT = 'qianzhi_rows';

/**
 * Statements that bring staged rows with numbers under a condition into the table: values out of texts by strict SQL. `more`
 * are columns before the target's own, with their SQL.
 */
export function convertSql(
  target: Target,
  into: string,
  where: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const items = target.itemOf.size;
  const values = target.columns.map((column, at) => column.value(at < items ? itemText(at) : ''));
  const names = [...Object.keys(more), columnList(target)].join(', ');
  return `INSERT INTO ${into} (${names}) SELECT ${[...Object.values(more), ...values].join(', ')} FROM ${STAGING} WHERE ${where} ORDER BY qianzhi_row`;
}

/** Condition on staged rows by their number from 0; `to` is behind the last. */
export function numbered(from: number, to: number, alias = ''): string {
  return `${alias}qianzhi_row BETWEEN ${from + 1} AND ${to}`;
}

/**
 * Applies all staged rows, and alone those that the tables take: rows that are refused are isolated behind savepoints. Call it
 * inside a transaction.
 */
export async function applyRows(
  work: Work,
  target: Target,
  staging: Staging,
  rejections: Rejections,
  apply: (query: RawQuery, from: number, to: number) => Promise<void>,
): Promise<void> {
  await isolate(
    staging.rows,
    ({ from, to }) => behindSavepoint(work, target, from, (query) => apply(query, from, to)),
    (row, refusal) => rejections.row(staging.numberOf(row), refusal),
  );
}

/** Runs work that leaves no trace where a row is refused. */
export async function behindSavepoint(
  work: Work,
  target: Target,
  firstRow: number,
  body: (query: RawQuery) => Promise<void>,
): Promise<RangeFailure<Refusal> | undefined> {
  await work.run(`SAVEPOINT ${SAVEPOINT}`);
  const tried = await trying(work, target.itemOf, body);
  const failure = 'failure' in tried ? tried.failure : undefined;
  if (failure) await work.run(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
  return failure && { ...failure, row: failure.row === undefined ? undefined : firstRow + failure.row };
}

/** Tells the rows that were left out before they were sent. */
export async function rejectLeft(target: Target, staging: Staging, rejections: Rejections): Promise<void> {
  const items = [...target.itemOf.values()];
  for (const { row, field, reason } of staging.left) {
    await rejections.row(row, { item: items[field] ?? '*', reason });
  }
}
