import { type CatalogItem, checkShape } from '@qianzhi/model';
import type { QuerySpec } from '@qianzhi/plugin-api';
import { type Asked, bindParameters, condition, lookupSource, placesOf, unfitLookup } from '@qianzhi/sql-kit';
import { SourceSchema } from '../config.js';
import type { Session, TextRow } from '../connection/session.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { qualified, quoted } from '../identifier.js';
import { familyOf, fits } from '../native-type.js';
import { expressionOf } from '../source/expression.js';
import { type Projection, projectTable } from '../source/projection.js';
import { checkZone } from '../source/zone.js';
import { refused } from './query.js';

export interface Question {
  readonly projection: Projection;
  /** For the parameters that are given; the last place is for the most rows. */
  asked(given: readonly number[]): Asked;
  /**
   * The same for many sets of values in one statement, where there is one: a place for the values of each parameter that is given,
   * as an array of its type. The first column says the set, from 1.
   */
  askedOfMany?(given: readonly number[], types: readonly string[]): Asked;
}

export async function lookupOf(
  session: Session,
  spec: QuerySpec,
  place: Extract<QuerySpec['place'], { kind: 'lookup' }>,
  timeZone: string,
  signal: AbortSignal,
): Promise<Question> {
  const wanted = checkShape(SourceSchema, lookupSource(place, spec.resource), 'lookup');
  const { config, version } = session;
  const table = await requireTable(session, wanted.schema ?? config.schema, wanted.table, signal);
  const zone = wanted.zone ?? timeZone;
  await checkZone(session, zone, 'snapshot', table.name, signal);
  const projection = projectTable(table, spec.resource, wanted, zone, version);
  const columns = spec.parameters.map((item) =>
    comparable(table, item, place.by[item.column]!, zone, version),
  );
  const head = `SELECT ${listOf(projection)} FROM ${qualified(table.schema, table.name)}`;
  const asked = (given: readonly number[], value: (place: number) => string) => {
    const conditions = given.map((at, place) => `${quoted(columns[at]!.name)} = ${value(place)}`);
    const where = [...conditions, 'true'].join(' AND ');
    return `${head} WHERE ${where}${condition({ spec: wanted })} LIMIT $${given.length + 1}`;
  };
  return {
    projection,
    asked: (given) => ({ sql: asked(given, (place) => `$${place + 1}`), places: given }),
    ...(session.features.arrayRows && {
      askedOfMany(given, types) {
        const arrays = given.map((at, place) => `$${place + 1}::${types[at]}[]`).join(', ');
        const names = given.map((_, place) => `v${place}`);
        const each = asked(given, (place) => `qianzhi_sets.v${place}`);
        return {
          sql: `SELECT qianzhi_sets.nth, found.* FROM unnest(${arrays}) WITH ORDINALITY AS qianzhi_sets(${[...names, 'nth'].join(', ')})
            CROSS JOIN LATERAL (${each}) AS found ORDER BY qianzhi_sets.nth`,
          places: given,
        };
      },
    }),
  };
}

/** A value that is carried as the column prints it finds the row again; any other way to compare is for a statement to say. */
function comparable(
  table: Table,
  item: CatalogItem,
  name: string,
  zone: string,
  version: number,
): TableColumn {
  const column = columnOf(table, name);
  if (!column) throw postgresErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  const unfit = unfitLookup(table.name, name, item.column);
  const about: [string, string] = [
    `列为 ${column.nativeType},参数类型为 ${item.type}`,
    `it is ${column.nativeType}, the parameter is of type ${item.type}`,
  ];
  const ofText = item.type === 'C' || item.type === 'M';
  if (!fits(item.type, column) || (ofText && !['text', 'char', 'other'].includes(familyOf(column))))
    throw unfit(...about);
  const { plain, respell } = expressionOf(item, column, quoted(name), zone, version);
  if (!plain || respell) throw unfit(...about);
  return column;
}

export async function statementOf(
  session: Session,
  spec: QuerySpec,
  statement: string,
  timeZone: string,
  signal: AbortSignal,
): Promise<Question> {
  const names = spec.parameters.map(({ column }) => column);
  const bound = bindParameters(statement, names, (at) => `$${at}`);
  // the line break ends a comment at the end of it
  const from = `FROM (${bound.sql}\n) AS q`;
  const table: Table = {
    oid: '0',
    schema: '',
    name: 'statement',
    kind: 'view',
    hasChildren: false,
    rowSecurity: false,
    columns: await describeColumns(session, from, bound.parameters.length, signal),
    primaryKey: [],
    indexes: [],
  };
  await checkZone(session, timeZone, 'snapshot', table.name, signal);
  const projection = projectTable(table, spec.resource, { table: '' } as never, timeZone, session.version);
  const places = placesOf(spec, bound.parameters);
  const sql = `SELECT ${listOf(projection)} ${from} LIMIT $${bound.parameters.length + 1}`;
  return { projection, asked: () => ({ sql, places }) };
}

function listOf({ items }: Projection): string {
  return items.map((item) => item.expression().sql).join(', ');
}

/** What a statement gives: planned with no values, and ended before its first row. */
async function describeColumns(
  session: Session,
  from: string,
  parameters: number,
  signal: AbortSignal,
): Promise<TableColumn[]> {
  const nothing = Array.from({ length: parameters }, () => null);
  const run = () => session.client.query({ text: `SELECT * ${from} LIMIT 0`, values: nothing });
  const { fields } = await session.during(run, signal).catch((error) => {
    throw refused(session, error);
  });
  const types: TextRow[] = [];
  for (const field of fields)
    types.push(await typeOf(session, field.dataTypeID, field.dataTypeModifier, signal));
  return fields.map(({ name }, at) => {
    const type = types[at]!;
    return {
      name,
      nativeType: type.native!,
      baseType: type.base!,
      castType: type.native!,
      isDomain: type.is_domain === 't',
      isEnum: type.is_enum === 't',
      typmod: Number(type.typmod),
      required: false,
      hasDefault: false,
      generated: 'no',
      comment: null,
    };
  });
}

async function typeOf(session: Session, oid: number, typmod: number, signal: AbortSignal): Promise<TextRow> {
  const { rows } = await session.query(
    `WITH RECURSIVE behind(type, typmod) AS (
       SELECT $1::oid, $2::int
       UNION ALL
       SELECT t.typbasetype, CASE WHEN b.typmod >= 0 THEN b.typmod ELSE t.typtypmod END
       FROM behind b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
     )
     SELECT pg_catalog.format_type($1::oid, $2::int) AS native, t.typname AS base, t.typtype = 'e' AS is_enum,
       t.oid <> $1::oid AS is_domain, b.typmod AS typmod
     FROM behind b JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'`,
    [oid, typmod],
    signal,
  );
  return rows[0]!;
}
