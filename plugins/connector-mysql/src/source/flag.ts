import { rowOffsets } from '@qianzhi/rows';
import { chunkedFlagReader, type FlagReader, flagColumnOf, flagText } from '@qianzhi/sql-kit';
import { openSession, type Session } from '../connection/session.js';
import { columnOf } from '../connection/table.js';
import { quoted } from '../identifier.js';
import { after, type Key, type OrderTerm, orderBy, partAsSql, termOf, upTo } from './order.js';
import type { Reading } from './reading.js';
import type { EncodedRows } from './row-encoder.js';
import { encodedRows, formOf, selectStatement } from './statement.js';

const LOCKED_BYTES = 1024 * 1024;

/** Throws STRATEGY_UNFIT (config) or NO_PERMISSION (denied) before anything is read. */
export async function flagReader(reading: Reading, opening: AbortSignal): Promise<FlagReader> {
  const { table, config } = reading;
  const { spec, column } = flagColumnOf({
    table: reading,
    readOnly: config.readOnly,
    find: (name) => columnOf(table, name),
  });
  const term = termOf(table, column);
  const { terms } = reading.order!;
  const names = terms.map((each) => quoted(each.column.name)).join(', ');
  const pending = `${term.name} <=> ${partAsSql(term, flagText(spec.pending))}`;
  const set = `${quoted(column.name)} = ${partAsSql(term, flagText(spec.done))}`;
  const behindSql = (key: Key | undefined) => (key ? [`(${after(terms, key)})`] : []);
  return chunkedFlagReader<Session>(
    {
      chunkRows: reading.spec.chunkRows,
      begin: 'START TRANSACTION',
      proof: `EXPLAIN UPDATE ${reading.from} SET ${set} WHERE ${pending}`,
      open: (signal) => openSession(reading.about, 'write', signal),
      run: (session, sql, signal) => session.query(sql, signal),
      async *chunk(behind, most, carries, blockBytes, signal) {
        const sql = selectStatement(
          reading,
          terms,
          [pending, ...behindSql(behind)],
          `${orderBy(terms)} LIMIT ${most}`,
        );
        const session = await reading.sessions.take(signal);
        try {
          const form = formOf(reading, terms, 'U');
          for await (const block of encodedRows(session, sql, form, blockBytes, {}, signal)) {
            const rows = rowsOf(block).filter(carries);
            const { rejected, taken, last } = block;
            yield { bytes: Buffer.concat(rows), rows: rows.length, rejected, taken, last };
          }
        } finally {
          await reading.sessions.give(session);
        }
      },
      pickedKeys(session, { after: behind, upTo: end }, picked, signal) {
        const conditions = [pending, ...behindSql(behind), `(${upTo(terms, end)})`];
        return pickedKeys(reading, terms, session, conditions, picked, signal);
      },
      setDone(keys) {
        const rows = keys.map(
          (key) => `(${terms.map((each, at) => partAsSql(each, key[at] ?? null)).join(', ')})`,
        );
        return `UPDATE ${reading.from} SET ${set} WHERE ${pending} AND (${names}) IN (${rows.join(', ')})`;
      },
    },
    opening,
  );
}

function rowsOf({ bytes, rows }: EncodedRows): Uint8Array[] {
  const offsets = rowOffsets(bytes);
  return Array.from({ length: rows }, (_, at) => bytes.subarray(offsets[at], offsets[at + 1]));
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
