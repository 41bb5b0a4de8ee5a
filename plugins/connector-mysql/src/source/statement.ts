import type { RowOp } from '@qianzhi/rows';
import { type CopyStretch, condition } from '@qianzhi/sql-kit';
import { type ReadOptions, readRows } from '../connection/read-rows.js';
import type { Session } from '../connection/session.js';
import { type OrderTerm, partSql } from './order.js';
import { expressionsOf } from './projection.js';
import type { Reading } from './reading.js';
import { createRowEncoder, type EncodedRows, type RowForm } from './row-encoder.js';

/** What a block of a walk stands for. */
export interface Stretch extends CopyStretch {
  readonly bytes: Buffer;
}

/** Rows of the table under some conditions; `tail` is ORDER BY and LIMIT. The terms' values come before the items'. */
export function selectStatement(
  reading: Reading,
  terms: readonly OrderTerm[],
  conditions: readonly string[],
  tail: string,
): string {
  const { projection, from } = reading;
  const sizes = projection.tooLarge();
  const list = [
    ...terms.map(partSql),
    ...(sizes ? [sizes] : []),
    ...expressionsOf(projection).map(({ sql }) => sql),
  ];
  const where = [...conditions, 'true'].join(' AND ');
  return `SELECT ${list.join(', ')} FROM ${from} WHERE ${where}${condition(reading)} ${tail}`;
}

/** How such a statement writes its rows. */
export function formOf(reading: Reading, terms: readonly OrderTerm[], op: RowOp): RowForm {
  const { projection } = reading;
  return {
    projection,
    spellings: expressionsOf(projection).map(({ spelling }) => spelling),
    prefix: terms.length,
    sizes: projection.tooLarge() !== undefined,
    op: () => op,
  };
}

/** Runs a statement of that form. */
export function encodedRows(
  session: Session,
  sql: string,
  form: RowForm,
  blockBytes: number,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<EncodedRows> {
  return readRows(session, sql, createRowEncoder(form, blockBytes), options, signal);
}
