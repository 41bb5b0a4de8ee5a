import type { ReadLimits } from '@qianzhi/plugin-api';
import { rowOffsets } from '@qianzhi/rows';
import { type FlagRange, type FlagReader, type FlagStretch, flagColumnOf, flagText } from '@qianzhi/sql-kit';
import { openSession, type Session } from '../connection/session.js';
import { columnOf } from '../connection/table.js';
import { quoted } from '../identifier.js';
import { after, type Key, type OrderTerm, orderBy, partAsSql, termOf, upTo } from './order.js';
import type { Reading } from './reading.js';
import type { EncodedRows } from './row-encoder.js';
import { encodedRows, formOf, selectStatement } from './statement.js';

interface Flag {
  /** Quoted. */
  readonly column: string;
  /** Condition of rows to be picked up. */
  readonly pending: string;
  /** SQL of the value that is set. */
  readonly done: string;
  readonly terms: readonly OrderTerm[];
}

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export function flagReader(reading: Reading): FlagReader {
  const { table, config } = reading;
  const { spec, column } = flagColumnOf({
    table: reading,
    readOnly: config.readOnly,
    find: (name) => columnOf(table, name),
  });
  const term = termOf(table, column);
  const flag: Flag = {
    column: quoted(column.name),
    pending: `${term.name} <=> ${partAsSql(term, flagText(spec.pending))}`,
    done: partAsSql(term, flagText(spec.done)),
    terms: reading.order!.terms,
  };
  return {
    stretches: (carries, limits, signal) => stretches(reading, flag, carries, limits, signal),
    async settle(ranges, picked, signal) {
      const session = await openSession(reading.about, 'write', signal);
      try {
        for (const range of ranges) await settle(reading, flag, session, range, picked, signal);
      } finally {
        await session.close();
      }
    },
  };
}

async function* stretches(
  reading: Reading,
  { terms, pending }: Flag,
  carries: (row: Uint8Array) => boolean,
  { blockBytes, maxRows }: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<FlagStretch> {
  const form = formOf(reading, terms, 'U');
  let left = maxRows ?? Number.POSITIVE_INFINITY;
  let key: Key | undefined;
  while (left > 0) {
    const most = Math.min(left, reading.spec.chunkRows);
    const conditions = [pending, ...(key ? [`(${after(terms, key)})`] : [])];
    const sql = selectStatement(reading, terms, conditions, `${orderBy(terms)} LIMIT ${most}`);
    let taken = 0;
    const session = await reading.sessions.take(signal);
    try {
      for await (const block of encodedRows(session, sql, form, blockBytes, {}, signal)) {
        taken += block.taken;
        key = block.last;
        yield { ...kept(block, carries), last: key };
      }
    } finally {
      await reading.sessions.give(session);
    }
    if (taken < most) return;
    left -= taken;
  }
}

function kept(block: EncodedRows, carries: (row: Uint8Array) => boolean) {
  const rows = rowsOf(block).filter(carries);
  return { bytes: Buffer.concat(rows), rows: rows.length, rejected: block.rejected };
}

function rowsOf({ bytes, rows }: EncodedRows): Uint8Array[] {
  const offsets = rowOffsets(bytes);
  return Array.from({ length: rows }, (_, at) => bytes.subarray(offsets[at], offsets[at + 1]));
}

/** Rows of one statement. */
const SETTLED_ROWS = 1000;
const LOCKED_BYTES = 1024 * 1024;

async function settle(
  reading: Reading,
  flag: Flag,
  session: Session,
  { after: behind, upTo: end }: FlagRange,
  picked: (row: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { terms, pending, column, done } = flag;
  const conditions = [pending, ...(behind ? [`(${after(terms, behind)})`] : []), `(${upTo(terms, end)})`];
  await session.query('START TRANSACTION', signal);
  const keys = await pickedKeys(reading, terms, session, conditions, picked, signal);
  const names = terms.map((term) => quoted(term.column.name)).join(', ');
  for (let from = 0; from < keys.length; from += SETTLED_ROWS) {
    const rows = keys
      .slice(from, from + SETTLED_ROWS)
      .map((key) => `(${terms.map((term, at) => partAsSql(term, key[at] ?? null)).join(', ')})`);
    await session.query(
      `UPDATE ${reading.from} SET ${column} = ${done} WHERE ${pending} AND (${names}) IN (${rows.join(', ')})`,
      signal,
    );
  }
  await session.query('COMMIT', signal);
}

/** Locks the rows, and answers the keys of those that are still what was picked up. */
async function pickedKeys(
  reading: Reading,
  terms: readonly OrderTerm[],
  session: Session,
  conditions: readonly string[],
  picked: (row: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<Key[]> {
  const read: Key[] = [];
  const form = {
    ...formOf(reading, terms, 'U'),
    op(prefix: () => Key) {
      read.push(prefix());
      return 'U' as const;
    },
  };
  const keys: Key[] = [];
  const sql = selectStatement(reading, terms, conditions, `${orderBy(terms)} FOR UPDATE`);
  // more rows may have come by the time a block is looked at
  for await (const block of encodedRows(session, sql, form, LOCKED_BYTES, {}, signal))
    keys.push(...pickedOf(block, read.splice(0, block.taken), picked));
  return keys;
}

function pickedOf(block: EncodedRows, read: readonly Key[], picked: (row: Uint8Array) => boolean): Key[] {
  const refused = new Map(block.rejected.map((each) => [each.row, each.bytes]));
  const rows = rowsOf(block).values();
  return read.filter((_, at) => picked(refused.get(at) ?? rows.next().value!));
}
