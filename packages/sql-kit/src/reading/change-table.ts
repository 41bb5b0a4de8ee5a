import { qualified } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { columnNamed, type SqlColumn, type SqlTable } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import type { SqlChangeTable } from '../schemas.js';
import { changeColumnsOf, changeSettingsOf } from '../strategies/change-columns.js';
import { condition } from '../strategies/walked-table.js';
import { keysOnly } from './changed-rows.js';
import { type Projection, selectList } from './projection.js';
import type { Reading } from './reading.js';

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

/** Throws TABLE_MISSING, COLUMN_MISSING or STRATEGY_UNFIT (config) before anything is read. */
export async function changeTableOf(
  reading: Reading,
  readOnly: boolean,
  session: SqlSession,
  signal: AbortSignal,
): Promise<ChangeTable> {
  const { dialect, projection } = reading;
  const spec = changeSettingsOf(reading, readOnly);
  const table = await dialect.describe(session, spec.schema ?? reading.table.schema, spec.table, signal);
  if (!table) throw sourceErrors.TABLE_MISSING({ server: session.server, table: spec.table });
  const columns = changeColumnsOf(
    reading,
    spec,
    table.name,
    (name) => columnNamed(table, name),
    (column) => ordersChanges(table, column),
  );
  const op = `UPPER(LTRIM(RTRIM(c.${dialect.quoted(columns.op.name)})))`;
  const deletes = keysOnly(projection, columns.keyOf);
  const joined = projection.items.flatMap(({ item, column }) => {
    if (!item.key || !column) return [];
    const other = deletes.items.find((each) => each.item === item)!.column!;
    return [{ here: `t.${dialect.quoted(column.name)}`, there: `c.${dialect.quoted(other.name)}` }];
  });
  const leavesRow = columns.leavesRow(op, (text) => `'${text.replaceAll("'", "''")}'`);
  const on = [...joined.map(({ here, there }) => `${here} = ${there}`), leavesRow];
  const rows =
    reading.spec.where === undefined
      ? reading.from
      : `(SELECT * FROM ${reading.from} WHERE 1 = 1${condition(reading)})`;
  const from = qualified(dialect, table.schema, table.name);
  const name = dialect.quoted(columns.serial.name);
  return {
    spec,
    from,
    serial: name,
    serialText: (sql) => dialect.keyText(columns.serial, sql)!,
    truncateOps: columns.truncateOps,
    list: [
      dialect.keyText(columns.serial, `c.${name}`)!,
      op,
      `CASE WHEN ${joined[0]!.here} IS NULL THEN 'D' ELSE 'U' END`,
      ...selectList(dialect, projection, 't'),
      ...selectList(dialect, deletes, 'c'),
    ],
    join: `FROM ${from} c LEFT JOIN ${rows} t ON ${on.join(' AND ')}`,
    deletes,
  };
}

function ordersChanges(table: SqlTable, { name, family, scale }: SqlColumn): boolean {
  const whole = family === 'integer' || (family === 'decimal' && (scale === 0 || scale === null));
  return (
    whole &&
    table.indexes.some(({ unique, columns }) => unique && columns.length === 1 && columns[0] === name)
  );
}
