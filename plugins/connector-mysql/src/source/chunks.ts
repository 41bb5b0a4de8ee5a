import { isQianzhiError } from '@qianzhi/model';
import type { ReadLimits } from '@qianzhi/plugin-api';
import type { Session } from '../connection/session.js';
import { after, type Key, type Order, orderBy, partSql, upTo } from './order.js';
import type { Reading } from './reading.js';
import { encodedRows, formOf, type Stretch, selectStatement } from './statement.js';

/** Nobody takes rows for so long: the statement is given up, so that it does not stay open in the server. */
const HOLD_MS = 30_000;

/**
 * Walks the table in key order from behind `start`, a statement for each chunk, to its end or `maxRows`. A statement
 * that runs into a time limit, because the reader was slow to take its rows, is followed by another one from where it came
 * to. An order without an index is sorted once, in one statement.
 */
export async function* readChunks(
  reading: Reading,
  order: Order,
  start: Key | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const { terms } = order;
  const chunk = order.indexed ? reading.spec.chunkRows : Number.POSITIVE_INFINITY;
  const form = formOf(reading, terms, 'S');
  let place = start;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  while (left > 0) {
    const most = Math.min(left, chunk);
    const behind = place ? [`(${after(terms, place)})`] : [];
    const limit = Number.isFinite(most) ? ` LIMIT ${most}` : '';
    const sql = selectStatement(reading, terms, behind, `${orderBy(terms)}${limit}`);
    let taken = 0;
    const session = await reading.sessions.take(signal);
    try {
      for await (const stretch of encodedRows(
        session,
        sql,
        form,
        limits.blockBytes,
        { holdMs: HOLD_MS },
        signal,
      )) {
        taken += stretch.taken;
        place = stretch.last;
        yield stretch;
      }
      if (taken < most) return;
    } catch (error) {
      if (!isSlow(error) || taken === 0) throw error;
    } finally {
      await reading.sessions.give(session);
    }
    left -= taken;
  }
}

function isSlow(error: unknown): boolean {
  return isQianzhiError(error) && error.kind === 'timeout';
}

/** Rows of a range at first; later as many as fill what may be read ahead. */
const FIRST_ROWS = 16_384;
const LEAST_ROWS = 512;
/** What one session may read ahead of its turn. */
const AHEAD_BYTES = 4 * 1024 * 1024;

interface RunningRange {
  readonly session: Session;
  readonly blocks: AsyncGenerator<Stretch>;
  readonly first: Promise<IteratorResult<Stretch>>;
}

/**
 * Splits the key order by its index into ranges of about `AHEAD_BYTES`, reads `parallel` of them side by side, each on a
 * session of its own, and gives their rows in order.
 */
export async function* readSideBySide(
  reading: Reading,
  order: Order,
  start: Key | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const sessions: Session[] = [];
  try {
    while (sessions.length < reading.spec.parallel) sessions.push(await reading.sessions.take(signal));
    yield* readRanges(reading, order, start, sessions, limits, signal);
  } finally {
    for (const session of sessions) await reading.sessions.give(session);
  }
}

async function* readRanges(
  reading: Reading,
  order: Order,
  start: Key | undefined,
  sessions: readonly Session[],
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const idle = [...sessions];
  const running: RunningRange[] = [];
  const form = formOf(reading, order.terms, 'S');
  const options = { aheadBlocks: Math.max(2, Math.ceil(AHEAD_BYTES / limits.blockBytes)) };
  const next = splitByKey(reading, order, start, signal);
  let more = true;
  try {
    for (;;) {
      while (more && idle.length > 0) {
        const session = idle.shift()!;
        const range = await next.range(session);
        if (range === undefined) {
          more = false;
          break;
        }
        const blocks = encodedRows(session, range, form, limits.blockBytes, options, signal);
        const first = blocks.next();
        // its turn may come much later, or never
        first.catch(() => undefined);
        running.push({ session, blocks, first });
      }
      const head = running[0];
      if (!head) return;
      for (let block = await head.first; !block.done; block = await head.blocks.next()) {
        next.measured(block.value);
        yield block.value;
      }
      running.shift();
      idle.push(head.session);
    }
  } finally {
    for (const { session, blocks } of running) {
      session.abandon();
      await blocks.return(undefined).catch(() => undefined);
    }
  }
}

/** Each end is found in the key's index, so the ranges follow the data however it is spread. */
function splitByKey(reading: Reading, { terms }: Order, start: Key | undefined, signal: AbortSignal) {
  const names = terms.map((term, at) => `${partSql(term)} AS k${at}`).join(', ');
  let place = start;
  let ended = false;
  let rows = 0;
  let bytes = 0;
  return {
    /** The statement that reads the next range; undefined behind the last one. */
    async range(session: Session): Promise<string | undefined> {
      if (ended) return undefined;
      const behind = place ? [`(${after(terms, place)})`] : [];
      const size = rows === 0 ? FIRST_ROWS : Math.max(LEAST_ROWS, Math.floor((AHEAD_BYTES * rows) / bytes));
      const count = Math.min(size, reading.spec.chunkRows);
      const asked = await session.query(
        `SELECT ${names} FROM ${reading.from} WHERE ${behind[0] ?? 'true'} ${orderBy(terms)} LIMIT 1 OFFSET ${count - 1}`,
        signal,
      );
      const found = asked.rows[0];
      const end = found && terms.map((_, at) => found[`k${at}`] ?? null);
      ended = end === undefined;
      place = end;
      const conditions = end ? [...behind, `(${upTo(terms, end)})`] : behind;
      return selectStatement(reading, terms, conditions, orderBy(terms));
    },
    measured(stretch: Stretch): void {
      rows += stretch.taken;
      bytes += stretch.bytes.length;
    },
  };
}
