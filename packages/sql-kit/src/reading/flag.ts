import type { ReadLimits } from '@qianzhi/plugin-api';
import { createRowWriter } from '@qianzhi/rows';
import { createPlaces, type Places } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { columnNamed, type SqlColumn } from '../database/table.js';
import {
  type FlagRange,
  type FlagReader,
  type FlagSettings,
  type FlagStretch,
  flagColumnOf,
  flagText,
} from '../strategies/flag.js';
import { condition } from '../strategies/walked-table.js';
import { textOf, walk } from './chunks.js';
import { among, behind, type Key, keyList, notBehind, type OrderTerm, orderBy } from './order.js';
import { selectList } from './projection.js';
import type { Reading } from './reading.js';
import { writeRow } from './write-row.js';

interface Flag {
  readonly spec: FlagSettings;
  readonly column: SqlColumn;
  readonly terms: readonly OrderTerm[];
}

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export function flagReader(
  reading: Reading,
  readOnly: boolean,
  connect: (signal: AbortSignal) => Promise<SqlSession>,
): FlagReader {
  const found = flagColumnOf({ table: reading, readOnly, find: (name) => columnNamed(reading.table, name) });
  const flag: Flag = { ...found, terms: reading.order!.terms };
  return {
    stretches: (carries, limits, signal) => stretches(reading, flag, carries, limits, signal),
    async settle(ranges, picked, signal) {
      await using session = await connect(signal);
      for (const range of ranges) await settle(reading, flag, session, range, picked, signal);
    },
  };
}

function isPending({ dialect }: Reading, { spec, column }: Flag, places: Places): string {
  const name = `t.${dialect.quoted(column.name)}`;
  const text = flagText(spec.pending);
  return text === null ? `${name} IS NULL` : `${name} = ${dialect.valueOf(column, places.add(text))}`;
}

async function* stretches(
  reading: Reading,
  flag: Flag,
  carries: (row: Uint8Array) => boolean,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<FlagStretch> {
  const plan = {
    op: 'U',
    terms: flag.terms,
    total: true,
    bounds: (places: Places) => [isPending(reading, flag, places)],
    keep: carries,
  } as const;
  const session = await reading.session(signal);
  for await (const stretch of walk(reading, session, plan, undefined, limits, signal))
    yield { ...stretch, last: stretch.last ?? [] };
}

/** Keys of one statement: databases allow about two thousand places, or a thousand terms. */
const MOST_PLACES = 500;

async function settle(
  reading: Reading,
  flag: Flag,
  session: SqlSession,
  range: FlagRange,
  picked: (row: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<void> {
  await session.begin('write', signal);
  try {
    const keys = await pickedKeys(reading, flag, session, range, picked, signal);
    const most = Math.floor(MOST_PLACES / flag.terms.length);
    for (let from = 0; from < keys.length; from += most)
      await setDone(reading, flag, session, keys.slice(from, from + most), signal);
    await session.commit(signal);
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

async function pickedKeys(
  reading: Reading,
  flag: Flag,
  session: SqlSession,
  { after, upTo }: FlagRange,
  picked: (row: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<Key[]> {
  const { dialect, projection, from } = reading;
  const { terms } = flag;
  const places = createPlaces(dialect);
  const conditions = [
    isPending(reading, flag, places),
    ...(after ? [behind(dialect, terms, after, places)] : []),
    notBehind(dialect, terms, upTo, places),
  ];
  const list = [...keyList(dialect, terms), ...selectList(dialect, projection, 't')];
  const rest = `WHERE ${conditions.map((each) => `(${each})`).join(' AND ')}${condition(reading)} ${orderBy(dialect, terms)}`;
  const keys: Key[] = [];
  const writer = createRowWriter(1024);
  for await (const rows of session.stream(dialect.locked(list, from, rest), places.values, signal)) {
    for (const cells of rows) {
      const refused = writeRow(writer, 'U', cells, terms.length, projection, 0);
      if (picked(refused ? refused.bytes : writer.take()))
        keys.push(terms.map((_, at) => textOf(cells[at] ?? null)));
    }
  }
  return keys;
}

async function setDone(
  reading: Reading,
  flag: Flag,
  session: SqlSession,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<void> {
  const { dialect, from } = reading;
  const { column, spec, terms } = flag;
  const places = createPlaces(dialect);
  const done = flagText(spec.done);
  const value = done === null ? 'NULL' : dialect.valueOf(column, places.add(done));
  // an UPDATE has no alias everywhere
  const plain = terms.map((term) => ({ ...term, name: dialect.quoted(term.column.name) }));
  const sql = `UPDATE ${from} SET ${dialect.quoted(column.name)} = ${value} WHERE ${among(dialect, plain, keys, places)}`;
  await session.query(sql, places.values, signal);
}
