import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { createRowWriter, type RowWriter } from '@qianzhi/rows';
import type { ChangeTableSpec } from '../config.js';
import { sqliteErrors } from '../errors.js';
import type { SqliteDatabase } from '../file/open-file.js';
import { type Pace, startPace, whenFree } from '../file/pace.js';
import { columnOf, requireTable, type Table } from '../file/table.js';
import { quoted } from '../identifier.js';
import { checkpointOf, type Place, type SerialPlace } from './checkpoint.js';
import { type Encoding, writeExactRow } from './exact-row.js';
import type { Bound } from './order.js';
import { exactList, type Projection } from './projection.js';
import { condition, type Reading } from './reading.js';
import { readSnapshot, snapshotStart } from './snapshot.js';

/** A change table as the spec names it, checked. */
export interface ChangeTable {
  readonly spec: ChangeTableSpec;
  readonly from: string;
  readonly serial: string;
  readonly upsertOps: ReadonlySet<string>;
  readonly deleteOps: ReadonlySet<string>;
  readonly truncateOps: ReadonlySet<string>;
  /** Changes with the row as it is now beside each. */
  readonly select: string;
  /** Key items from the change table, every other item NULL. */
  readonly deletes: Projection;
}

const defaultOps = {
  upsert: ['I', 'U', 'INSERT', 'UPDATE'],
  delete: ['D', 'DELETE'],
  truncate: ['T', 'TRUNCATE'],
};
const NULL_FIELD = Buffer.from('\\N');

/** Throws TABLE_MISSING, COLUMN_MISSING or STRATEGY_UNFIT (config) before anything is read. */
export function changeTableOf(reading: Reading): ChangeTable {
  const spec = reading.spec.changeTable;
  const unfit = (zh: string, en: string) =>
    sqliteErrors.STRATEGY_UNFIT({
      strategy: 'change-table',
      table: reading.table.name,
      problem: { zh, en },
    });
  if (!spec) throw unfit('没有给出 source.changeTable', 'source.changeTable is not given');
  if (reading.projection.keyFields.length === 0)
    throw unfit('该资源没有主键信息项', 'the resource has no key items');
  if (spec.purge && reading.config.readOnly)
    throw unfit(
      'purge 需要写权限,而连接器设为 readOnly',
      'purge needs write access, but the connector is readOnly',
    );
  const table = requireTable(reading.db, spec.table);
  const serial = requireColumn(table, spec.serial, 'serial');
  if (!ordersChanges(table, serial))
    throw unfit(
      `表 ${table.name} 的列 ${serial} 不是主键,也不唯一`,
      `column ${serial} of ${table.name} is neither primary key nor unique`,
    );
  const op = requireColumn(table, spec.op, 'op');
  const deletes = deleteProjection(reading.projection, (column) =>
    requireColumn(table, spec.key?.[column] ?? reading.projection.columnOfItem(column) ?? column, column),
  );
  const ops = spec.ops ?? defaultOps;
  const upper = (names: readonly string[]) => new Set(names.map((name) => name.toUpperCase()));
  return {
    spec,
    from: quoted(table.name),
    serial: quoted(serial),
    upsertOps: upper(ops.upsert),
    deleteOps: upper(ops.delete),
    truncateOps: upper(ops.truncate),
    select: selectChanges(reading, deletes, quoted(table.name), quoted(serial), quoted(op)),
    deletes,
  };
}

