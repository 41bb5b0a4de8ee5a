import { type CatalogItem, checkShape } from '@qianzhi/model';
import type { EachLimits, QueryLimits, QueryRows, QuerySpec } from '@qianzhi/plugin-api';
import {
  askedFor,
  bindParameters,
  collectAnswer,
  condition,
  lookupSource,
  oneByOne,
  placesOf,
  queryErrors,
  unfitLookup,
} from '@qianzhi/sql-kit';
import type { Statement } from 'better-sqlite3';
import { SourceSchema, type SqliteConfig, type SqliteSource } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { sqliteCode } from '../file/classify.js';
import { nativeType } from '../file/native-type.js';
import { openForReading, type SqliteDatabase } from '../file/open-file.js';
import { whenFree } from '../file/pace.js';
import { affinityOf, columnOf, requireTable, type Table } from '../file/table.js';
import { quoted } from '../identifier.js';
import { type Encoding, writeExactRow } from '../source/exact-row.js';
import type { Bound } from '../source/order.js';
import { exactList, type Projection, projectTable } from '../source/projection.js';

export interface Asking {
  run(values: readonly (string | null)[], limits: QueryLimits): Promise<QueryRows>;
  /** One prepared statement after the other, in one way to this process and back. */
  runEach(sets: readonly (readonly (string | null)[])[], limits: EachLimits): Promise<readonly QueryRows[]>;
}

interface Question {
  readonly projection: Projection;
  asked(given: readonly number[]): { readonly sql: string; readonly places: readonly number[] };
}

/** Opens the file so that nothing can be written, and prepares the question. It lives as long as its process. */
export async function openAsking(config: SqliteConfig, spec: QuerySpec, timeZone: string): Promise<Asking> {
  const never = new AbortController().signal;
  const db = await openForReading(config, never);
  const question =
    spec.place.kind === 'lookup'
      ? lookupOf(db, spec, spec.place, timeZone)
      : statementOf(db, spec, spec.place.statement, timeZone);
  const encoding = db.pragma('encoding', { simple: true }) as Encoding;
  const statements = new Map<string, Statement<Bound[]>>();
  const asked = askedFor(question.asked);

  function prepared(sql: string): Statement<Bound[]> {
    const known = statements.get(sql) ?? prepare(db, sql).raw().safeIntegers();
    statements.set(sql, known);
    return known;
  }

  function run(values: readonly (string | null)[], limits: QueryLimits): QueryRows {
    const { sql, places } = asked(values);
    const collector = collectAnswer(limits);
    const binds: Bound[] = [...places.map((at) => values[at] ?? null), limits.maxRows + 1];
    for (const cells of prepared(sql).iterate(...binds) as IterableIterator<Bound[]>) {
      const wanted = collector.row((writer, row) =>
        writeExactRow(writer, 'S', cells, question.projection, encoding, row),
      );
      if (!wanted) break;
    }
    return collector.rows();
  }

  prepared(question.asked(spec.parameters.map((_, at) => at)).sql);
  const about = { doing: 'query', path: config.path };
  const patienceMs = Math.min(config.busyTimeoutMs, spec.timeoutMs);
  const once = (values: readonly (string | null)[], limits: QueryLimits) =>
    whenFree(() => run(values, limits), about, patienceMs, never);
  const each = oneByOne(once);
  return { run: once, runEach: (sets, limits) => each(sets, limits, never) };
}

function prepare(db: SqliteDatabase, sql: string): Statement<Bound[]> {
  try {
    return db.prepare<Bound[]>(sql);
  } catch (error) {
    if (sqliteCode(error) !== 'SQLITE_ERROR') throw error;
    throw queryErrors.STATEMENT_REFUSED({ server: db.name, reason: reasonOf(error) }, error);
  }
}

/** What SQLite did not find, by its name; anything else it says may quote the statement. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /^no such (table|column|function): \S+$/.test(message) ? message : 'SQLITE_ERROR';
}

function lookupOf(
  db: SqliteDatabase,
  spec: QuerySpec,
  place: Extract<QuerySpec['place'], { kind: 'lookup' }>,
  timeZone: string,
): Question {
  const wanted = checkShape(SourceSchema, lookupSource(place, spec.resource), 'lookup');
  const table = requireTable(db, wanted.table);
  const projection = projectTable(table, spec.resource, wanted, wanted.zone ?? timeZone);
  const columns = spec.parameters.map((item) => comparable(table, item, place.by[item.column]!, wanted));
  const head = `SELECT ${listOf(projection)} FROM ${quoted(table.name)}`;
  return {
    projection,
    asked(given) {
      const conditions = given.map((at) => `${quoted(columns[at]!)} = ?`);
      const where = [...conditions, 'true'].join(' AND ');
      return { sql: `${head} WHERE ${where}${condition({ spec: wanted })} LIMIT ?`, places: given };
    },
  };
}

/** Bound text finds a number where the column has the affinity of one; dates kept as numbers are for a statement. */
function comparable(
  table: Table,
  item: CatalogItem,
  name: string,
  { timeFormats = {} }: SqliteSource,
): string {
  const column = columnOf(table, name);
  if (!column) throw sqliteErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  const native = nativeType(column.declared).type;
  const isText = (type: string | null) => type === null || 'CMDT'.includes(type);
  const ofNumber = 'INYBFL'.includes(item.type);
  const numeric = column.affinity !== 'TEXT' && column.affinity !== 'BLOB';
  const kept = Object.values(timeFormats).some((format) => format !== 'text');
  const fits = ofNumber
    ? numeric && item.type !== 'L'
    : isText(native) && !((item.type === 'D' || item.type === 'T') && kept);
  if (fits) return column.name;
  throw unfitLookup(
    table.name,
    column.name,
    item.column,
  )(
    `列为 ${column.declared || '(无类型)'},参数类型为 ${item.type}`,
    `it is ${column.declared || '(of no type)'}, the parameter is of type ${item.type}`,
  );
}

function statementOf(db: SqliteDatabase, spec: QuerySpec, statement: string, timeZone: string): Question {
  const names = spec.parameters.map(({ column }) => column);
  const bound = bindParameters(statement, names, () => '?');
  // the line break ends a comment at the end of it
  const from = `FROM (${bound.sql}\n) AS q`;
  const columns = prepare(db, `SELECT * ${from}`).columns();
  const table: Table = {
    name: 'statement',
    kind: 'view',
    sql: '',
    withoutRowid: true,
    columns: columns.map(({ name, type }) => ({
      name,
      declared: type ?? '',
      affinity: affinityOf(type ?? ''),
      required: false,
      hasDefault: false,
      generated: false,
    })),
    primaryKey: [],
    indexes: [],
    rowid: undefined,
    rowidIsKey: false,
  };
  const projection = projectTable(table, spec.resource, { table: '' } as SqliteSource, timeZone);
  const sql = `SELECT ${listOf(projection)} ${from} LIMIT ?`;
  return { projection, asked: () => ({ sql, places: placesOf(spec, bound.parameters) }) };
}

function listOf(projection: Projection): string {
  const list = exactList(projection);
  return list.length > 0 ? list.join(', ') : '1';
}
