import type { ReadLimits } from '@qianzhi/plugin-api';
import type { TableCopy } from '@qianzhi/sql-kit';
import { postgresErrors } from '../errors.js';
import { readChunks } from './chunks.js';
import type { Key, Order } from './order.js';
import { readRanges, splitByKey } from './ranges.js';
import type { Reading } from './reading.js';
import type { Stretch } from './stretch.js';
import { isUntranslatable } from './untranslatable.js';
import { readAsOfOneMoment } from './whole.js';

/** The whole table: by key, or as of one moment. */
export function tableCopy(reading: Reading): TableCopy {
  return {
    order: resumableOrder(reading)?.terms.map((term) => term.column.name) ?? [],
    stretches: (start, limits, signal) => stretches(reading, start, limits, signal),
  };
}

function stretches(
  reading: Reading,
  start: Key | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const order = resumableOrder(reading);
  if (!order) return readAsOfOneMoment(reading, limits, signal);
  const sideBySide = reading.spec.parallel > 1 && order.total && limits.maxRows === undefined;
  return sideBySide
    ? readSideBySide(reading, order, start, limits, signal)
    : readChunks(reading, order, start, limits, signal);
}

async function* readSideBySide(
  reading: Reading,
  order: Order,
  start: Key | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const sessions = [];
  let last = start;
  try {
    while (sessions.length < reading.spec.parallel) sessions.push(await reading.sessions.take(signal));
    const { next, measured } = splitByKey(reading, order, start, signal);
    for await (const stretch of readRanges(reading, sessions, next, limits, signal)) {
      measured(stretch);
      last = stretch.last ?? last;
      yield stretch;
    }
    return;
  } catch (error) {
    if (!isUntranslatable(error)) throw error;
  } finally {
    for (const session of sessions) await reading.sessions.give(session);
  }
  // such rows are rejected one by one, in order
  yield* readChunks(reading, order, last, limits, signal);
}

/** The order in which a walk can go on; undefined where the whole must be read at once. */
function resumableOrder({ order, spec }: Reading): Order | undefined {
  return spec.consistency === 'transaction' ? undefined : order;
}

/** A view's order must be readable from its rows, because rows of one key are kept together. */
export function requireTies({ order, orderFields, table }: Reading): void {
  if (!order || order.total || orderFields) return;
  const problem = {
    zh: '主键项与列的类型不同,或排在不限长度的列之后',
    en: 'a key item is of another type than its column, or stands behind a column of any length',
  };
  throw postgresErrors.NO_ORDER({ table: table.name, problem });
}