function requireColumn(table: Table, name: string, item: string): string {
  const column = columnOf(table, name);
  if (!column) throw sqliteErrors.COLUMN_MISSING({ table: table.name, column: name, item });
  return column.name;
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

/** First a full copy with the newest serial taken before it; then each change in the order of its serial. */
export async function* readChanges(
  reading: Reading,
  changes: ChangeTable,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  let place = from;
  if (place?.phase === 'changes') {
    const truncated = yield* readSerials(reading, changes, place, limits, signal);
    if (!truncated) return;
    place = undefined;
  }
  if (place?.phase !== 'snapshot') {
    const head = () => newestSerial(reading, changes);
    const mark = await whenFree(head, reading.about, reading.busyTimeoutMs, signal);
    place = await snapshotStart(reading, signal, mark);
  }
  const then: SerialPlace = { phase: 'changes', serial: String(place.mark) };
  yield* readSnapshot(reading, place, then, limits, signal);
}

function newestSerial(reading: Reading, changes: ChangeTable): string {
  const found = reading.db
    .prepare(`SELECT max(${changes.serial}) FROM ${changes.from}`)
    .pluck()
    .safeIntegers()
    .get() as Bound;
  if (found !== null && typeof found !== 'bigint') {
    throw sqliteErrors.STRATEGY_UNFIT({
      strategy: 'change-table',
      table: reading.table.name,
      problem: { zh: 'serial 列不是整数', en: 'serial is no integer' },
    });
  }
  return String(found ?? 0);
}

/** Answers true where a truncation was met: what follows is a full copy. */
async function* readSerials(
  reading: Reading,
  changes: ChangeTable,
  place: SerialPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, boolean> {
  const pace = startPace(reading.about.doing, signal);
  const slice = createChangeReader(reading, changes);
  let serial = BigInt(place.serial);
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const writer = createRowWriter();
    const rejected: RowRejection[] = [];
    let end: 'more' | 'end' | 'truncated' = 'more';
    while (end === 'more' && writer.bytes < limits.blockBytes && left > 0) {
      const attempt = () => slice(serial, writer, rejected, { bytes: limits.blockBytes, rows: left }, pace);
      const found = await whenFree(attempt, reading.about, reading.busyTimeoutMs, signal);
      serial = found.serial;
      left -= found.taken;
      end = found.end;
      await pace.rest();
    }
    const rows = writer.rows;
    if (rows > 0 || rejected.length > 0) {
      const checkpoint = checkpointOf(reading.strategy, { phase: 'changes', serial: String(serial) });
      yield { kind: 'rows', phase: 'delta', bytes: writer.take(), rows, repeated: 0, rejected, checkpoint };
    }
    if (end !== 'more' || left <= 0) return end === 'truncated';
  }
}

function createChangeReader(reading: Reading, changes: ChangeTable) {
  const { db, projection } = reading;
  const statement = db.prepare<Bound[]>(changes.select).raw().safeIntegers();
  const encoding = db.pragma('encoding', { simple: true }) as Encoding;
  const keyWidth = projection.keyFields.length * 2;

  /** One statement, so one point in time for the changes and the rows beside them. */
  return function slice(
    from: bigint,
    writer: RowWriter,
    rejected: RowRejection[],
    limits: { bytes: number; rows: number },
    pace: Pace,
  ) {
    let serial = from;
    let taken = 0;
    for (const values of statement.iterate(from) as Iterable<Bound[]>) {
      const spent = (taken & 31) === 31 && pace.due();
      if (taken >= limits.rows || writer.bytes >= limits.bytes || spent)
        return { serial, taken, end: 'more' as const };
      const op = String(values[1]).trim().toUpperCase();
      if (changes.truncateOps.has(op)) return { serial, taken, end: 'truncated' as const };
      // a row that is gone is a delete as well: its own D comes later and repeats it harmlessly
      const gone = changes.deleteOps.has(op) || values[2] !== 1n;
      const at = writer.rows + rejected.length;
      const rejection = gone
        ? writeExactRow(writer, 'D', values.slice(3), changes.deletes, encoding, at)
        : writeExactRow(writer, 'U', values.slice(3 + keyWidth), projection, encoding, at);
      if (rejection) rejected.push(rejection);
      serial = values[0] as bigint;
      taken++;
    }
    return { serial, taken, end: 'end' as const };
  };
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
