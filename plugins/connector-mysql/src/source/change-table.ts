import { actText } from '@qianzhi/model';
import type { Holes } from '@qianzhi/sql-kit';
import type { ChangeTableSpec } from '../config.js';
import { serverName } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal, qualified, quoted } from '../identifier.js';
import { familyOf } from '../native-type.js';
import { condition, type Reading } from './reading.js';

/** A change table as the spec names it, checked. */
export interface ChangeTable {
  readonly spec: ChangeTableSpec;
  readonly from: string;
  /** Quoted. */
  readonly serial: string;
  /** The distance of two serials: `auto_increment_increment`. */
  readonly step: bigint;
  readonly truncateOps: ReadonlySet<string>;
  /** Quoted name of the unique index over the serial. */
  readonly index: string;
  /**
   * Changes behind `serial` and in the holes, with the row as it is now: serial, op, then U and the row or D and its key.
   */
  select(serial: bigint, holes: Holes, limit: number): string;
}

/** Columns before the row: serial, the change table's own op, U or D. */
export const CHANGE_PREFIX = 3;

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
    mysqlErrors.STRATEGY_UNFIT({
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
  const table = await requireTable(session, spec.database ?? reading.table.database, spec.table, signal);
  const serial = requireColumn(table, spec.serial, 'serial');
  const index = table.indexes.find(
    ({ unique, columns }) => unique && columns.length === 1 && columns[0] === serial.name,
  );
  if (familyOf(serial) !== 'integer' || !index) {
    throw unfit(
      `${table.name} 的列 ${serial.name} 不是整数主键或唯一列`,
      `column ${serial.name} of ${table.name} is no integer that is primary key or unique`,
    );
  }
  const op = requireColumn(table, spec.op, 'op');
  const from = qualified(table.database, table.name);
  const { rows } = await session.query(
    `SELECT @@auto_increment_increment AS step FROM ${from} LIMIT 1`,
    signal,
  );
  if (spec.purge) await requireDelete(session, table, signal);
  const keyOf = (item: string) =>
    requireColumn(table, spec.key?.[item] ?? reading.projection.columnOfItem(item) ?? item, item);
  const ops = spec.ops ?? defaultOps;
  return {
    spec,
    from,
    serial: quoted(serial.name),
    step: BigInt(rows[0]?.['step'] ?? 1),
    truncateOps: upper(ops.truncate),
    index: quoted(index.name),
    select: selectChanges(reading, from, quoted(serial.name), quoted(op.name), ops, keyOf),
  };
}

/** Rights given to a role are not listed here: only a list that says something can be read as a refusal. */
async function requireDelete(session: Session, table: Table, signal: AbortSignal): Promise<void> {
  const { rows } = await session.query('SHOW GRANTS', signal);
  const grants = rows.map((row) => Object.values(row)[0] ?? '').join('\n');
  if (
    /\b(ALL PRIVILEGES|DELETE)\b/.test(grants) ||
    !/^GRANT SELECT/m.test(grants) ||
    /^GRANT `/m.test(grants)
  )
    return;
  const { doing, config } = session.about;
  const reason = `DELETE ${table.name}`;
  throw mysqlErrors.NO_PERMISSION({
    doing: actText(doing),
    server: serverName(config),
    user: config.user,
    reason,
  });
}

function upper(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toUpperCase()));
}

function requireColumn(table: Table, name: string, item: string): TableColumn {
  const column = columnOf(table, name);
  if (!column) throw mysqlErrors.COLUMN_MISSING({ table: table.name, column: name, item });
  return column;
}

function selectChanges(
  reading: Reading,
  from: string,
  serial: string,
  op: string,
  ops: NonNullable<ChangeTableSpec['ops']>,
  changeKey: (item: string) => TableColumn,
): ChangeTable['select'] {
  const { projection } = reading;
  const opText = `UPPER(TRIM(c.${op}))`;
  const gone = `${opText} IN (${[...upper(ops.delete), ...upper(ops.truncate)].map(literal).join(', ')})`;
  const keys = projection.items.flatMap(({ item, column }) => {
    if (!item.key || !column) return [];
    return [{ item, here: `t.${quoted(column.name)}`, there: alike(changeKey(item.column), column) }];
  });
  const found = `${keys[0]!.here} IS NOT NULL`;
  const fields = projection.items.map((each) => {
    const key = keys.find(({ item }) => item === each.item);
    if (key) return each.expression(`IF(${found}, ${key.here}, ${key.there})`).sql;
    if (each.column) return each.expression(`t.${quoted(each.column.name)}`).sql;
    return each.item.key ? each.expression().sql : `IF(${found}, ${each.expression().sql}, NULL)`;
  });
  const sizes = projection.tooLarge('t');
  const list = [`c.${serial}`, opText, `IF(${found}, 'U', 'D')`, ...(sizes ? [sizes] : []), ...fields].join(
    ', ',
  );
  const rows =
    reading.spec.where === undefined
      ? reading.from
      : `(SELECT * FROM ${reading.from} WHERE true${condition(reading.spec)})`;
  const join = [...keys.map(({ here, there }) => `${here} = ${there}`), `NOT (${gone})`].join(' AND ');
  return (behind, holes, limit) => {
    const ends = holes.map((hole) => ` OR ${serial} BETWEEN ${BigInt(hole.from)} AND ${BigInt(hole.to)}`);
    const changes = `SELECT * FROM ${from} WHERE ${serial} > ${behind}${ends.join('')} ORDER BY ${serial} LIMIT ${limit}`;
    return `SELECT ${list} FROM (${changes}) c LEFT JOIN ${rows} t ON ${join} ORDER BY c.${serial}`;
  };
}

/** Texts of different collations cannot be compared; the table's own keeps its index in use. */
function alike(from: TableColumn, to: TableColumn): string {
  const name = `c.${quoted(from.name)}`;
  if (to.charset === null || to.collation === null || from.collation === to.collation) return name;
  return `CONVERT(${name} USING ${to.charset}) COLLATE ${to.collation}`;
}
