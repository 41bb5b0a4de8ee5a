import { actText } from '@qianzhi/model';
import { type ChangeColumns, changeColumnsOf, changeSettingsOf, type SerialPlace } from '@qianzhi/sql-kit';
import type { ChangeTableSpec } from '../config.js';
import { productName, serverName } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
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
  /** The distance of two serials in the column's own sequence. */
  readonly step: bigint;
  readonly truncateOps: ReadonlySet<string>;
  /** Changes behind a place and in its holes, with the row as it is now: serial, op, then U and the row or D and its key. */
  select(place: SerialPlace, limit: number): string;
}

/** Columns before the row text. */
export const CHANGE_PREFIX = 2;

/** Throws TABLE_MISSING, COLUMN_MISSING, STRATEGY_UNFIT (config) or NO_PERMISSION before anything is read. */
export async function changeTableOf(
  reading: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<ChangeTable> {
  const spec = changeSettingsOf(reading, reading.config.readOnly);
  const table = await requireTable(session, spec.schema ?? reading.table.schema, spec.table, signal);
  const columns = changeColumnsOf(
    reading,
    spec,
    table.name,
    (name) => columnOf(table, name),
    (column) => familyOf(column) === 'integer' && ordersChanges(table, column.name),
  );
  const from = qualified(table.schema, table.name);
  await checkAccess(session, from, spec.purge, signal);
  return {
    spec,
    from,
    serial: quoted(columns.serial.name),
    step: await stepOf(session, from, columns.serial.name, signal),
    truncateOps: columns.truncateOps,
    select: selectChanges(reading, from, columns),
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
  const facts = {
    doing: actText(doing),
    product: productName(config),
    server: serverName(config),
    user: config.user,
  };
  throw postgresErrors.NO_PERMISSION({ ...facts, reason: `DELETE ${from}` });
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
  columns: ChangeColumns<TableColumn>,
): ChangeTable['select'] {
  const serial = quoted(columns.serial.name);
  const opText = `upper(btrim(c.${quoted(columns.op.name)}::text))`;
  const row = rowAsItIs(reading, (item, column) => {
    const other = columns.keyOf(item);
    const cast = other.castType === column.castType ? '' : `::${column.castType}`;
    return `c.${quoted(other.name)}${cast}`;
  });
  const list = [`c.${serial}`, opText, row.list].join(', ');
  return (place, limit) => {
    const changes = changesIn(from, serial, place);
    return `SELECT ${list} FROM ${changes} c ${row.join} AND ${columns.leavesRow(opText, literal)} ORDER BY c.${serial} LIMIT ${limit}`;
  };
}

/** Each hole is looked up by the serial's index. */
function changesIn(from: string, serial: string, { serial: behind, holes }: SerialPlace): string {
  const later = `SELECT * FROM ${from} WHERE ${serial} > ${BigInt(behind)}`;
  if (holes.length === 0) return `(${later})`;
  const ends = holes.map((hole) => `(${BigInt(hole.from)}::bigint, ${BigInt(hole.to)}::bigint)`).join(', ');
  return `(${later} UNION ALL SELECT x.* FROM (VALUES ${ends}) h(a, b) JOIN ${from} x ON x.${serial} BETWEEN h.a AND h.b)`;
}
