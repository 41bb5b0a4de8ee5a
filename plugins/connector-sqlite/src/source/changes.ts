import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, type RowWriter } from '@qianzhi/rows';
import {
  CAPTURE_OP,
  type ChangeReader,
  type ChangeTrail,
  changeColumnsOf,
  changeSettingsOf,
  condition,
  type SerialPlace,
  unfitFor,
} from '@qianzhi/sql-kit';
import type { ChangeTableSpec } from '../config.js';
import type { SqliteDatabase } from '../file/open-file.js';
import { type Pace, startPace, whenFree } from '../file/pace.js';
import { columnOf, requireTable, type Table } from '../file/table.js';
import { quoted } from '../identifier.js';
import { type Encoding, writeExactRow } from './exact-row.js';
import type { Bound } from './order.js';
import { exactList, type Projection } from './projection.js';
import type { Reading } from './reading.js';

/** A change table as the spec names it, checked. */
export interface ChangeTable {
  readonly spec: ChangeTableSpec;
  readonly from: string;
  readonly serial: string;
  readonly goneOps: ReadonlySet<string>;
  readonly truncateOps: ReadonlySet<string>;
  /** Changes with the row as it is now beside each. */
  readonly select: string;
  /** Key items from the change table, every other item NULL. */
  readonly deletes: Projection;
}

const NULL_FIELD = Buffer.from('\\N');

/** Throws TABLE_MISSING, COLUMN_MISSING or STRATEGY_UNFIT (config) before anything is read. */
export function changeTableOf(reading: Reading): ChangeTable {
  const spec = changeSettingsOf(reading, reading.config.readOnly);
  const table = requireTable(reading.db, spec.table);
  const columns = changeColumnsOf(
    reading,
    spec,
    table.name,
    (name) => columnOf(table, name),
    ({ name }) => ordersChanges(table, name),
  );
  const deletes = deleteProjection(reading.projection, (item) => columns.keyOf(item).name);
  const [from, serial, op] = [table, columns.serial, columns.op].map(({ name }) => quoted(name));
  return {
    spec,
    from: from!,
    serial: serial!,
    goneOps: new Set(columns.goneOps),
    truncateOps: columns.truncateOps,
    select: selectChanges(reading, deletes, from!, serial!, op!),
    deletes,
  };
}

function ordersChanges(table: Table, serial: string): boolean {
  if (table.primaryKey.length === 1 && table.primaryKey[0] === serial) return true;
  return table.indexes.some(
    (index) => index.unique && !index.partial && index.columns.length === 1 && index.columns[0] === serial,
  );
}

function deleteProjection(projection: Projection, changeColumn: (column: string) => string): Projection {
  return {
    ...projection,
    items: projection.items.map((item) =>
      item.item.key
        ? { ...item, column: quoted(changeColumn(item.item.column)), constant: undefined }
        : { ...item, column: undefined, constant: NULL_FIELD },
    ),
  };
}

function selectChanges(
  reading: Reading,
  deletes: Projection,
  from: string,
  serial: string,
  op: string,
): string {
  const keys = reading.projection.keyFields.map((at) => {
    const column = reading.projection.items[at]!.column;
    if (column === undefined) return '1';
    return `t.${column} = c.${deletes.items[at]!.column}`;
  });
  const found = reading.projection.items[reading.projection.keyFields[0]!]!.column!;
  const rows =
    reading.spec.where === undefined
      ? reading.from
      : `(SELECT * FROM ${reading.from} WHERE 1${condition(reading)})`;
  const list = [
    `c.${serial}`,
    `c.${op}`,
    `t.${found} IS NOT NULL`,
    ...exactList(deletes, 'c.'),
    ...exactList(reading.projection, 't.'),
  ];
  return `SELECT ${list.join(', ')} FROM ${from} c LEFT JOIN ${rows} t ON ${keys.join(' AND ')} WHERE c.${serial} > ? ORDER BY c.${serial}`;
}

/** No serial is committed after a higher one: SQLite has one writer at a time. */
const STEP = 2n ** 64n;

