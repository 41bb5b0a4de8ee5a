import { isQianzhiError } from '@qianzhi/model';
import type { ReadLimits } from '@qianzhi/plugin-api';
import { fieldValues, rowBefore } from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import { after, type Key, type Order, orderBy } from './order.js';
import type { Reading } from './reading.js';
import { copyStatement, copyStretches, type Stretch } from './stretch.js';
import { trailingTies } from './ties.js';
import { findUntranslatable, isUntranslatable } from './untranslatable.js';

/** Nobody takes rows for so long: the statement is given up, so that its transaction does not stay open. */
const HOLD_MS = 30_000;

/**
 * Walks the table in key order from behind `start`, a statement for each chunk, to its end or `maxRows`. A statement that runs
 * into a time limit, because the reader was slow to take its rows, is followed by another one from where it came to. An order without an index is sorted once, in one statement.
 */
export async function* readChunks(
  reading: Reading,
  order: Order,
  start: Key | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const walk = order.total ? readChunk : readChunkWithTies;
  const chunk = order.indexed ? reading.spec.chunkRows : Number.POSITIVE_INFINITY;
  let place = start;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  /** Rises while a chunk holds nothing but one key, so that the next one comes past it. */
  let times = 1;
  while (left > 0) {
    const most = Math.min(left, chunk) * times;
    const read = { taken: 0 };
    let passed = 0;
    const session = await reading.sessions.take(signal);
    try {
      const sql = statement(reading, order, place, most);
      for await (const stretch of walk(reading, session, sql, most, limits, signal, read)) {
        place = stretch.last ?? place;
        passed += stretch.taken;
        yield stretch;
      }
      if (read.taken < most) return;
      times = passed === 0 ? times * 2 : 1;
    } catch (error) {
      const bad =
        order.total && isUntranslatable(error) ? await rejectNext(reading, order, place, signal) : undefined;
      if (bad) {
        place = bad.last;
        passed += bad.taken;
        yield bad;
      } else if (!isSlow(error) || passed === 0) throw error;
    } finally {
      await reading.sessions.give(session);
    }
    left -= passed;
  }
}

function isSlow(error: unknown): boolean {
  return isQianzhiError(error) && error.kind === 'timeout';
}

/** A stretch of the one row that the server could not turn into UTF-8. */
async function rejectNext(
  reading: Reading,
  { terms }: Order,
  place: Key | undefined,
  signal: AbortSignal,
): Promise<Stretch | undefined> {
  const behind = place ? [`(${after(terms, place)})`] : [];
  const found = await findUntranslatable(reading, terms, behind, 'S', signal);
  return found && { bytes: Buffer.alloc(0), rows: 0, rejected: [found.rejection], taken: 1, last: found.key };
}

function statement(reading: Reading, order: Order, place: Key | undefined, most: number): string {
  const behind = place ? [`(${after(order.terms, place)})`] : [];
  const limit = Number.isFinite(most) ? ` LIMIT ${most}` : '';
  return copyStatement(reading, behind, `${orderBy(order.terms)}${limit}`);
}

async function* readChunk(
  reading: Reading,
  session: Session,
  sql: string,
  _most: number,
  limits: ReadLimits,
  signal: AbortSignal,
  read: { taken: number },
): AsyncGenerator<Stretch> {
  const options = { blockBytes: limits.blockBytes, holdMs: HOLD_MS };
  for await (const stretch of copyStretches(reading, session, sql, options, signal)) {
    read.taken += stretch.taken;
    yield stretch;
  }
}

/** Keeps back the rows at a block's end that share a key until it is sure that no more of them come. */
async function* readChunkWithTies(
  reading: Reading,
  session: Session,
  sql: string,
  most: number,
  limits: ReadLimits,
  signal: AbortSignal,
  read: { taken: number },
): AsyncGenerator<Stretch> {
  const fields = reading.orderFields ?? [];
  let held: Stretch | undefined;
  for await (const stretch of readChunk(reading, session, sql, most, limits, signal, read)) {
    const joined: Stretch = held ? join(held, stretch) : stretch;
    if (joined.rows === 0) {
      yield joined;
      held = undefined;
      continue;
    }
    const ties = trailingTies(joined.bytes, fields);
    held = {
      ...joined,
      bytes: joined.bytes.subarray(ties.start),
      rows: ties.rows,
      rejected: [],
      taken: ties.rows,
      release: undefined,
    };
    if (ties.start > 0) {
      const bytes = joined.bytes.subarray(0, ties.start);
      const rows = joined.rows - ties.rows;
      const last = keyOfLastRow(bytes, fields);
      yield { ...joined, bytes, rows, taken: joined.taken - ties.rows, last, release: undefined };
    } else {
      held = joined;
    }
  }
  if (held && read.taken < most) yield held;
}

function join(held: Stretch, stretch: Stretch): Stretch {
  const rejected = stretch.rejected.map((each) => ({ ...each, row: each.row + held.rows }));
  return {
    ...stretch,
    bytes: Buffer.concat([held.bytes, stretch.bytes]),
    rows: held.rows + stretch.rows,
    rejected: [...held.rejected, ...rejected],
    taken: held.taken + stretch.taken,
    release: undefined,
  };
}

function keyOfLastRow(bytes: Buffer, fields: readonly number[]): Key {
  const start = rowBefore(bytes, bytes.length);
  return fieldValues(
    bytes,
    start,
    bytes.length - 1,
    fields.map((field) => field + 1),
  );
}
