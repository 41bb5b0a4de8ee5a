import { actText } from '@qianzhi/model';
import type { Holes } from '@qianzhi/sql-kit';
import type { ChangeTableSpec } from '../config.js';
import { serverName } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { literal, qualified, quoted } from '../identifier.js';
import { familyOf } from '../native-type.js';
import { condition, type Reading } from './reading.js';

/** A change table as the spec names it, checked. */
export interface ChangeTable {
  readonly spec: ChangeTableSpec;
  readonly from: string;
  /** Quoted. */
  readonly serial: string;
  /** The distance of two serials in the column's own sequence. */
  readonly step: bigint;
  readonly truncateOps: ReadonlySet<string>;
  /**
   * Changes behind `serial` and in the holes, with the row as it is now: serial, op, then U and the row or D and its key.
   */
  select(serial: bigint, holes: Holes, limit: number): string;
}

/** Columns before the row text. */
export const CHANGE_PREFIX = 2;

const defaultOps = {
  upsert: ['I', 'U', 'INSERT', 'UPDATE'],
  delete: ['D', 'DELETE'],
  truncate: ['T', 'TRUNCATE'],
};

/** Throws TABLE_MISSING, COLUMN_MISSING, STRATEGY_UNFIT (config) or NO_PERMISSION before anything is read. */
export async function changeTableOf(
  reading: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<ChangeTable> {
  const spec = reading.spec.changeTable;
  const unfit = (zh: string, en: string) =>
    postgresErrors.STRATEGY_UNFIT({
      strategy: 'change-table',
      table: reading.table.name,
      problem: { zh, en },
    });
  if (!spec) throw unfit('没有给出 source.changeTable', 'source.changeTable is not given');
  const keys = reading.projection.items.filter(({ item }) => item.key);
  if (!keys.some((key) => key.column))
    throw unfit('资源没有取自表列的主键项', 'no key item comes from a column');
  if (spec.purge && reading.config.readOnly) {
    throw unfit(
      'purge 需要写权限,但连接器为 readOnly',
      'purge needs write access, but the connector is readOnly',
    );
  }
  const table = await requireTable(session, spec.schema ?? reading.table.schema, spec.table, signal);
  const serial = requireColumn(table, spec.serial, 'serial');
  if (familyOf(serial) !== 'integer' || !ordersChanges(table, serial.name)) {
    throw unfit(
      `${table.name} 的列 ${serial.name} 不是整数主键或唯一列`,
      `column ${serial.name} of ${table.name} is no integer that is primary key or unique`,
    );
  }
  const op = requireColumn(table, spec.op, 'op');
  const from = qualified(table.schema, table.name);
  await checkAccess(session, from, spec.purge, signal);
  const keyOf = (item: string) =>
    requireColumn(table, spec.key?.[item] ?? reading.projection.columnOfItem(item) ?? item, item);
  const ops = spec.ops ?? defaultOps;
  return {
    spec,
    from,
    serial: quoted(serial.name),
    step: await stepOf(session, from, serial.name, signal),
    truncateOps: upper(ops.truncate),
    select: selectChanges(reading, from, quoted(serial.name), quoted(op.name), ops, keyOf),
  };
}

async function checkAccess(
  session: Session,
  from: string,
  purge: boolean,
  signal: AbortSignal,
): Promise<void> {
  await session.query(`SELECT 1 FROM ${from} LIMIT 0`, [], signal);
  if (!purge) return;
  const { rows } = await session.query(
    `SELECT pg_catalog.has_table_privilege($1, 'DELETE') AS may_purge`,
    [from],
    signal,
  );
  if (rows[0]!.may_purge === 't') return;
  const { doing, config } = session.about;
  const server = serverName(config);
  throw postgresErrors.NO_PERMISSION({
    doing: actText(doing),
    server,
    user: config.user,
    reason: `DELETE ${from}`,
  });
}

function upper(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toUpperCase()));
}

function requireColumn(table: Table, name: string, item: string): TableColumn {
  const column = columnOf(table, name);
  if (!column) throw postgresErrors.COLUMN_MISSING({ table: table.name, column: name, item });
  return column;
}

function ordersChanges(table: Table, serial: string): boolean {
  return table.indexes.some(
    (index) =>
      index.unique &&
      !index.partial &&
      index.valid &&
      index.columns.length === 1 &&
      index.columns[0] === serial,
  );
}

async function stepOf(session: Session, from: string, serial: string, signal: AbortSignal): Promise<bigint> {
  if (session.version < 100_000) return 1n;
  const { rows } = await session.query(
    `SELECT s.seqincrement AS step FROM pg_catalog.pg_sequence s
     WHERE s.seqrelid = pg_catalog.pg_get_serial_sequence($1, $2)::regclass AND s.seqincrement > 0`,
    [from, serial],
    signal,
  );
  return BigInt(rows[0]?.step ?? 1);
}

function selectChanges(
  reading: Reading,
  from: string,
  serial: string,
  op: string,
  ops: NonNullable<ChangeTableSpec['ops']>,
  changeKey: (item: string) => TableColumn,
): ChangeTable['select'] {
  const { items } = reading.projection;
  const opText = `upper(btrim(c.${op}::text))`;
  const gone = `${opText} IN (${[...upper(ops.delete), ...upper(ops.truncate)].map(literal).join(', ')})`;
  const keys = items.flatMap(({ item, column }) => {
    if (!item.key || !column) return [];
    const other = changeKey(item.column);
    const cast = other.castType === column.castType ? '' : `::${column.castType}`;
    return [{ item, here: `t.${quoted(column.name)}`, there: `c.${quoted(other.name)}${cast}` }];
  });
  const found = `${keys[0]!.here} IS NOT NULL`;
  const fields = items.map((each) => {
    const key = keys.find(({ item }) => item === each.item);
    if (key) return each.expression(`(CASE WHEN ${found} THEN ${key.here} ELSE ${key.there} END)`).sql;
    if (each.column) return each.expression(`t.${quoted(each.column.name)}`).sql;
    return each.item.key ? each.expression().sql : `CASE WHEN ${found} THEN ${each.expression().sql} END`;
  });
  const list = [`c.${serial}`, opText, `CASE WHEN ${found} THEN 'U' ELSE 'D' END`, ...fields].join(', ');
  const rows =
    reading.spec.where === undefined
      ? reading.from
      : `(SELECT * FROM ${reading.from} WHERE true${condition(reading.spec)})`;
  const join = [...keys.map(({ here, there }) => `${here} = ${there}`), `NOT ${gone}`].join(' AND ');
  return (behind, holes, limit) => {
    const changes = changesIn(from, serial, behind, holes);
    return `SELECT ${list} FROM ${changes} c LEFT JOIN ${rows} t ON ${join} ORDER BY c.${serial} LIMIT ${limit}`;
  };
}

/** Each hole is looked up by the serial's index. */
function changesIn(from: string, serial: string, behind: bigint, holes: Holes): string {
  const later = `SELECT * FROM ${from} WHERE ${serial} > ${behind}`;
  if (holes.length === 0) return `(${later})`;
  const ends = holes.map((hole) => `(${BigInt(hole.from)}::bigint, ${BigInt(hole.to)}::bigint)`).join(', ');
  return `(${later} UNION ALL SELECT x.* FROM (VALUES ${ends}) h(a, b), LATERAL (SELECT * FROM ${from} WHERE ${serial} BETWEEN h.a AND h.b) x)`;
}
