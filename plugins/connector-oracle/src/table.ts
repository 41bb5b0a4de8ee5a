import type { DiscoverFilter } from '@qianzhi/plugin-api';
import {
  isOwnName,
  type SqlCell,
  type SqlColumn,
  type SqlRow,
  type SqlSession,
  type SqlTable,
} from '@qianzhi/sql-kit';
import { asWritten } from './identifier.js';
import { factsOf } from './native-type.js';

/** Names are bound as national text: the catalog has the database's own. */
const OWNER = `COALESCE(TO_CHAR(:p1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))`;
const named = (owner: string, table: string) =>
  `WHERE ${owner} = ${OWNER} AND (TO_CHAR(:p2) IS NULL OR ${table} = TO_CHAR(:p2))`;

const objectSql = `SELECT o.object_name, o.object_type, o.owner, t.num_rows, m.comments FROM all_objects o
LEFT JOIN all_tables t ON t.owner = o.owner AND t.table_name = o.object_name
LEFT JOIN all_tab_comments m ON m.owner = o.owner AND m.table_name = o.object_name
${named('o.owner', 'o.object_name')} AND o.object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW') ORDER BY o.object_name, o.object_type`;

const columnSql = `SELECT c.table_name, c.column_name, c.data_type, c.data_length, c.char_length, c.char_used, c.data_precision, c.data_scale,
  c.nullable, c.virtual_column, CASE WHEN c.default_length IS NULL THEN 0 ELSE 1 END, CASE WHEN i.column_name IS NULL THEN 0 ELSE 1 END, m.comments
FROM all_tab_cols c
LEFT JOIN all_tab_identity_cols i ON i.owner = c.owner AND i.table_name = c.table_name AND i.column_name = c.column_name
LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name
${named('c.owner', 'c.table_name')} AND c.hidden_column = 'NO' ORDER BY c.table_name, c.column_id`;

/** A key that no index of its own backs is found by its constraint alone. */
const keySql = `SELECT k.table_name, k.constraint_name, k.constraint_type, c.column_name FROM all_constraints k
JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name
${named('k.owner', 'k.table_name')} AND k.constraint_type IN ('P', 'U') AND k.status = 'ENABLED' AND k.deferrable = 'NOT DEFERRABLE'
ORDER BY k.constraint_type, k.constraint_name, c.position`;

const indexSql = `SELECT i.table_name, i.index_name, i.uniqueness, c.column_name FROM all_indexes i
JOIN all_ind_columns c ON c.index_owner = i.owner AND c.index_name = i.index_name
${named('i.table_owner', 'i.table_name')} AND i.status IN ('VALID', 'N/A') AND i.index_type = 'NORMAL' ORDER BY i.index_name, c.column_position`;

/** Exactly so named, else as it would be written without quotes; undefined where this user sees none. */
export async function describeTable(
  session: SqlSession,
  schema: string | undefined,
  table: string,
  signal: AbortSignal,
): Promise<SqlTable | undefined> {
  const owners = schema === undefined ? [null] : [...new Set([schema, asWritten(schema)])];
  for (const owner of owners) {
    for (const name of new Set([table, asWritten(table)])) {
      const [found] = await readTables(session, owner, name, signal);
      if (found) return found;
    }
  }
  return undefined;
}

/** All tables and views of a schema by name; our own are left out. */
export async function discoverTables(
  session: SqlSession,
  { schema, table }: DiscoverFilter,
  signal: AbortSignal,
): Promise<readonly SqlTable[]> {
  if (table !== undefined) {
    const found = await describeTable(session, schema, table, signal);
    return found && !isOwnName(found.name) ? [found] : [];
  }
  for (const owner of schema === undefined ? [null] : [...new Set([schema, asWritten(schema)])]) {
    const found = await readTables(session, owner, null, signal);
    if (found.length > 0) return found.filter(({ name }) => !isOwnName(name));
  }
  return [];
}

async function readTables(
  session: SqlSession,
  owner: string | null,
  table: string | null,
  signal: AbortSignal,
): Promise<SqlTable[]> {
  const read = async (sql: string) => (await session.query(sql, [owner, table], signal)).rows;
  const objects = await read(objectSql);
  if (objects.length === 0) return [];
  const parts = [await read(columnSql), await read(keySql), await read(indexSql)] as const;
  // a materialized view is listed as a table, too
  const first = objects.filter(([name], at) => at === 0 || objects[at - 1]![0] !== name);
  return first.map((object) => tableOf(object, parts));
}

function tableOf(
  [name, type, owner, rows, comment]: SqlRow,
  [columns, keys, indexes]: readonly [readonly SqlRow[], readonly SqlRow[], readonly SqlRow[]],
): SqlTable {
  const own = (rowsOfAll: readonly SqlRow[]) => rowsOfAll.filter(([table]) => table === name);
  const constraints = grouped(own(keys));
  return {
    schema: String(owner),
    name: String(name),
    kind: type === 'TABLE' ? 'table' : 'view',
    columns: own(columns).map((row) => columnOf(row)),
    primaryKey: constraints.find(({ mark }) => mark === 'P')?.columns ?? [],
    indexes: [
      ...constraints.map(({ columns }) => ({ columns, unique: true })),
      ...grouped(own(indexes)).map(({ columns, mark }) => ({ columns, unique: mark === 'UNIQUE' })),
    ],
    rows: rows === null || rows === undefined ? null : Number(rows),
    comment: textOrNull(comment),
  };
}

/** Rows of table, name, mark and column, by name. */
function grouped(rows: readonly SqlRow[]): { readonly mark: string; readonly columns: string[] }[] {
  const groups = new Map<string, { mark: string; columns: string[] }>();
  for (const [, name, mark, column] of rows) {
    const group = groups.get(String(name)) ?? { mark: String(mark), columns: [] };
    group.columns.push(String(column));
    groups.set(String(name), group);
  }
  return [...groups.values()];
}

function columnOf(row: SqlRow): SqlColumn {
  const [
    ,
    name,
    type,
    bytes,
    characters,
    used,
    precision,
    scale,
    nullable,
    virtual,
    hasDefault,
    identity,
    comment,
  ] = row;
  const facts = factsOf({
    dataType: String(type),
    bytes: Number(bytes),
    characters: Number(characters),
    countsCharacters: used === 'C',
    precision: numberOrNull(precision),
    scale: numberOrNull(scale),
  });
  const numbered = Number(identity) === 1;
  return {
    name: String(name),
    ...facts,
    required: nullable === 'N',
    hasDefault: Number(hasDefault) === 1 || numbered,
    // numbered by the server: its values are not the supplier's
    generated: virtual === 'YES' || numbered,
    collation: null,
    comment: textOrNull(comment),
  };
}

function numberOrNull(cell: SqlCell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}

function textOrNull(cell: SqlCell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}
