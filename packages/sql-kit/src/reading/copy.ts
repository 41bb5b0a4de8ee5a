import type { ReadLimits } from '@qianzhi/plugin-api';
import type { TableCopy } from '../strategies/copy.js';
import { type Stretch, walk } from './chunks.js';
import type { Key } from './order.js';
import type { Reading } from './reading.js';

/**
 * The whole table. Chunks are resumed behind the last row; a table without an order, or one that is to be one moment, is
 * read in one piece.
 */
export function tableCopy(reading: Reading): TableCopy {
  const { order, spec } = reading;
  const moment = spec.consistency === 'transaction';
  return {
    order: order && !moment ? order.terms.map(({ column }) => column.name) : [],
    stretches: (start, limits, signal) => stretches(reading, moment, start, limits, signal),
  };
}

async function* stretches(
  reading: Reading,
  moment: boolean,
  start: Key | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const { order } = reading;
  const session = await reading.session(signal);
  const plan = { op: 'S', terms: order?.terms ?? [], total: order?.total ?? false } as const;
  if (moment) await session.begin('read', signal);
  try {
    yield* walk(reading, session, plan, start, limits, signal);
  } finally {
    if (moment) await session.rollback();
  }
}
