import { actText } from '@qianzhi/model';
import { type ChangeColumns, changeColumnsOf, changeSettingsOf, type SerialPlace } from '@qianzhi/sql-kit';
import type { ChangeTableSpec } from '../config.js';
import { serverName } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal, qualified, quoted } from '../identifier.js';
import { familyOf } from '../native-type.js';
import type { Reading } from './reading.js';
import { rowAsItIs } from './row-as-it-is.js';

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
  /** Changes behind a place and in its holes, with the row as it is now: serial, op, then U and the row or D and its key. */
  select(place: SerialPlace, limit: number): string;
}

/** Columns before the row: serial, the change table's own op, U or D. */
export const CHANGE_PREFIX = 3;

/** Throws TABLE_MISSING, COLUMN_MISSING, STRATEGY_UNFIT (config) or NO_PERMISSION before anything is read. */
export async function changeTableOf(
  reading: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<ChangeTable> {
  const spec = changeSettingsOf(reading, reading.config.readOnly);
  const table = await requireTable(session, spec.database ?? reading.table.database, spec.table, signal);
  const indexOf = ({ name }: TableColumn) =>
    table.indexes.find(({ unique, columns }) => unique && columns.length === 1 && columns[0] === name);
  const columns = changeColumnsOf(
    reading,
    spec,
    table.name,
    (name) => columnOf(table, name),
    (column) => familyOf(column) === 'integer' && indexOf(column) !== undefined,
  );
  const from = qualified(table.database, table.name);
  const { rows } = await session.query(
    `SELECT @@auto_increment_increment AS step FROM ${from} LIMIT 1`,
    signal,
  );
  if (spec.purge) await requireDelete(session, table, signal);
  return {
    spec,
    from,
    serial: quoted(columns.serial.name),
    step: BigInt(rows[0]?.['step'] ?? 1),
    truncateOps: columns.truncateOps,
    index: quoted(indexOf(columns.serial)!.name),
    select: selectChanges(reading, from, columns),
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

function selectChanges(
  reading: Reading,
  from: string,
  columns: ChangeColumns<TableColumn>,
): ChangeTable['select'] {
  const serial = quoted(columns.serial.name);
  const opText = `UPPER(TRIM(c.${quoted(columns.op.name)}))`;
  const row = rowAsItIs(reading, (item, column) => alike(columns.keyOf(item), column));
  return ({ serial: behind, holes }, limit) => {
    const ends = holes.map((hole) => ` OR ${serial} BETWEEN ${BigInt(hole.from)} AND ${BigInt(hole.to)}`);
    const changes = `SELECT * FROM ${from} WHERE ${serial} > ${BigInt(behind)}${ends.join('')} ORDER BY ${serial} LIMIT ${limit}`;
    return `SELECT c.${serial}, ${opText}, ${row.list} FROM (${changes}) c ${row.join}
      AND ${columns.leavesRow(opText, literal)} ORDER BY c.${serial}`;
  };
}

/** Texts of different collations cannot be compared; the table's own keeps its index in use. */
function alike(from: TableColumn, to: TableColumn): string {
  const name = `c.${quoted(from.name)}`;
  if (to.charset === null || to.collation === null || from.collation === to.collation) return name;
  return `CONVERT(${name} USING ${to.charset}) COLLATE ${to.collation}`;
}
