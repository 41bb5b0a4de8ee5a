import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { rowOffsets } from '@qianzhi/rows';
import {
  carriesOf,
  type GoingPlace,
  openWindow,
  WINDOW_ROWS,
  type Window,
  walkIncrement,
} from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import { after, orderBy } from './order.js';
import { note, type Reading } from './reading.js';
import type { EncodedRows } from './row-encoder.js';
import { encodedRows, formOf, selectStatement } from './statement.js';
import { NO_TIME, timeSql, type WatermarkColumn } from './watermark-column.js';

/** Reads one increment. */
export async function* readIncrement(
  reading: Reading,
  column: WatermarkColumn,
  place: GoingPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const window = openWindow(place.seen, reading.projection.keyFields);
  const stretches = windowStretches(reading, column, place, window, limits, signal);
  const { strategy, table } = reading;
  yield* walkIncrement({ strategy, place, ties: column.ties, window, stretches }, limits);
  note(reading, 'overlap-too-full', window.overflow, { table: table.name, remembered: WINDOW_ROWS });
}

/**
 * The rows from the place's lower end to its upper one, in the order of their time, without those that `window` knows.
 */
export async function* windowStretches(
  reading: Reading,
  { terms, term, ties }: WatermarkColumn,
  place: GoingPlace,
  window: Window,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<EncodedRows> {
  const { going, lower } = place;
  const carries = carriesOf(place, window);
  const form = { ...formOf(reading, terms, 'U'), firsts: true };
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  let key = place.after;
  while (left > 0) {
    const most = ties ? left : Math.min(left, reading.spec.chunkRows);
    const conditions = [
      `${term.name} <= ${timeSql(going.upTo)}`,
      `${term.name} >= ${lower === null ? NO_TIME : timeSql(lower)}`,
      ...(key ? [`(${after(terms, key)})`] : []),
    ];
    const limit = Number.isFinite(most) ? ` LIMIT ${most}` : '';
    const sql = selectStatement(reading, terms, conditions, `${orderBy(terms)}${limit}`);
    let taken = 0;
    const session: Session = await reading.sessions.take(signal);
    try {
      for await (const block of encodedRows(session, sql, form, limits.blockBytes, {}, signal)) {
        taken += block.taken;
        key = block.last;
        yield filtered(block, carries);
      }
    } finally {
      await reading.sessions.give(session);
    }
    if (taken < most) return;
    left -= taken;
  }
}

/** Squeezes out, in place, the rows that are not to be carried; `firsts` are their times. */
function filtered(block: EncodedRows, carries: (time: string, row: Uint8Array) => boolean): EncodedRows {
  const { bytes, firsts } = block;
  const offsets = rowOffsets(bytes);
  let out = 0;
  let rows = 0;
  for (let row = 0; row < block.rows; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (!carries(firsts[row] ?? '', bytes.subarray(start, end))) continue;
    bytes.copyWithin(out, start, end);
    out += end - start;
    rows++;
  }
  return { ...block, bytes: bytes.subarray(0, out), rows };
}
