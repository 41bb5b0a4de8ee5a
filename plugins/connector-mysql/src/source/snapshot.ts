import type { ReadLimits } from '@qianzhi/plugin-api';
import type { TableCopy } from '@qianzhi/sql-kit';
import { readChunks, readSideBySide } from './chunks.js';
import { type Key, type Order, orderBy } from './order.js';
import type { Reading } from './reading.js';
import { encodedRows, formOf, type Stretch, selectStatement } from './statement.js';

/** The whole table: by key, where that goes on after an interruption, else as of one moment. */
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
  const sideBySide = reading.spec.parallel > 1 && limits.maxRows === undefined;
  return sideBySide
    ? readSideBySide(reading, order, start, limits, signal)
    : readChunks(reading, order, start, limits, signal);
}

/**
 * The whole table as of one moment, in one statement of a consistent-snapshot transaction. It cannot be resumed: whoever
 * goes on starts over.
 */
async function* readAsOfOneMoment(
  reading: Reading,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const session = await reading.sessions.take(signal);
  let done = false;
  try {
    await session.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ', signal);
    await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY', signal);
    // a whole table must end some day even if nobody takes its rows
    await session.query(`SET SESSION ${session.flavour.statementLimit(WHOLE_TABLE_MS)}`, signal);
    const tail = limits.maxRows === undefined ? '' : `LIMIT ${limits.maxRows}`;
    const terms = reading.order?.total ? reading.order.terms : [];
    const sql = selectStatement(reading, [], [], `${terms.length > 0 ? orderBy(terms) : ''} ${tail}`);
    const form = formOf(reading, [], 'S');
    for await (const stretch of encodedRows(session, sql, form, limits.blockBytes, {}, signal)) {
      yield { ...stretch, last: undefined };
    }
    done = true;
  } finally {
    // its settings are of no use to anybody else
    if (!done) session.abandon();
    await session.close();
  }
}

const WHOLE_TABLE_MS = 86_400_000;

/** The order in which a walk can go on; undefined where the whole must be read at once. */
function resumableOrder({ order, spec }: Reading): Order | undefined {
  return spec.consistency === 'transaction' || !order?.total ? undefined : order;
}
