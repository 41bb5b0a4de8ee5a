import { condition, type TableCopy } from '@qianzhi/sql-kit';
import { whenFree } from '../file/pace.js';
import { after, type KeyPart } from './order.js';
import type { Reading } from './reading.js';
import { createSliceReader, type SliceQuery } from './slice.js';
import { walk } from './walk.js';

/** The whole table in key order. A walk cannot go on where a VACUUM renumbered the rowids it is ordered by. */
export async function tableCopy(reading: Reading, opening: AbortSignal): Promise<TableCopy> {
  const { db, order, projection, about, busyTimeoutMs } = reading;
  const query = (key: readonly KeyPart[] | undefined): SliceQuery => {
    const behind = key ? after(order.terms, key) : { sql: '1', values: [] };
    return {
      body: `FROM ${reading.from} WHERE (${behind.sql})${condition(reading)} ORDER BY ${order.terms.join(', ')}`,
      values: behind.values,
      terms: order.terms,
      ties: !order.total,
    };
  };
  return {
    order: order.movedByVacuum ? [...order.terms, await schemaVersion(reading, opening)] : order.terms,
    stretches(start, limits, signal) {
      const reader = createSliceReader(db, projection, 'S', about, busyTimeoutMs);
      return walk(reader, query, start, limits, about.doing, signal);
    },
  };
}

/** VACUUM raises it, as every change of the schema does. */
function schemaVersion({ db, about, busyTimeoutMs }: Reading, signal: AbortSignal): Promise<string> {
  return whenFree(() => String(db.pragma('schema_version', { simple: true })), about, busyTimeoutMs, signal);
}