/** `purge` where the settings ask for it, `canary` where the change table is one of ours. */
export function changeReader(
  reading: Reading,
  changes: ChangeTable,
  purge: ChangeReader['purge'],
  canary: ChangeReader['canary'],
): ChangeReader {
  const slice = createChangeSlices(reading, changes);
  return {
    step: STEP,
    chunkRows: Number.POSITIVE_INFINITY,
    truncateOps: changes.truncateOps,
    newest: (signal) =>
      whenFree(() => newestPlace(reading, changes), reading.about, reading.busyTimeoutMs, signal),
    async *stretches({ serial }, most, follow, { blockBytes }, signal) {
      const ms = reading.context.now().getTime();
      const trail = follow({ oldest: 0n, next: 1n, ms });
      const pace = startPace(reading.about.doing, signal);
      let left = most;
      let behind = BigInt(serial);
      for (let ended = false; !ended && left > 0; ) {
        const writer = createRowWriter();
        const rejected: RowRejection[] = [];
        let taken = 0;
        while (!ended && writer.bytes < blockBytes && left > 0) {
          const limits = { bytes: blockBytes, rows: left };
          const attempt = () => slice(behind, writer, rejected, trail, limits, pace);
          const found = await whenFree(attempt, reading.about, reading.busyTimeoutMs, signal);
          ({ ended } = found);
          taken += found.taken;
          left -= found.taken;
          behind = BigInt(trail.place().serial);
          await pace.rest();
        }
        const { rows } = writer;
        yield { bytes: writer.take(), rows, rejected, taken, place: trail.place() };
      }
    },
    purge,
    canary,
  };
}

/** A column holds whatever was written into it: texts sort behind every number. */
function noSerial(reading: Reading) {
  return unfitFor(reading)('serial 列中有值不是整数', 'a value of the serial column is no integer');
}

function newestPlace(reading: Reading, { from, serial }: ChangeTable): SerialPlace {
  const found = reading.db
    .prepare(`SELECT max(${serial}) FROM ${from}`)
    .pluck()
    .safeIntegers()
    .get() as Bound;
  if (found !== null && typeof found !== 'bigint') throw noSerial(reading);
  return { phase: 'changes', serial: String(found ?? 0), holes: [] };
}

function createChangeSlices(reading: Reading, changes: ChangeTable) {
  const { db, projection } = reading;
  const statement = db.prepare<Bound[]>(changes.select).raw().safeIntegers();
  const encoding = db.pragma('encoding', { simple: true }) as Encoding;
  const keyWidth = projection.keyFields.length * 2;

  /** One statement, so one point in time for the changes and the rows beside them. */
  return function slice(
    from: bigint,
    writer: RowWriter,
    rejected: RowRejection[],
    trail: ChangeTrail,
    limits: { bytes: number; rows: number },
    pace: Pace,
  ) {
    let taken = 0;
    for (const values of statement.iterate(from) as Iterable<Bound[]>) {
      const spent = (taken & 31) === 31 && pace.due();
      if (taken >= limits.rows || writer.bytes >= limits.bytes || spent) return { taken, ended: false };
      const [serial, written] = values;
      if (typeof serial !== 'bigint') throw noSerial(reading);
      const op = String(written).trim().toUpperCase();
      const passed = trail.passes(String(serial), op);
      if (passed === 'end') return { taken, ended: true };
      if (passed === 'skip') {
        taken++;
        continue;
      }
      // a row that is gone is a delete as well: its own D comes later and repeats it harmlessly
      const gone = changes.goneOps.has(op) || values[2] !== 1n;
      const at = writer.rows + rejected.length;
      const rejection = gone
        ? writeExactRow(writer, 'D', values.slice(3), changes.deletes, encoding, at)
        : writeExactRow(writer, 'U', values.slice(3 + keyWidth), projection, encoding, at);
      if (rejection) rejected.push(rejection);
      taken++;
    }
    return { taken, ended: true };
  };
}

export async function writeCanary(
  db: SqliteDatabase,
  { from }: ChangeTable,
  op: string,
  { about, busyTimeoutMs }: Reading,
  signal: AbortSignal,
): Promise<void> {
  const insert = db.prepare(`INSERT INTO ${from} (${CAPTURE_OP}) VALUES (?)`);
  await whenFree(() => void insert.run(op), about, busyTimeoutMs, signal);
}

const PURGE_ROWS = 2000;

/** Deletes changes up to a confirmed serial, a few at a time, so that the legacy program is never held up. */
export async function purgeChanges(
  db: SqliteDatabase,
  changes: ChangeTable,
  serial: string,
  reading: Reading,
  signal: AbortSignal,
): Promise<void> {
  const pace = startPace(reading.about.doing, signal);
  const remove = db.prepare<Bound[]>(
    `DELETE FROM ${changes.from} WHERE ${changes.serial} IN (SELECT ${changes.serial} FROM ${changes.from} WHERE ${changes.serial} <= ? ORDER BY ${changes.serial} LIMIT ${PURGE_ROWS})`,
  );
  for (;;) {
    const gone = await whenFree(
      () => remove.run(BigInt(serial)).changes,
      reading.about,
      reading.busyTimeoutMs,
      signal,
    );
    if (gone < PURGE_ROWS) return;
    await pace.rest();
  }
}
