import { type CatalogItem, checkShape, isQianzhiError, withinTime } from '@qianzhi/model';
import type {
  EachLimits,
  OpenQuery,
  PluginContext,
  QueryLimits,
  QueryRows,
  QuerySpec,
} from '@qianzhi/plugin-api';
import { qualified, type SqlDialect } from '../database/dialect.js';
import type { SqlRow, SqlSession } from '../database/session.js';
import { columnNamed, type SqlColumn, type SqlFamily, type SqlTable, suitsItem } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import { projectTable, selectList } from '../reading/projection.js';
import type { SqlSourceOrigin } from '../reading/source.js';
import { writeRow } from '../reading/write-row.js';
import { SqlSourceSchema } from '../schemas.js';
import { condition } from '../strategies/walked-table.js';
import { collectAnswer } from './collect-answer.js';
import { branchesFor, collectEach, inStretches } from './collect-each.js';
import { queryErrors } from './errors.js';
import { type Asked, askedFor, lookupSource, placesOf, unfitLookup } from './lookup.js';
import { bindParameters } from './named-parameters.js';

interface Question {
  readonly projection: ReturnType<typeof projectTable>;
  /** For the parameters that are given. `first`: constants before what is selected; `before`: places of the statement that are taken. */
  asked(given: readonly number[], limit: number, first?: readonly string[], before?: number): Asked;
}

