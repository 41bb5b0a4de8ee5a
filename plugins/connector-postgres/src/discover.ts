import type { ColumnDescription, DiscoverFilter, TableDescription } from '@qianzhi/plugin-api';
import type { Session, TextRow } from './connection/session.js';
import { describeTable, kindOf, type Table } from './connection/table.js';
import { isOwnName } from './identifier.js';
import { catalogType } from './native-type.js';

/** Schemas that came with the database have smaller ones. */
const FIRST_OWN_OID = 16_384;

/** Tables and views by schema and name; the system's and our own are left out. Row counts are the statistics' estimates. */
export async function discoverTables(
  session: Session,
  filter: DiscoverFilter,
  signal: AbortSignal,
): Promise<TableDescription[]> {
  const { rows } = await session.query(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.reltuples AS rows,
       pg_catalog.obj_description(c.oid, 'pg_class') AS comment
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
       AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND (n.oid >= ${FIRST_OWN_OID} OR n.nspname = 'public')
       AND ($1::text IS NULL OR n.nspname = $1) AND ($2::text IS NULL OR c.relname = $2)
     ORDER BY n.nspname, c.relname`,
    [filter.schema ?? null, filter.table ?? null],
    signal,
  );
  const found: TableDescription[] = [];
  for (const row of rows) {
    if (isOwnName(row.name!)) continue;
    const table = await describeTable(session, row.schema!, row.name!, signal);
    // gone since it was listed
    if (table) found.push(describe(row, table));
  }
  return found;
}

function describe(row: TextRow, table: Table): TableDescription {
  const kind = kindOf[row.kind!];
  const estimate = Number(row.rows);
  return {
    schema: table.schema,
    table: table.name,
    kind: kind === 'view' || kind === 'materialized-view' ? 'view' : 'table',
    // -1 (and before PostgreSQL 14 also 0) says that nobody has counted
    rows: kind === 'view' || estimate < 0 ? null : Math.round(estimate),
    comment: row.comment ?? null,
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
      ...new Set(
        table.indexes.flatMap(({ valid, partial, columns: [first] }) =>
          valid && !partial && typeof first === 'string' ? [first] : [],
        ),
      ),
    ],
  };
}
