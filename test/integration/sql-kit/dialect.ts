import type {
  MergeRelations,
  SqlColumn,
  SqlDialect,
  SqlFamily,
  SqlSession,
  SqlTable,
} from '@qianzhi/sql-kit';

const families: Readonly<Record<string, SqlFamily>> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'char',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'decimal',
  float8: 'double',
  float4: 'single',
  bool: 'boolean',
  bytea: 'binary',
  date: 'date',
  timestamp: 'wall',
  timestamptz: 'instant',
  uuid: 'guid',
};

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** The least that the mechanics of sql-kit need of a database, over one that can be had everywhere. */
export const postgresDialect: SqlDialect = {
  product: 'PostgreSQL',
  quoted,
  place: (at) => `$${at}`,
  nullsFirst: false,
  nameBytes: 30,
  newName: (name) => name,
  limited: (list, rest, rows) => `SELECT ${list.join(', ')} ${rest} LIMIT ${rows}`,
  locked: (list, from, rest) => `SELECT ${list.join(', ')} FROM ${from} t ${rest} FOR UPDATE`,
  describe: (session, schema, table, signal) => describe(session, schema, table, signal),
  async discover(session, filter, signal) {
    const { rows } = await session.query(
      `SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND pg_table_is_visible(oid) AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relname NOT LIKE 'qianzhi%' AND ($1::text IS NULL OR relname = $1) ORDER BY 1`,
      [filter.table ?? null],
      signal,
    );
    const tables = [];
    for (const [name] of rows) tables.push(await describe(session, undefined, String(name), signal));
    return tables.filter((table) => table !== undefined);
  },
  fetched: ({ family }, name) =>
    family === 'instant' ? `(${name} AT TIME ZONE 'UTC')::text || '+00'` : name,
  keyText: ({ family }, name) =>
    family === 'instant' ? `(${name} AT TIME ZONE 'UTC')::text || '+00'` : `${name}::text`,
  valueOf: ({ family, nativeType }, text) => (family === 'binary' ? text : `(${text})::text::${nativeType}`),
  sizeOf: (_, name) => `octet_length(${name}::text)`,
  async horizon(session, signal) {
    const { rows } = await session.query(
      `SELECT (clock_timestamp() AT TIME ZONE 'UTC')::text || '+00', (min(xact_start) AT TIME ZONE 'UTC')::text || '+00'
       FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      [],
      signal,
    );
    const [now, oldest] = rows[0]!;
    return { now: String(now), oldest: oldest === null ? null : String(oldest), seesOthers: true };
  },
  typeFor: () => 'text',
  ownTypes: { text: 'varchar(100)', long: 'varchar(400)', integer: 'bigint' },
  ruleFor: () => undefined,
  stageAs({ family }) {
    if (family === 'binary') return { kind: 'binary', type: 'bytea' };
    if (family === 'double' || family === 'single') return { kind: 'double', type: 'double precision' };
    return { kind: 'text', type: 'text' };
  },
  stageDdl: (name, life, columns) =>
    `CREATE ${life === 'session' ? 'TEMPORARY ' : ''}TABLE ${name} (${columns.join(', ')})`,
  sessionStage: (_, name) => `pg_temp.${quoted(name)}`,
  stagesStay: false,
  emptyStage: (name) => `TRUNCATE ${name}`,
  dropTable: (name) => `DROP TABLE ${name}`,
  lockedSupplier: (targets, where) => `SELECT supplier FROM ${targets} WHERE ${where} FOR UPDATE`,
  badRows: () => undefined,
  deleteStaged: (merge) =>
    `DELETE FROM ${merge.target} t USING ${merge.staged} s WHERE ${merge.where} AND ${sameKey(merge)}`,
  deleteMissing: (merge) =>
    `DELETE FROM ${merge.target} t WHERE NOT EXISTS (SELECT 1 FROM ${merge.staged} s WHERE ${sameKey(merge)})`,
  update(merge) {
    const values = merge.columns.filter((each) => !merge.keys.includes(each));
    const set = values.map((each) => `${each.name} = ${value(each)}`);
    const differs = values.map((each) => `t.${each.name} IS DISTINCT FROM ${value(each)}`);
    return `UPDATE ${merge.target} t SET ${set.join(', ')} FROM ${merge.staged} s WHERE ${merge.where} AND ${sameKey(merge)} AND (${differs.join(' OR ')})`;
  },
  insert(merge) {
    const there =
      merge.keys.length > 0 && `NOT EXISTS (SELECT 1 FROM ${merge.target} t WHERE ${sameKey(merge)})`;
    return `INSERT INTO ${merge.target} (${merge.columns.map(({ name }) => name).join(', ')}) SELECT ${merge.columns.map(value).join(', ')} FROM ${merge.staged} s WHERE ${merge.where} AND ${there || 'true'}`;
  },
};

function value({ column, staged }: MergeRelations['columns'][number]): string {
  return postgresDialect.valueOf(column, `s.${staged}`);
}

function sameKey({ keys }: MergeRelations): string {
  return keys.map((key) => `t.${key.name} = ${value(key)}`).join(' AND ');
}

async function describe(
  session: SqlSession,
  schema: string | undefined,
  table: string,
  signal: AbortSignal,
): Promise<SqlTable | undefined> {
  const { rows } = await session.query(
    `SELECT n.nspname, c.relkind, a.attname, t.typname, format_type(a.atttypid, a.atttypmod), a.atttypmod, a.attnotnull, a.atthasdef
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relname = $1 AND n.nspname = coalesce($2, current_schema()) AND c.relkind IN ('r', 'v') ORDER BY a.attnum`,
    [table, schema ?? null],
    signal,
  );
  if (rows.length === 0) return undefined;
  const found = await session.query(
    `SELECT i.indisprimary, a.attname, i.indexrelid FROM pg_index i
     JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(n, place) ON true
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n
     WHERE i.indisunique AND i.indrelid = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1 AND n.nspname = $2)
     ORDER BY i.indexrelid, k.place`,
    [table, String(rows[0]![0])],
    signal,
  );
  const indexes = new Map<string, { columns: string[]; primary: boolean }>();
  for (const [primary, column, index] of found.rows) {
    const known = indexes.get(String(index)) ?? { columns: [], primary: primary === 't' };
    known.columns.push(String(column));
    indexes.set(String(index), known);
  }
  const all = [...indexes.values()];
  return {
    schema: String(rows[0]![0]),
    name: table,
    kind: rows[0]![1] === 'v' ? 'view' : 'table',
    columns: rows.flatMap((row) => (row[2] === null ? [] : [columnOf(row.map(String))])),
    primaryKey: all.find(({ primary }) => primary)?.columns ?? [],
    indexes: all.map(({ columns }) => ({ columns, unique: true })),
    rows: null,
    comment: null,
  };
}

function columnOf([, , name, baseType, nativeType, mod, required, hasDefault]: readonly string[]): SqlColumn {
  const family = families[baseType!] ?? 'other';
  const typmod = Number(mod);
  const sized = typmod >= 4 ? typmod - 4 : null;
  const decimal = family === 'decimal' && sized !== null;
  return {
    name: name!,
    nativeType: nativeType!,
    baseType: baseType!,
    family,
    length: family === 'text' || family === 'char' ? sized : null,
    precision: decimal ? sized >> 16 : null,
    scale: decimal ? sized & 0xffff : null,
    fraction: 6,
    required: required === 't',
    hasDefault: hasDefault === 't',
    generated: false,
    large: baseType === 'text' || baseType === 'bytea',
    collation: null,
    comment: null,
  };
}