/** Prepares a question over a dialect. It has no way to describe a statement's columns: they are taken to be of their items' types. */
export async function openSqlQuery(
  origin: SqlSourceOrigin,
  spec: QuerySpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<OpenQuery> {
  const session = await origin.connect('read', `query ${spec.resource.code}`, signal);
  try {
    const { place } = spec;
    const question =
      place.kind === 'lookup'
        ? await lookupOf(origin, session, spec, place, context.timeZone, signal)
        : statementOf(origin.dialect, spec, place.statement, context.timeZone);
    await prove(session, question, spec, signal);
    return queryOf(session, question, spec);
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

async function lookupOf(
  { dialect, schema }: SqlSourceOrigin,
  session: SqlSession,
  spec: QuerySpec,
  place: Extract<QuerySpec['place'], { kind: 'lookup' }>,
  timeZone: string,
  signal: AbortSignal,
): Promise<Question> {
  const wanted = checkShape(SqlSourceSchema, lookupSource(place, spec.resource), 'lookup');
  const table = await dialect.describe(session, wanted.schema ?? schema, wanted.table, signal);
  if (!table) throw sourceErrors.TABLE_MISSING({ server: session.server, table: wanted.table });
  const projection = projectTable(table, spec.resource, wanted, wanted.zone ?? timeZone);
  const columns = spec.parameters.map((item) => comparable(dialect, table, item, place.by[item.column]!));
  const list = selectList(dialect, projection, 't');
  const from = `FROM ${qualified(dialect, table.schema, table.name)} t`;
  return {
    projection,
    asked(given, limit, first = [], before = 0) {
      const conditions = given.map((at, n) => {
        const column = columns[at]!;
        const value = dialect.valueOf(column, dialect.place(before + n + 1));
        return `t.${dialect.quoted(column.name)} = ${value}`;
      });
      const where = [...conditions, '1 = 1'].join(' AND ');
      return {
        sql: dialect.limited(
          [...first, ...list],
          `${from} WHERE ${where}${condition({ spec: wanted })}`,
          limit,
        ),
        places: given,
      };
    },
  };
}

/** Times between zones and other respelled values are compared by a statement that says how. */
function comparable(dialect: SqlDialect, table: SqlTable, item: CatalogItem, name: string): SqlColumn {
  const column = columnNamed(table, name);
  if (!column) throw sourceErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  const isText = ['text', 'char', 'guid'].includes(column.family);
  const wantsText = item.type === 'C' || item.type === 'M';
  const ofZone = item.type === 'T' && (column.family === 'instant') !== (item.instant === true);
  const fits = suitsItem(item.type, column) && isText === wantsText && !ofZone;
  if (!fits || dialect.keyText(column, 'x') === undefined)
    throw unfitLookup(
      table.name,
      column.name,
      item.column,
    )(
      `列为 ${column.nativeType},参数类型为 ${item.type}`,
      `it is ${column.nativeType}, the parameter is of type ${item.type}`,
    );
  return column;
}

function statementOf(dialect: SqlDialect, spec: QuerySpec, statement: string, timeZone: string): Question {
  const names = spec.parameters.map(({ column }) => column);
  const boundAt = (before: number) => bindParameters(statement, names, (at) => dialect.place(before + at));
  const bound = boundAt(0);
  const columns = spec.resource.items.map((item) => assumed(dialect, item));
  const table: SqlTable = {
    schema: '',
    name: 'statement',
    kind: 'view',
    columns,
    primaryKey: [],
    indexes: [],
    rows: null,
    comment: null,
  };
  const projection = projectTable(table, spec.resource, {}, timeZone);
  const list = selectList(dialect, projection, 'q');
  const places = placesOf(spec, bound.parameters);
  return {
    projection,
    // the line break ends a comment at the end of it
    asked: (_, limit, first = [], before = 0) => ({
      sql: dialect.limited([...first, ...list], `FROM (${boundAt(before).sql}\n) q`, limit),
      places,
    }),
  };
}

const families: Readonly<Record<CatalogItem['type'], SqlFamily>> = {
  C: 'text',
  M: 'text',
  I: 'integer',
  N: 'decimal',
  Y: 'decimal',
  B: 'double',
  F: 'double',
  D: 'date',
  T: 'wall',
  L: 'integer',
  G: 'binary',
};

function assumed(dialect: SqlDialect, item: CatalogItem): SqlColumn {
  const family = item.type === 'T' && item.instant ? 'instant' : families[item.type];
  const nativeType = dialect.typeFor(item, false);
  return {
    name: dialect.newName(item.column),
    nativeType,
    baseType: nativeType.replace(/\s*\(.*?\)/, '').toLowerCase(),
    family,
    length: item.length ?? null,
    precision: item.precision ?? null,
    scale: item.scale ?? null,
    fraction: 9,
    required: false,
    hasDefault: false,
    generated: false,
    large: false,
    collation: null,
    comment: null,
  };
}

/** The database looks at the whole statement, and at no row. */
async function prove(
  session: SqlSession,
  question: Question,
  spec: QuerySpec,
  signal: AbortSignal,
): Promise<void> {
  const all = spec.parameters.map((_, at) => at);
  const { sql, places } = question.asked(all, 0);
  try {
    await session.query(
      sql,
      places.map(() => null),
      signal,
    );
  } catch (error) {
    if (!isQianzhiError(error) || !['internal', 'data', 'config', 'unavailable'].includes(error.kind))
      throw error;
    const reason = String(error.details['reason'] ?? error.code);
    throw queryErrors.STATEMENT_REFUSED({ server: session.server, reason }, error);
  }
}

function queryOf(session: SqlSession, question: Question, spec: QuerySpec): OpenQuery {
  let usable = true;
  const { projection } = question;
  const statements = new Map<number, ReturnType<typeof askedFor>>();

  /** Hands out rows until no more are wanted. */
  async function read(
    sql: string,
    binds: readonly (string | null)[],
    signal: AbortSignal,
    take: (cells: SqlRow) => boolean,
  ): Promise<void> {
    const timed = withinTime(spec.timeoutMs, signal);
    try {
      for await (const rows of session.stream(sql, binds, timed.signal)) {
        for (const cells of rows) if (!take(cells)) return;
      }
    } catch (error) {
      usable = false;
      if (timed.late)
        throw queryErrors.QUERY_TIMEOUT({ server: session.server, timeoutMs: spec.timeoutMs }, error);
      throw error;
    } finally {
      timed.done();
    }
  }

  async function run(values: Values, limits: QueryLimits, signal: AbortSignal): Promise<QueryRows> {
    // the statement of a bound is kept: most requests have that of their service
    const asked =
      statements.get(limits.maxRows) ?? askedFor((given) => question.asked(given, limits.maxRows + 1));
    statements.set(limits.maxRows, asked);
    const { sql, places } = asked(values);
    const binds = places.map((at) => values[at] ?? null);
    const collector = collectAnswer(limits);
    await read(sql, binds, signal, (cells) =>
      collector.row((writer, row) => writeRow(writer, 'S', cells, 0, projection, row)),
    );
    return collector.rows();
  }

  /** One statement for sets that give the same parameters, a branch for each: the database says which one a row is of, in any order. */
  async function together(
    sets: readonly Values[],
    limits: EachLimits,
    signal: AbortSignal,
  ): Promise<readonly QueryRows[]> {
    const given = sets[0]!.flatMap((value, at) => (value === null ? [] : [at]));
    const binds: (string | null)[] = [];
    const branches = sets.map((values, set) => {
      const { sql, places } = question.asked(given, limits.maxRows + 1, [`${set}`], binds.length);
      binds.push(...places.map((at) => values[at] ?? null));
      return `(${sql})`;
    });
    const found: SqlRow[] = [];
    await read(branches.join(' UNION ALL '), binds, signal, (cells) => found.push(cells) > 0);
    const collector = collectEach(sets.length, limits);
    for (const cells of found.sort((a, b) => Number(a[0]) - Number(b[0]))) {
      const wanted = collector.row(Number(cells[0]), (writer, row) =>
        writeRow(writer, 'S', cells, 1, projection, row),
      );
      if (!wanted && collector.over) break;
    }
    return collector.rows();
  }

  return {
    get usable() {
      return usable;
    },
    run,
    runEach: (sets, limits, signal) =>
      inStretches(sets, limits, branchesFor, (stretch, left) =>
        stretch.length === 1
          ? run(stretch[0]!, { ...left, maxRows: Math.min(left.maxRows, left.maxRowsInAll) }, signal).then(
              (rows) => [rows],
            )
          : together(stretch, left, signal),
      ),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
    },
  };
}

type Values = readonly (string | null)[];
