import type { ColumnDescription, DiscoverFilter, TableDescription } from '@qianzhi/plugin-api';
import { isOwnName } from '@qianzhi/sql-kit';
import type { Session } from './connection/session.js';
import { describeTable, type Table } from './connection/table.js';
import { literal } from './identifier.js';
import { catalogType } from './native-type.js';

/** Tables and views by database and name; the system's and our own are left out. Row counts are the engine's estimates. */
export async function discoverTables(
  session: Session,
  filter: DiscoverFilter,
  signal: AbortSignal,
): Promise<TableDescription[]> {
  const database = filter.schema ?? session.config.database;
  const named =
    filter.table === undefined ? '' : ` AND CAST(table_name AS BINARY) = ${literal(filter.table)}`;
  const { rows } = await session.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ${literal(database)} AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')${named}
     ORDER BY table_name`,
    signal,
  );
  const found: TableDescription[] = [];
  for (const row of rows) {
    const name = row['name'] ?? '';
    if (isOwnName(name)) continue;
    const table = await describeTable(session, database, name, signal);
    // gone since it was listed
    if (table) found.push(describe(table));
  }
  return found;
}

function describe(table: Table): TableDescription {
  return {
    schema: table.database,
    table: table.name,
    kind: table.kind,
    rows: table.kind === 'view' ? null : table.rows,
    // views carry the word VIEW as theirs
    comment: table.kind === 'view' ? null : table.comment,
    columns: table.columns.map(
      (column): ColumnDescription => ({
        name: column.name,
        nativeType: column.nativeType,
        ...catalogType(column),
        nullable: !column.required,
        comment: column.comment,
      }),
    ),
    primaryKey: table.primaryKey,
    indexed: [
      ...new Set(table.indexes.flatMap(({ columns: [first] }) => (typeof first === 'string' ? [first] : []))),
    ],
  };
}
