import { type CopyStretch, condition } from '@qianzhi/sql-kit';
import type { CopiedRows } from '../connection/copy-framer.js';
import { type CopyOptions, copyOut } from '../connection/copy-out.js';
import type { Session } from '../connection/session.js';
import { finishRows } from './finish.js';
import { type OrderTerm, orderBy } from './order.js';
import { selectList } from './projection.js';
import type { Reading } from './reading.js';

/** A block's worth of a walk through a table; `release` is undefined where `bytes` share their memory with another stretch. */
export interface Stretch extends CopyStretch {
  readonly bytes: Buffer;
}

/** The table's rows under some conditions, as COPY; `tail` is ORDER BY and LIMIT. */
export function copyStatement(reading: Reading, conditions: readonly string[], tail: string): string {
  const { order, orderFields, from, projection } = reading;
  const prefix = order && !orderFields ? order.terms.map((term) => term.name) : [];
  const list = [...prefix, selectList(projection, 'S')].join(', ');
  const where = conditions.length > 0 ? conditions.join(' AND ') : 'true';
  return `COPY (SELECT ${list} FROM ${from} WHERE ${where}${condition(reading)} ${tail}) TO STDOUT`;
}

/** Makes a stretch of rows that such a statement gave. */
export function stretchOf(reading: Reading, copied: CopiedRows): Stretch {
  const { order, orderFields } = reading;
  const form = {
    projection: reading.projection,
    checksText: reading.checksText,
    prefix: order && !orderFields ? order.terms.length : 0,
    wanted: (order && orderFields) ?? [],
  };
  const finished = finishRows(copied, form);
  return { ...finished, last: order ? finished.last : undefined, release: copied.release };
}

export async function* copyStretches(
  reading: Reading,
  session: Session,
  sql: string,
  options: CopyOptions,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  for await (const copied of copyOut(session, sql, options, signal)) yield stretchOf(reading, copied);
}

/** Rows of op U in the order of `terms`, whose values come before each row; `most` of them, where there is such a number. */
export function changedRows(
  reading: Reading,
  terms: readonly OrderTerm[],
  conditions: readonly string[],
  most = Number.POSITIVE_INFINITY,
  lock = '',
): string {
  const list = [...terms.map((each) => each.name), selectList(reading.projection, 'U')].join(', ');
  const limit = Number.isFinite(most) ? ` LIMIT ${most}` : '';
  return `COPY (SELECT ${list} FROM ${reading.from} WHERE ${conditions.join(' AND ')}${condition(reading)} ${orderBy(terms)}${limit}${lock}) TO STDOUT`;
}
