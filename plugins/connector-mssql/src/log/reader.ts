import type { ReadLimits } from '@qianzhi/plugin-api';
import {
  columnNamed,
  condition,
  createChangedRows,
  keysOnly,
  type LogPlace,
  type LogReader,
  type LogStretch,
  type Projection,
  type Reading,
  type SqlColumn,
  selectList,
  unfitFor,
} from '@qianzhi/sql-kit';
import { quoted } from '../identifier.js';
import { type Tracking, trackingOf } from './tracking.js';

interface Tracked {
  readonly reading: Reading;
  /** The primary key's columns, by which the server tells changed rows. */
  readonly key: readonly string[];
  readonly deletes: Projection;
  look(signal: AbortSignal): Promise<Tracking>;
}

/**
 * Follows change tracking: of the server come the keys of changed rows, once each whatever happened to them, and each row is read as
 * it is now. A key that changed is a delete and an insert. Nothing is released: the server forgets by its retention. Throws what
 * `trackingOf` does, and STRATEGY_UNFIT (config).
 */
export async function trackingReader(reading: Reading, opening: AbortSignal): Promise<LogReader> {
  const tracked = trackedTable(reading);
  await tracked.look(opening);
  return {
    begin: async (signal) => placeAt(await tracked.look(signal)),
    lost: async (place, signal) => whyLost(place, await tracked.look(signal)),
    stretches: (place, limits, signal) => changesBehind(tracked, place, limits, signal),
    release: async () => {},
  };
}

function placeAt({ current, table, begin }: Tracking): LogPlace {
  return { phase: 'log', position: String(current), of: `${table}/${begin}` };
}

function whyLost({ position, of }: LogPlace, now: Tracking): string | undefined {
  if (!of.startsWith(`${now.table}/`)) return 'table-replaced';
  // TRUNCATE does that, too
  if (of !== placeAt(now).of) return 'tracking-restarted';
  if (BigInt(position) > now.current) return 'log-behind';
  return BigInt(position) < now.oldest ? 'log-cleaned-up' : undefined;
}

function trackedTable(reading: Reading): Tracked {
  const { table, projection, from } = reading;
  const unfit = unfitFor(reading);
  if (table.kind !== 'table') throw unfit('它不是表', 'it is no table');
  const columnOf = (item: string): SqlColumn => {
    const name = projection.columnOfItem(item)!;
    if (!table.primaryKey.includes(name))
      throw unfit(
        `主键信息项 ${item} 的列 ${name} 不属于表的主键,更改跟踪认不出被删的行`,
        `column ${name} of key item ${item} is not in the primary key: change tracking cannot tell a deleted row`,
      );
    return columnNamed(table, name)!;
  };
  if (!projection.items.some(({ item, column }) => item.key && column))
    throw unfit('资源没有取自表列的主键项', 'no key item comes from a column');
  return {
    reading,
    key: table.primaryKey.map(quoted),
    deletes: keysOnly(projection, columnOf),
    look: async (signal) => trackingOf(await reading.session(signal), { from, name: table.name }, signal),
  };
}

/**
 * A statement ends with a whole transaction, and takes none that committed after the version it was asked for: so nothing is
 * passed over that was committed, though not yet seen. What the server may have cleaned up meanwhile leads to a full copy.
 */
async function* changesBehind(
  tracked: Tracked,
  start: LogPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<LogStretch> {
  const { reading, deletes, look } = tracked;
  const changed = createChangedRows(reading.projection, deletes);
  const end = (await look(signal)).current;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  let whole = BigInt(start.position);
  let taken = 0;
  const stretch = (): LogStretch => {
    const done = { ...changed.take(), taken, place: { ...start, position: String(whole) } };
    taken = 0;
    return done;
  };
  while (whole < end && left > 0) {
    const most = Math.min(reading.spec.chunkRows, left);
    const session = await reading.session(signal);
    let version = whole;
    let read = 0;
    for await (const rows of session.stream(statement(tracked, whole, end, most), [], signal)) {
      for (const [at, op, ...cells] of rows) {
        // all of the version before has been read
        if (BigInt(String(at)) !== version) whole = version;
        version = BigInt(String(at));
        if (changed.bytes >= limits.blockBytes) yield stretch();
        changed.write(op === 'D', cells);
        taken++;
        read++;
      }
    }
    whole = read < most ? end : version;
    left -= read;
    yield stretch();
  }
  const now = await look(signal);
  const copyBecause = whyLost(start, now);
  if (copyBecause !== undefined) yield { ...stretch(), place: placeAt(now), copyBecause };
}

/** Version, whether the row is gone, the row as it is now, the key that changed. */
function statement({ reading, key, deletes }: Tracked, behind: bigint, upTo: bigint, most: number): string {
  const { dialect, projection, from, spec } = reading;
  const list = [
    'CONVERT(varchar(20), c.SYS_CHANGE_VERSION)',
    `CASE WHEN t.${key[0]} IS NULL THEN 'D' ELSE 'U' END`,
    ...selectList(dialect, projection, 't'),
    ...selectList(dialect, deletes, 'c'),
  ];
  const rows = spec.where === undefined ? from : `(SELECT * FROM ${from} WHERE 1 = 1${condition(reading)})`;
  const on = key.map((name) => `t.${name} = c.${name}`).join(' AND ');
  return `SELECT TOP (${most}) WITH TIES ${list.join(', ')} FROM CHANGETABLE(CHANGES ${from}, ${behind}) c LEFT JOIN ${rows} t ON ${on} WHERE c.SYS_CHANGE_VERSION <= ${upTo} ORDER BY c.SYS_CHANGE_VERSION`;
}
