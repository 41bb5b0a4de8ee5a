import { isQianzhiError } from '@qianzhi/model';
import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf } from '@qianzhi/rows';
import { condition } from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import { type Key, type OrderTerm, orderBy, same } from './order.js';
import type { ProjectedItem } from './projection.js';
import type { Reading } from './reading.js';

export function isUntranslatable(error: unknown): boolean {
  return isQianzhiError(error, 'QZ_POSTGRES_UNTRANSLATABLE');
}

/**
 * A text that the server cannot turn into UTF-8 ends the whole statement. This looks at the row it stopped before,
 * value by value, and answers its place and a rejection that names the item. Undefined where the row can be read after
 * all, because it was changed meanwhile. Throws UNTRANSLATABLE where the text is in the key itself.
 */
export async function findUntranslatable(
  reading: Reading,
  terms: readonly OrderTerm[],
  conditions: readonly string[],
  op: 'S' | 'U',
  signal: AbortSignal,
): Promise<{ readonly key: Key; readonly rejection: RowRejection } | undefined> {
  return reading.sessions.use(signal, async (session) => {
    const names = terms.map((term, at) => `${term.name}::text AS k${at}`).join(', ');
    const where = [...conditions, 'true'].join(' AND ');
    const { rows } = await session.query(
      `SELECT ${names} FROM ${reading.from} WHERE ${where}${condition(reading)} ${orderBy(terms)} LIMIT 1`,
      [],
      signal,
    );
    const found = rows[0];
    if (!found) return undefined;
    const key = terms.map((_, at) => found[`k${at}`] ?? null);
    const rejection = await judge(reading, session, same(terms, key), op, signal);
    return rejection && { key, rejection };
  });
}

async function judge(
  reading: Reading,
  session: Session,
  place: string,
  op: 'S' | 'U',
  signal: AbortSignal,
): Promise<RowRejection | undefined> {
  const { items, keyFields } = reading.projection;
  const writer = createRowWriter(1024);
  let bad: string | undefined;
  writer.begin(op);
  for (const each of items) {
    try {
      writer.text(await valueAt(reading, session, place, each, signal));
    } catch (error) {
      if (!isUntranslatable(error)) throw error;
      bad ??= each.item.column;
      writer.null();
    }
  }
  writer.end();
  if (bad === undefined) return undefined;
  const bytes = writer.take();
  const key = keyFields.length > 0 ? { key: Buffer.from(keyOf(bytes, keyFields)) } : {};
  return { row: 0, op, item: bad, reason: 'invalid-utf8', bytes, ...key };
}

async function valueAt(
  reading: Reading,
  session: Session,
  place: string,
  each: ProjectedItem,
  signal: AbortSignal,
): Promise<string | null> {
  const { sql, respell } = each.expression();
  const statement = `SELECT ${sql} AS value FROM ${reading.from} WHERE ${place}${condition(reading)} LIMIT 1`;
  const { rows } = await session.query(statement, [], signal);
  const value = rows[0]?.value ?? null;
  return value !== null && respell ? respell(value) : value;
}
