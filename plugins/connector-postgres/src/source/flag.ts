import type { ReadLimits } from '@qianzhi/plugin-api';
import {
  type FlagRange,
  type FlagReader,
  type FlagStretch,
  fieldValues,
  flagColumnOf,
} from '@qianzhi/sql-kit';
import { copyOut } from '../connection/copy-out.js';
import { openSession, type Session } from '../connection/session.js';
import { columnOf } from '../connection/table.js';
import { literal, quoted } from '../identifier.js';
import { finishRows, type Keep } from './finish.js';
import { after, type Key, type OrderTerm, partAsSql, upTo } from './order.js';
import type { Reading } from './reading.js';
import { changedRows } from './stretch.js';
import { findUntranslatable, isUntranslatable } from './untranslatable.js';

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
  const value = (of: typeof spec.done) =>
    of === null ? 'NULL' : `${literal(String(of))}::${column.castType}`;
  const name = quoted(column.name);
  const flag: Flag = {
    column: name,
    pending: spec.pending === null ? `${name} IS NULL` : `${name} = ${value(spec.pending)}`,
    done: value(spec.done),
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
  flag: Flag,
  carries: (row: Uint8Array) => boolean,
  { blockBytes, maxRows }: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<FlagStretch> {
  const { terms } = flag;
  const { projection, checksText, sessions, spec } = reading;
  const form = { projection, checksText, prefix: terms.length, wanted: [] };
  const keep: Keep = (bytes, _start, content, end) => carries(bytes.subarray(content, end));
  let left = maxRows ?? Number.POSITIVE_INFINITY;
  let key: Key | undefined;
  while (left > 0) {
    const most = Math.min(left, spec.chunkRows);
    const conditions = [flag.pending, ...(key ? [`(${after(terms, key)})`] : [])];
    const sql = changedRows(reading, terms, conditions, most);
    let taken = 0;
    const session = await sessions.take(signal);
    try {
      for await (const copied of copyOut(session, sql, { blockBytes }, signal)) {
        const finished = finishRows(copied, form, keep);
        taken += finished.taken;
        key = finished.last;
        yield { ...finished, last: key };
      }
      if (taken < most) return;
    } catch (error) {
      if (!isUntranslatable(error)) throw error;
      const behind = [flag.pending, ...(key ? [`(${after(terms, key)})`] : [])];
      const found = await findUntranslatable(reading, terms, behind, 'U', signal);
      if (!found) throw error;
      key = found.key;
      taken++;
      yield { bytes: Buffer.alloc(0), rows: 0, rejected: [found.rejection], last: key };
    } finally {
      await sessions.give(session);
    }
    left -= taken;
  }
}

async function settle(
  reading: Reading,
  flag: Flag,
  session: Session,
  { after: behind, upTo: end }: FlagRange,
  picked: (row: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { terms } = flag;
  const conditions = [
    flag.pending,
    ...(behind ? [`(${after(terms, behind)})`] : []),
    `(${upTo(terms, end)})`,
  ];
  try {
    await session.query('BEGIN', [], signal);
    const keys = await pickedKeys(reading, flag, session, conditions, picked, signal);
    for (let from = 0; from < keys.length; from += SETTLED_ROWS)
      await setDone(reading, flag, session, keys.slice(from, from + SETTLED_ROWS), signal);
    await session.query('COMMIT', [], signal);
  } catch (error) {
    if (!isUntranslatable(error)) throw error;
    await session.query('ROLLBACK', [], signal);
    // a row of which that was told has a range of its own; what became so since is read again
    const found = await findUntranslatable(reading, terms, conditions, 'U', signal);
    if (found && picked(found.rejection.bytes)) await setDone(reading, flag, session, [found.key], signal);
  }
}

/** Rows of one statement. */
const SETTLED_ROWS = 1000;

/** Locks the rows. */
async function pickedKeys(
  reading: Reading,
  { terms }: Flag,
  session: Session,
  conditions: readonly string[],
  picked: (row: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<Key[]> {
  const { projection, checksText } = reading;
  const form = { projection, checksText, prefix: terms.length, wanted: [] };
  const fields = terms.map((_, at) => at);
  const keys: Key[] = [];
  const keep: Keep = (bytes, start, content, end) => {
    if (picked(bytes.subarray(content, end))) keys.push(fieldValues(bytes, start, content - 1, fields));
    return false;
  };
  const sql = changedRows(reading, terms, conditions, undefined, ' FOR UPDATE');
  for await (const copied of copyOut(session, sql, { blockBytes: LOCKED_BYTES }, signal)) {
    const { rejected } = finishRows(copied, form, keep);
    copied.oversize.forEach(({ start }, at) => {
      if (picked(rejected[at]!.bytes)) keys.push(fieldValues(Buffer.from(start), 0, start.length, fields));
    });
  }
  return keys;
}

const LOCKED_BYTES = 1024 * 1024;

async function setDone(
  { from }: Reading,
  { terms, column, done, pending }: Flag,
  session: Session,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<void> {
  const rows = keys.map((key) => `(${terms.map((term, at) => partAsSql(term, key[at] ?? '')).join(', ')})`);
  const names = terms.map(({ column: { name } }) => quoted(name)).join(', ');
  await session.query(
    `UPDATE ${from} SET ${column} = ${done} WHERE ${pending} AND (${names}) IN (${rows.join(', ')})`,
    [],
    signal,
  );
}
