import { postgresErrors } from '../errors.js';
import type { ColumnType } from '../native-type.js';
import { serverName } from './classify.js';
import type { Session, TextRow } from './session.js';

export interface TableColumn extends ColumnType {
  readonly name: string;
  /** The type behind as SQL, without length or scale: a cast to it cuts nothing (`character` would mean one character). */
  readonly castType: string;
  readonly isDomain: boolean;
  readonly required: boolean;
  /** A default, an identity or a serial fills it. */
  readonly hasDefault: boolean;
  /** `stored` or `virtual`: computed by PostgreSQL, can be read and never written. `identity`: GENERATED ALWAYS AS IDENTITY. */
  readonly generated: 'no' | 'computed' | 'identity';
  readonly comment: string | null;
}

export interface TableIndex {
  readonly name: string;
  /** Key columns in order; null for an expression. */
  readonly columns: readonly (string | null)[];
  readonly primary: boolean;
  readonly unique: boolean;
  readonly partial: boolean;
  /** Usable: valid, and checked row by row rather than at commit. */
  readonly valid: boolean;
  readonly immediate: boolean;
  /** Made by a constraint, not by CREATE INDEX. */
  readonly constraint: boolean;
}

export type TableKind = 'table' | 'partitioned' | 'view' | 'materialized-view' | 'foreign';

export interface Table {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: TableKind;
  /** Other tables inherit from it: its keys hold for its own rows only. */
  readonly hasChildren: boolean;
  /** Row-level security is switched on for it. */
  readonly rowSecurity: boolean;
  readonly columns: readonly TableColumn[];
  /** In key order; empty without one. */
  readonly primaryKey: readonly string[];
  readonly indexes: readonly TableIndex[];
}

export const kindOf: Readonly<Record<string, TableKind>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized-view',
  f: 'foreign',
};

/** Describes a table or view as it is now; undefined where the schema has none of exactly that name. */
export async function describeTable(
  session: Session,
  schema: string,
  name: string,
  signal: AbortSignal,
): Promise<Table | undefined> {
  const { rows } = await session.query(
    `SELECT c.oid, c.relkind, pg_catalog.row_to_json(c) ->> 'relrowsecurity' AS rowsecurity,
       (c.relkind = 'r' AND EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)) AS children
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1::text::name AND n.nspname::text = $1::text AND c.relname = $2::text::name AND c.relname::text = $2::text
       AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [schema, name],
    signal,
  );
  const found = rows[0];
  if (!found) return undefined;
  const oid = found.oid!;
  const columns = await describeColumns(session, oid, signal);
  const indexes = await describeIndexes(session, oid, signal);
  return {
    oid,
    schema,
    name,
    kind: kindOf[found.relkind!]!,
    hasChildren: found.children === 't',
    rowSecurity: found.rowsecurity === 'true',
    columns,
    primaryKey: (indexes.find((index) => index.primary)?.columns ?? []) as readonly string[],
    indexes,
  };
}

export async function requireTable(
  session: Session,
  schema: string,
  name: string,
  signal: AbortSignal,
): Promise<Table> {
  const table = await describeTable(session, schema, name, signal);
  if (table) return table;
  throw postgresErrors.TABLE_MISSING({ server: serverName(session.config), table: `${schema}.${name}` });
}

export function columnOf(table: Table, name: string): TableColumn | undefined {
  return table.columns.find((column) => column.name === name);
}

/** Columns in order. What newer versions know of them is read by name, so that one query serves all versions. */
export async function describeColumns(
  session: Session,
  oid: string,
  signal: AbortSignal,
): Promise<readonly TableColumn[]> {
  const { rows } = await session.query(
    `WITH RECURSIVE behind(attnum, type, typmod) AS (
       SELECT attnum, atttypid, atttypmod FROM pg_catalog.pg_attribute
       WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
       UNION ALL
       SELECT b.attnum, t.typbasetype, CASE WHEN b.typmod >= 0 THEN b.typmod ELSE t.typtypmod END
       FROM behind b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
     )
     SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS native, t.typname AS base,
       pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.typname) AS cast_type, t.typtype = 'e' AS is_enum, a.atttypid <> t.oid AS is_domain, b.typmod AS typmod,
       a.attnotnull AS required, a.atthasdef AS has_default,
       pg_catalog.row_to_json(a) ->> 'attidentity' AS identity,
       pg_catalog.row_to_json(a) ->> 'attgenerated' AS computed,
       pg_catalog.col_description(a.attrelid, a.attnum) AS comment
     FROM behind b
     JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'
     JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
     JOIN pg_catalog.pg_attribute a ON a.attrelid = $1 AND a.attnum = b.attnum
     ORDER BY a.attnum`,
    [oid],
    signal,
  );
  return rows.map(columnFrom);
}

function columnFrom(row: TextRow): TableColumn {
  const identity = row.identity ?? '';
  const computed = (row.computed ?? '') !== '';
  return {
    name: row.name!,
    nativeType: row.native!,
    baseType: row.base!,
    castType: row.cast_type!,
    isDomain: row.is_domain === 't',
    isEnum: row.is_enum === 't',
    typmod: Number(row.typmod),
    required: row.required === 't',
    hasDefault: !computed && (row.has_default === 't' || identity !== ''),
    generated: computed ? 'computed' : identity === 'a' ? 'identity' : 'no',
    comment: row.comment ?? null,
  };
}

/** SQL of an index's key columns in order, as a JSON list; null stands for an expression. */
export function keyColumnsSql(index: string): string {
  const keys = `coalesce((pg_catalog.row_to_json(${index}) ->> 'indnkeyatts')::int, ${index}.indnatts)`;
  return `pg_catalog.array_to_json(ARRAY(SELECT a.attname::text FROM pg_catalog.generate_series(0, ${keys} - 1) AS k(place)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = ${index}.indrelid AND a.attnum = ${index}.indkey[k.place] AND a.attnum > 0
    ORDER BY k.place))`;
}

async function describeIndexes(
  session: Session,
  oid: string,
  signal: AbortSignal,
): Promise<readonly TableIndex[]> {
  const { rows } = await session.query(
    `SELECT c.relname AS name, i.indisprimary AS is_primary, i.indisunique AS is_unique, i.indpred IS NOT NULL AS partial,
       i.indisvalid AND i.indisready AS valid, i.indimmediate AS immediate,
       EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid) AS is_constraint,
       ${keyColumnsSql('i')} AS columns
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = $1 ORDER BY i.indisprimary DESC, i.indnatts, c.relname`,
    [oid],
    signal,
  );
  return rows.map((row) => ({
    name: row.name!,
    columns: JSON.parse(row.columns ?? '[]') as (string | null)[],
    primary: row.is_primary === 't',
    unique: row.is_unique === 't',
    partial: row.partial === 't',
    valid: row.valid === 't',
    immediate: row.immediate === 't',
    constraint: row.is_constraint === 't',
  }));
}
