import type { LogStretch } from '@qianzhi/sql-kit';
import type { Flavour } from '../connection/flavour.js';
import type { TableColumn } from '../connection/table.js';
import { quoted } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { rowAsItIs } from '../source/row-as-it-is.js';
import { encodedRows, formOf } from '../source/statement.js';
import type { Followed } from './followed.js';
import type { KeyText } from './rows-event.js';
import { isSeen, type Unseen } from './visible.js';

/** Keys of changed rows, and what has to be seen of whoever changed them. */
export interface Changes extends Unseen {
  readonly keys: readonly KeyText[];
}

/** Statements stay below the smallest packet that servers are set to take. */
const STATEMENT_BYTES = 262_144;

/** The rows of these keys as they are now: U, or D where there is none. */
export async function* changedRows(
  reading: Reading,
  followed: Followed,
  changes: Changes,
  blockBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Omit<LogStretch, 'place'>> {
  const form = {
    ...formOf(reading, [], 'U'),
    prefix: 1,
    op: (prefix: () => (string | null)[]) => (prefix()[0] === 'D' ? ('D' as const) : ('U' as const)),
  };
  const session = await reading.sessions.take(signal);
  try {
    await isSeen(reading, session, changes, signal);
    for (const keys of parted(changes.keys)) {
      const sql = selectSql(reading, followed, session.flavour, keys);
      yield* encodedRows(session, sql, form, blockBytes, {}, signal);
    }
  } finally {
    await reading.sessions.give(session);
  }
}

function* parted(keys: readonly KeyText[]): Generator<readonly KeyText[]> {
  let part: KeyText[] = [];
  let bytes = 0;
  for (const key of keys) {
    part.push(key);
    bytes += key.reduce((sum, { length }) => sum + length, 0);
    if (bytes < STATEMENT_BYTES) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}

function selectSql(reading: Reading, { key }: Followed, flavour: Flavour, keys: readonly KeyText[]): string {
  const name = (at: number) => `c.k${at}`;
  const place = ({ name: column }: TableColumn) => key.findIndex((part) => part.column.name === column);
  const row = rowAsItIs(reading, (_, column) => {
    const there = name(place(column));
    return column.charset === null ? there : `${there} COLLATE ${column.collation}`;
  });
  // a collation takes A for a: the row of another spelling is another row
  const exact = key.map(({ column }, at) =>
    column.charset === null
      ? ''
      : ` AND CAST(t.${quoted(column.name)} AS BINARY) = CAST(CONVERT(${name(at)} USING ${column.charset}) AS BINARY)`,
  );
  return `SELECT ${row.list} FROM (${keysSql(keys, flavour)}) c ${row.join}${exact.join('')}`;
}

/** A relation of the keys, its columns named k0, k1 …. */
function keysSql(keys: readonly KeyText[], { family, number }: Flavour): string {
  const names = keys[0]!.map((_, at) => `k${at}`);
  const isMaria = family === 'MariaDB' && number >= 100_303;
  if (isMaria || (family === 'MySQL' && number >= 80_019)) {
    const row = isMaria ? '' : 'ROW';
    const rows = keys.map((key) => `${row}(${key.join(', ')})`);
    return `WITH w (${names.join(', ')}) AS (VALUES ${rows.join(', ')}) SELECT * FROM w`;
  }
  const [first, ...others] = keys.map(
    (key) => `SELECT ${key.map((part, at) => `${part} AS k${at}`).join(', ')}`,
  );
  return [first, ...others].join(' UNION ALL ');
}
