import { chunkedFlagReader, type FlagReader, fieldValues, flagColumnOf } from '@qianzhi/sql-kit';
import { copyOut } from '../connection/copy-out.js';
import { openSession, type Session } from '../connection/session.js';
import { columnOf } from '../connection/table.js';
import { literal, quoted } from '../identifier.js';
import { finishRows, type Keep } from './finish.js';
import { after, type Key, type OrderTerm, partAsSql, same, upTo } from './order.js';
import type { Reading } from './reading.js';
import { changedRows } from './stretch.js';
import { findUntranslatable, isUntranslatable } from './untranslatable.js';

const LOCKED_BYTES = 1024 * 1024;

/** Throws STRATEGY_UNFIT (config) or NO_PERMISSION (denied) before anything is read. */
export async function flagReader(reading: Reading, opening: AbortSignal): Promise<FlagReader> {
  const { table, config, projection, checksText, sessions, from } = reading;
  const { spec, column } = flagColumnOf({
    table: reading,
    readOnly: config.readOnly,
    find: (name) => columnOf(table, name),
  });
  const value = (of: typeof spec.done) =>
    of === null ? 'NULL' : `${literal(String(of))}::${column.castType}`;
  const flag = quoted(column.name);
  const pending = spec.pending === null ? `${flag} IS NULL` : `${flag} = ${value(spec.pending)}`;
  const { terms } = reading.order!;
  const names = terms.map((term) => quoted(term.column.name)).join(', ');
  const behindSql = (key: Key | undefined) => (key ? [`(${after(terms, key)})`] : []);
  const within = ({ after: behind, upTo: end }: { after?: Key | undefined; upTo: Key }) => [
    pending,
    ...behindSql(behind),
    `(${upTo(terms, end)})`,
  ];
  const setDone = (keys: readonly Key[]) => {
    const rows = keys.map((key) => `(${terms.map((term, at) => partAsSql(term, key[at] ?? '')).join(', ')})`);
    return `UPDATE ${from} SET ${flag} = ${value(spec.done)} WHERE ${pending} AND (${names}) IN (${rows.join(', ')})`;
  };
  const run = (session: Session, sql: string, signal: AbortSignal) => session.query(sql, [], signal);
  return chunkedFlagReader<Session>(
    {
      chunkRows: reading.spec.chunkRows,
      begin: 'BEGIN',
      proof: `EXPLAIN UPDATE ${from} SET ${flag} = ${value(spec.done)} WHERE ${pending}`,
      open: (signal) => openSession(reading.about, 'write', signal),
      run,
      setDone,
      async *chunk(behind, most, carries, blockBytes, signal) {
        const form = { projection, checksText, prefix: terms.length, wanted: [] };
        const keep: Keep = (bytes, _start, content, end) => carries(bytes.subarray(content, end));
        const session = await sessions.take(signal);
        let key = behind;
        try {
          const sql = changedRows(reading, terms, [pending, ...behindSql(key)], most);
          for await (const copied of copyOut(session, sql, { blockBytes }, signal)) {
            const finished = finishRows(copied, form, keep);
            key = finished.last;
            yield { ...finished, last: key };
          }
        } catch (error) {
          if (!isUntranslatable(error)) throw error;
          const found = await findUntranslatable(reading, terms, [pending, ...behindSql(key)], 'U', signal);
          if (!found) throw error;
          const { rejection } = found;
          yield {
            bytes: Buffer.alloc(0),
            rows: 0,
            rejected: [rejection],
            taken: 1,
            last: found.key,
            more: true,
          };
        } finally {
          await sessions.give(session);
        }
      },
      pickedKeys: (session, range, picked, signal) =>
        pickedKeys(reading, terms, session, within(range), picked, signal),
      async recover(error, session, range, picked, signal) {
        if (!isUntranslatable(error)) throw error;
        await run(session, 'ROLLBACK', signal);
        // a row of which that was told has a range of its own; what became so since is read again
        const find = (conditions: readonly string[]) =>
          findUntranslatable(reading, terms, conditions, 'U', signal);
        const found = await find(within(range));
        if (!found) return;
        const one = [pending, `(${same(terms, found.key)})`];
        await run(session, 'BEGIN', signal);
        await run(session, `SELECT 1 FROM ${from} WHERE ${one.join(' AND ')} FOR UPDATE`, signal);
        // nobody changes it from here on
        const locked = await find(one);
        if (locked && picked(locked.rejection.bytes)) await run(session, setDone([found.key]), signal);
        await run(session, 'COMMIT', signal);
      },
    },
    opening,
  );
}

/** Locks the rows. */
async function pickedKeys(
  reading: Reading,
  terms: readonly OrderTerm[],
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
