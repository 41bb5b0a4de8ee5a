import type { DiscoverFilter } from '@qianzhi/plugin-api';
import {
  isOwnName,
  type SqlCell,
  type SqlColumn,
  type SqlRow,
  type SqlSession,
  type SqlTable,
} from '@qianzhi/sql-kit';
import { factsOf } from './native-type.js';

const columnSql = `SELECT s.name, o.name, RTRIM(o.type), c.name, COALESCE(TYPE_NAME(NULLIF(c.system_type_id, 240)), TYPE_NAME(c.user_type_id)),
  c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity, c.is_computed, CASE WHEN c.default_object_id <> 0 THEN 1 ELSE 0 END,
  c.collation_name, CONVERT(nvarchar(4000), p.value)
FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id JOIN sys.columns c ON c.object_id = o.object_id
LEFT JOIN sys.extended_properties p ON p.class = 1 AND p.major_id = o.object_id AND p.minor_id = c.column_id AND p.name = N'MS_Description'
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0`;

const indexSql = `SELECT s.name, o.name, i.index_id, i.is_primary_key, i.is_unique, c.name
FROM sys.indexes i JOIN sys.objects o ON o.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id
WHERE o.type = 'U' AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND i.has_filter = 0`;

const tableSql = `SELECT s.name, o.name, CONVERT(nvarchar(4000), p.value),
  (SELECT SUM(a.rows) FROM sys.partitions a WHERE a.object_id = o.object_id AND a.index_id IN (0, 1))
FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.extended_properties p ON p.class = 1 AND p.major_id = o.object_id AND p.minor_id = 0 AND p.name = N'MS_Description'
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0`;

/** Describes a table or view as it is now; undefined where this user sees none of that name. */
export async function describeTable(
  session: SqlSession,
  schema: string,
  table: string,
  signal: AbortSignal,
): Promise<SqlTable | undefined> {
  return (await readTables(session, schema, table, signal))[0];
}

/** All tables and views by schema and name; our own are left out. */
export async function discoverTables(
  session: SqlSession,
  { schema, table }: DiscoverFilter,
  signal: AbortSignal,
): Promise<readonly SqlTable[]> {
  return (await readTables(session, schema, table, signal)).filter(({ name }) => !isOwnName(name));
}

async function readTables(
  session: SqlSession,
  schema: string | undefined,
  table: string | undefined,
  signal: AbortSignal,
): Promise<SqlTable[]> {
  const binds = [schema, table].filter((name) => name !== undefined);
  const named = [
    ...(schema === undefined ? [] : [' AND s.name = @p1']),
    ...(table === undefined ? [] : [` AND o.name = @p${binds.length}`]),
  ].join('');
  const columns = await session.query(
    `${columnSql}${named} ORDER BY s.name, o.name, c.column_id`,
    binds,
    signal,
  );
  if (columns.rows.length === 0) return [];
  const indexes = await session.query(
    `${indexSql}${named} ORDER BY i.index_id, x.key_ordinal`,
    binds,
    signal,
  );
  const facts = await session.query(`${tableSql}${named}`, binds, signal);
  const tables = new Map<string, SqlTable & { columns: SqlColumn[] }>();
  for (const row of columns.rows) {
    const key = keyOf(row);
    const known =
      tables.get(key) ??
      newTable(
        row,
        indexes.rows,
        facts.rows.find((fact) => keyOf(fact) === key),
      );
    known.columns.push(columnOf(row.slice(3)));
    tables.set(key, known);
  }
  return [...tables.values()];
}

function keyOf([schema, name]: SqlRow): string {
  return JSON.stringify([schema, name]);
}

function newTable(row: SqlRow, indexRows: readonly SqlRow[], facts: SqlRow | undefined) {
  const own = indexRows.filter((index) => keyOf(index) === keyOf(row));
  const ids = [...new Set(own.map(([, , id]) => String(id)))];
  const indexes = ids.map((id) => {
    const parts = own.filter((index) => String(index[2]) === id);
    return {
      columns: parts.map((part) => String(part[5])),
      unique: truth(parts[0]![4]),
      primary: truth(parts[0]![3]),
    };
  });
  const kind: SqlTable['kind'] = row[2] === 'V' ? 'view' : 'table';
  const rows = facts?.[3] ?? null;
  return {
    schema: String(row[0]),
    name: String(row[1]),
    kind,
    columns: [] as SqlColumn[],
    primaryKey: indexes.find(({ primary }) => primary)?.columns ?? [],
    indexes: indexes.map(({ columns, unique }) => ({ columns, unique })),
    rows: rows === null || kind === 'view' ? null : Number(rows),
    comment: textOrNull(facts?.[2]),
  };
}

function columnOf(cells: SqlRow): SqlColumn {
  const [
    name,
    baseType,
    bytes,
    precision,
    scale,
    nullable,
    identity,
    computed,
    hasDefault,
    collation,
    comment,
  ] = cells;
  const facts = factsOf({
    baseType: String(baseType),
    bytes: Number(bytes),
    precision: Number(precision),
    scale: Number(scale),
  });
  return {
    name: String(name),
    ...facts,
    required: !truth(nullable),
    hasDefault: truth(hasDefault) || truth(identity),
    // numbered by the server: its values are not the supplier's
    generated: truth(computed) || truth(identity) || baseType === 'timestamp',
    collation: textOrNull(collation),
    comment: textOrNull(comment),
  };
}

function truth(cell: SqlCell | undefined): boolean {
  return cell === true || cell === 1 || cell === '1';
}

function textOrNull(cell: SqlCell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}
