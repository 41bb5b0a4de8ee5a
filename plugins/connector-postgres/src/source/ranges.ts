import type { ReadLimits } from '@qianzhi/plugin-api';
import type { CopiedRows } from '../connection/copy-framer.js';
import { copyOut } from '../connection/copy-out.js';
import type { Session } from '../connection/session.js';
import { after, type Key, type Order, orderBy, upTo } from './order.js';
import type { Reading } from './reading.js';
import { copyStatement, type Stretch, stretchOf } from './stretch.js';

/** A part of the table that one statement reads. */
export interface Range {
  readonly conditions: readonly string[];
  /** ORDER BY and LIMIT. */
  readonly tail: string;
}

/** Answers the next range, in order; undefined behind the last one. It may ask the session that will read it. */
export type NextRange = (session: Session) => Promise<Range | undefined>;

/** What one session may read ahead of its turn. */
const AHEAD_BYTES = 4 * 1024 * 1024;

/**
 * Reads ranges side by side, one on each session, and gives their rows in the order of the ranges: while the first is
 * being taken the others fill at most `AHEAD_BYTES` each. The sessions stay the caller's.
 */
export async function* readRanges(
  reading: Reading,
  sessions: readonly Session[],
  next: NextRange,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const idle = [...sessions];
  const running: RunningRange[] = [];
  let more = true;
  try {
    for (;;) {
      while (more && idle.length > 0) {
        const range = await next(idle[0]!);
        if (range) running.push(begin(reading, idle.shift()!, range, limits, sessions.length > 1, signal));
        else more = false;
      }
      const head = running[0];
      if (!head) return;
      for (let block = await head.first; !block.done; block = await head.blocks.next()) {
        yield stretchOf(reading, block.value);
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

interface RunningRange {
  readonly session: Session;
  readonly blocks: AsyncGenerator<CopiedRows>;
  readonly first: Promise<IteratorResult<CopiedRows>>;
}

function begin(
  reading: Reading,
  session: Session,
  range: Range,
  { blockBytes }: ReadLimits,
  ahead: boolean,
  signal: AbortSignal,
): RunningRange {
  const sql = copyStatement(reading, range.conditions, range.tail);
  const options = { blockBytes, ...(ahead && { aheadBytes: AHEAD_BYTES }) };
  const blocks = copyOut(session, sql, options, signal);
  const first = blocks.next();
  // its turn may come much later, or never
  first.catch(() => undefined);
  return { session, blocks, first };
}

/** Rows of a range at first; later as many as fill what may be read ahead. */
const FIRST_ROWS = 16_384;
const LEAST_ROWS = 512;

/**
 * Splits the key order behind `start` into ranges of about `AHEAD_BYTES`. Each end is found in the key's index, so the
 * ranges follow the data however it is spread. `measured` is told of the rows as they come.
 */
export function splitByKey(reading: Reading, order: Order, start: Key | undefined, signal: AbortSignal) {
  const { terms } = order;
  const names = terms.map((term, at) => `${term.name}::text AS k${at}`).join(', ');
  let place = start;
  let ended = false;
  let bytes = 0;
  let rows = 0;

  const next: NextRange = async (session) => {
    if (ended) return undefined;
    const behind = place ? [`(${after(terms, place)})`] : [];
    const where = behind.length > 0 ? `WHERE ${behind[0]}` : '';
    const size = rows === 0 ? FIRST_ROWS : Math.max(LEAST_ROWS, Math.floor((AHEAD_BYTES * rows) / bytes));
    const count = Math.min(size, reading.spec.chunkRows);
    const found = await session.query(
      `SELECT ${names} FROM ${reading.from} ${where} ${orderBy(terms)} OFFSET ${count - 1} LIMIT 1`,
      [],
      signal,
    );
    const end = found.rows[0] && terms.map((_, at) => found.rows[0]![`k${at}`]!);
    ended = end === undefined;
    place = end;
    return { conditions: end ? [...behind, `(${upTo(terms, end)})`] : behind, tail: orderBy(terms) };
  };
  const measured = (stretch: Stretch): void => {
    bytes += stretch.bytes.length;
    rows += stretch.taken;
  };
  return { next, measured };
}
