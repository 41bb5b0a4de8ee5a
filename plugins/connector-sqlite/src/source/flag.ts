import type { ReadLimits } from '@qianzhi/plugin-api';
import { createRowWriter } from '@qianzhi/rows';
import {
  condition,
  type FlagRange,
  type FlagReader,
  type FlagStretch,
  flagColumnOf,
  takeTurn,
} from '@qianzhi/sql-kit';
import type { Statement } from 'better-sqlite3';
import { classify } from '../file/classify.js';
import { databasePath, openForWriting, requireWritable, type SqliteDatabase } from '../file/open-file.js';
import { startPace, whenFree } from '../file/pace.js';
import { columnOf } from '../file/table.js';
import { quoted } from '../identifier.js';
import { type Encoding, writeExactRow } from './exact-row.js';
import { after, type Bound, boundKey, type KeyPart, keyPart, placeOf } from './order.js';
import { exactList, exactTerms } from './projection.js';
import type { Reading } from './reading.js';
import { createSliceReader, type SliceQuery } from './slice.js';
import { walk } from './walk.js';

interface Flag {
  /** Quoted. */
  readonly column: string;
  readonly pending: Bound;
  readonly done: Bound;
}

/** Throws STRATEGY_UNFIT (config) or NO_PERMISSION (denied) before anything is read. */
export function flagReader(reading: Reading): FlagReader {
  const { table, config, about } = reading;
  const { spec, column } = flagColumnOf({
    table: reading,
    readOnly: config.readOnly,
    find: (name) => columnOf(table, name),
  });
  requireWritable({ ...config, create: false });
  const bound = (value: typeof spec.done): Bound => (typeof value === 'boolean' ? BigInt(value) : value);
  const flag: Flag = { column: quoted(column.name), pending: bound(spec.pending), done: bound(spec.done) };
  return {
    stretches: (carries, limits, signal) => stretches(reading, flag, carries, limits, signal),
    async settle(ranges, picked, signal) {
      const leave = await takeTurn(databasePath(config), about.doing, signal);
      let db: SqliteDatabase | undefined;
      try {
        db = await openForWriting({ ...config, create: false }, signal);
        const settle = settler(reading, flag, db, picked);
        const pace = startPace(about.doing, signal);
        for (const range of ranges) {
          for (let left: FlagRange | undefined = range; left; await pace.rest()) {
            const part: FlagRange = left;
            left = await whenFree(() => settle(part), about, reading.busyTimeoutMs, signal);
          }
        }
      } catch (error) {
        throw classify(error, about);
      } finally {
        db?.close();
        leave();
      }
    },
  };
}

async function* stretches(
  reading: Reading,
  { column, pending }: Flag,
  carries: (row: Uint8Array) => boolean,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<FlagStretch> {
  const { db, projection, order, about, busyTimeoutMs } = reading;
  const query = (key: readonly KeyPart[] | undefined): SliceQuery => {
    const behind = key ? after(order.terms, key) : { sql: '1', values: [] };
    return {
      body: `FROM ${reading.from} WHERE ${column} IS ? AND (${behind.sql})${condition(reading)} ORDER BY ${order.terms.join(', ')}`,
      values: [pending, ...behind.values],
      terms: order.terms,
      ties: false,
    };
  };
  const reader = createSliceReader(db, projection, 'U', about, busyTimeoutMs, carries);
  for await (const stretch of walk(reader, query, undefined, limits, about.doing, signal))
    yield { ...stretch, last: stretch.last ?? [] };
}

/** Rows of one transaction: the legacy program waits no longer than these take. */
const SETTLED_ROWS = 500;

/** The first rows of a range in one transaction that nobody else writes in. Answers what is left of the range. */
function settler(
  reading: Reading,
  { column, pending, done }: Flag,
  db: SqliteDatabase,
  picked: (row: Uint8Array) => boolean,
) {
  const { projection, order, from } = reading;
  const { terms } = order;
  const encoding = db.pragma('encoding', { simple: true }) as Encoding;
  const list = [...exactList(projection), ...exactTerms(terms)].join(', ');

  /** One for each way in which parts of a key are bound. */
  const updates = new Map<string, Statement<Bound[]>>();

  function rowsOf({ after: start, upTo }: FlagRange) {
    const behind = start ? after(terms, start) : { sql: '1', values: [] };
    const beyond = after(terms, upTo);
    const sql = `SELECT ${list} FROM ${from} WHERE ${column} IS ? AND (${behind.sql}) AND (${beyond.sql}) IS NOT TRUE${condition(reading)} ORDER BY ${terms.join(', ')} LIMIT ${SETTLED_ROWS}`;
    const values = [pending, ...behind.values, ...beyond.values];
    const writer = createRowWriter(1024);
    const found = db
      .prepare<Bound[]>(sql)
      .raw()
      .safeIntegers()
      .all(...values) as Bound[][];
    return found.map((cells) => {
      const refused = writeExactRow(writer, 'U', cells, projection, encoding, 0);
      const key = cells.slice(-2 * terms.length);
      return {
        isPicked: picked(refused ? refused.bytes : writer.take()),
        key: terms.map((_, at) => keyPart(key[at * 2]!, key[at * 2 + 1] === 'text')),
      };
    });
  }

  function setDone(key: readonly KeyPart[]): void {
    const same = terms.map((term, at) =>
      key[at] == null ? `${term} IS NULL` : `${term} = ${placeOf(key[at])}`,
    );
    const values = key.flatMap((part) => (part === null ? [] : [boundKey(part)]));
    const sql = `UPDATE ${from} SET ${column} = ? WHERE ${same.join(' AND ')}`;
    const update = updates.get(sql) ?? db.prepare<Bound[]>(sql);
    updates.set(sql, update);
    update.run(done, ...values);
  }

  const settle = db.transaction((range: FlagRange): FlagRange | undefined => {
    const rows = rowsOf(range);
    for (const { isPicked, key } of rows) if (isPicked) setDone(key);
    return rows.length < SETTLED_ROWS ? undefined : { ...range, after: rows.at(-1)!.key };
  });
  return (range: FlagRange) => settle.immediate(range);
}
