import { qualified } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { columnNamed, type SqlColumn, type SqlTable } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import type { SqlChangeTable } from '../schemas.js';
import { type Projection, selectList } from './projection.js';
import { condition, type Reading } from './reading.js';

/** A change table as the spec names it, checked. */
export interface ChangeTable {
  readonly spec: SqlChangeTable;
  /** Qualified and quoted. */
  readonly from: string;
  /** Quoted. */
  readonly serial: string;
  /** A serial as text without a digit lost. */
  serialText(sql: string): string;
  readonly truncateOps: ReadonlySet<string>;
  /** Serial, op in capitals, `U` or `D`, the row as it is now, the key as the change has it. */
  readonly list: readonly string[];
  /** `FROM` changes `c` with the rows `t` that they are about. */
  readonly join: string;
  /** Key items from the change table, every other item NULL. */
  readonly deletes: Projection;
}

const defaultOps = { delete: ['D', 'DELETE'], truncate: ['T', 'TRUNCATE'] };

/** Throws TABLE_MISSING, COLUMN_MISSING or STRATEGY_UNFIT (config) before anything is read. */
export async function changeTableOf(
  reading: Reading,
  readOnly: boolean,
  session: SqlSession,
  signal: AbortSignal,
): Promise<ChangeTable> {
  const { dialect, projection } = reading;
  const spec = reading.spec.changeTable;
  const unfit = (zh: string, en: string) =>
    sourceErrors.STRATEGY_UNFIT({ strategy: 'change-table', table: reading.table.name, problem: { zh, en } });
  if (!spec) throw unfit('没有给出 source.changeTable', 'source.changeTable is not given');
  const keys = projection.items.filter(({ item, column }) => item.key && column);
  if (keys.length === 0) throw unfit('资源没有取自表列的主键项', 'no key item comes from a column');
  if (spec.purge && readOnly)
    throw unfit(
      'purge 需要写权限,但连接器为 readOnly',
      'purge needs write access, but the connector is readOnly',
    );
  const schema = spec.schema ?? reading.table.schema;
  const table = await dialect.describe(session, schema, spec.table, signal);
  if (!table) throw sourceErrors.TABLE_MISSING({ server: session.server, table: spec.table });
  const serial = requireColumn(table, spec.serial, 'serial');
  if (!ordersChanges(table, serial))
    throw unfit(
      `${table.name} 的列 ${serial.name} 不是整数主键或唯一列`,
      `column ${serial.name} of ${table.name} is no integer that is primary key or unique`,
    );
  const op = `UPPER(LTRIM(RTRIM(c.${dialect.quoted(requireColumn(table, spec.op, 'op').name)})))`;
  const ops = spec.ops ?? defaultOps;
  const deletes = deletesOf(projection, (item) =>
    requireColumn(table, spec.key?.[item] ?? projection.columnOfItem(item) ?? item, item),
  );
  const joined = keys.map(({ item, column }) => {
    const other = deletes.items.find((each) => each.item === item)!.column!;
    return { here: `t.${dialect.quoted(column!.name)}`, there: `c.${dialect.quoted(other.name)}` };
  });
  const gone = [...ops.delete, ...ops.truncate].map(
    (name) => `'${name.toUpperCase().replaceAll("'", "''")}'`,
  );
  const on = [...joined.map(({ here, there }) => `${here} = ${there}`), `${op} NOT IN (${gone.join(', ')})`];
  const rows =
    reading.spec.where === undefined
      ? reading.from
      : `(SELECT * FROM ${reading.from} WHERE 1 = 1${condition(reading)})`;
  const from = qualified(dialect, table.schema, table.name);
  const name = dialect.quoted(serial.name);
  return {
    spec: { ...spec, schema: table.schema, table: table.name },
    from,
    serial: name,
    serialText: (sql) => dialect.keyText(serial, sql)!,
    truncateOps: new Set(ops.truncate.map((each) => each.toUpperCase())),
    list: [
      dialect.keyText(serial, `c.${name}`)!,
      op,
      `CASE WHEN ${joined[0]!.here} IS NULL THEN 'D' ELSE 'U' END`,
      ...selectList(dialect, projection, 't'),
      ...selectList(dialect, deletes, 'c'),
    ],
    join: `FROM ${from} c LEFT JOIN ${rows} t ON ${on.join(' AND ')}`,
    deletes,
  };
}

const NULL_FIELD = Buffer.from('\\N');

function deletesOf(projection: Projection, changeColumn: (item: string) => SqlColumn): Projection {
  return {
    ...projection,
    items: projection.items.map((each) => {
      if (!each.item.key) return { ...each, column: undefined, constant: NULL_FIELD };
      return each.column ? { ...each, column: changeColumn(each.item.column) } : each;
    }),
  };
}

function requireColumn(table: SqlTable, name: string, item: string): SqlColumn {
  const column = columnNamed(table, name);
  if (!column) throw sourceErrors.COLUMN_MISSING({ table: table.name, column: name, item });
  return column;
}

function ordersChanges(table: SqlTable, { name, family, scale }: SqlColumn): boolean {
  const whole = family === 'integer' || (family === 'decimal' && (scale === 0 || scale === null));
  return (
    whole &&
    table.indexes.some(({ unique, columns }) => unique && columns.length === 1 && columns[0] === name)
  );
}
