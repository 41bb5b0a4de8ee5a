import { type CatalogItem, checkShape } from '@qianzhi/model';
import type { QuerySpec } from '@qianzhi/plugin-api';
import {
  type Asked,
  bindParameters,
  condition,
  lookupSource,
  placesOf,
  requireZone,
  unfitFor,
  unfitLookup,
} from '@qianzhi/sql-kit';
import type { FieldPacket } from 'mysql2';
import { type MysqlSource, SourceSchema } from '../config.js';
import type { Session } from '../connection/session.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { qualified, quoted } from '../identifier.js';
import { familyOf, fits } from '../native-type.js';
import { expressionsOf, type Projection, projectTable } from '../source/projection.js';
import { proved } from './query.js';

export interface Question {
  readonly projection: Projection;
  /** For the parameters that are given; without a LIMIT. `first`: constants before what is selected. */
  asked(given: readonly number[], first?: string): Asked;
}

export async function lookupOf(
  session: Session,
  spec: QuerySpec,
  place: Extract<QuerySpec['place'], { kind: 'lookup' }>,
  timeZone: string,
  signal: AbortSignal,
): Promise<Question> {
  const wanted = checkShape(SourceSchema, lookupSource(place, spec.resource), 'lookup');
  const table = await requireTable(session, wanted.database ?? session.config.database, wanted.table, signal);
  const zone = wanted.zone ?? timeZone;
  requireZone(zone, unfitFor({ errors: mysqlErrors, strategy: 'lookup', table }));
  const projection = projectTable(table, spec.resource, wanted, zone);
  const columns = spec.parameters.map((item) => ({
    item,
    column: comparable(table, item, place.by[item.column]!),
  }));
  const head = `${listOf(projection)} FROM ${qualified(table.database, table.name)}`;
  return {
    projection,
    asked(given, first = '') {
      const equal = given.map((at) => equals(columns[at]!.item, columns[at]!.column));
      const places = given.flatMap((at, n) => (equal[n]!.twice ? [at, at] : [at]));
      const where = [...equal.map(({ sql }) => sql), 'true'].join(' AND ');
      return { sql: `SELECT ${first}${head} WHERE ${where}${condition({ spec: wanted })}`, places };
    },
  };
}

function comparable(table: Table, item: CatalogItem, name: string): TableColumn {
  const column = columnOf(table, name);
  if (!column) throw mysqlErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  const family = familyOf(column);
  const same =
    item.type === 'C' || item.type === 'M'
      ? ['text', 'char', 'other'].includes(family)
      : item.type === 'D'
        ? family === 'date'
        : item.type === 'T'
          ? family === (item.instant ? 'timestamp' : 'datetime')
          : ['I', 'N', 'Y'].includes(item.type) && ['integer', 'decimal'].includes(family);
  if (same && fits(item.type, column)) return column;
  throw unfitLookup(
    table.name,
    column.name,
    item.column,
  )(
    `列为 ${column.nativeType},参数类型为 ${item.type}`,
    `it is ${column.nativeType}, the parameter is of type ${item.type}`,
  );
}

/**
 * Text is found by the column's index and collation, and then compared byte by byte: a collation takes `a` and `A` for equal. Numbers
 * and times are converted first, for text and number would be compared as floats.
 */
function equals(item: CatalogItem, column: TableColumn): { readonly sql: string; readonly twice: boolean } {
  const name = quoted(column.name);
  if (item.type === 'C' || item.type === 'M')
    return { sql: `(${name} = ? AND CONVERT(${name} USING utf8mb4) COLLATE utf8mb4_bin = ?)`, twice: true };
  const type = { I: 'DECIMAL(65,0)', N: 'DECIMAL(65,30)', Y: 'DECIMAL(65,30)', D: 'DATE', T: 'DATETIME(6)' }[
    item.type as string
  ];
  // a session's times are in UTC, as the text of an instant is
  const text = item.type === 'T' && item.instant ? `REPLACE(?, '+00', '')` : '?';
  return { sql: `${name} = CAST(${text} AS ${type})`, twice: false };
}

export async function statementOf(
  session: Session,
  spec: QuerySpec,
  statement: string,
  timeZone: string,
  signal: AbortSignal,
): Promise<Question> {
  const names = spec.parameters.map(({ column }) => column);
  const bound = bindParameters(statement, names, () => '?', true);
  // the line break ends a comment at the end of it
  const from = `FROM (${bound.sql}\n) AS q`;
  const fields = await proved(session, `SELECT * ${from} LIMIT 0`, signal);
  const table = {
    database: '',
    name: 'statement',
    columns: fields.map(columnFrom),
    primaryKey: [],
    indexes: [],
  };
  const projection = projectTable(
    table as unknown as Table,
    spec.resource,
    { table: '' } as MysqlSource,
    timeZone,
  );
  const places = placesOf(spec, bound.parameters);
  return {
    projection,
    asked: (_, first = '') => ({ sql: `SELECT ${first}${listOf(projection)} ${from}`, places }),
  };
}

/** Every value as text, as the text protocol would have it; bytes stay bytes. */
function listOf(projection: Projection): string {
  const values = expressionsOf(projection).map(({ sql, spelling }) =>
    spelling === 'hex' ? sql : `CAST(${sql} AS CHAR CHARACTER SET utf8mb4)`,
  );
  return [`CAST(${projection.tooLarge() ?? '0'} AS CHAR)`, ...values].join(', ');
}

/** Names by the protocol's type numbers; text and bytes are told apart by the character set `binary`. */
const types: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  16: 'bit',
  245: 'json',
  246: 'decimal',
};
const BINARY = 63;

function columnFrom(field: FieldPacket): TableColumn {
  const { name, decimals, length } = field;
  const { columnType, characterSet, columnLength = length } = field as unknown as Record<string, number>;
  const text = characterSet === BINARY ? 'longblob' : 'varchar';
  const baseType = types[columnType!] ?? text;
  return {
    name,
    nativeType: baseType,
    baseType,
    length: columnLength ?? null,
    precision: null,
    scale: decimals ?? null,
    fraction: baseType === 'datetime' || baseType === 'timestamp' ? 6 : 0,
    unsigned: false,
    charset: null,
    collation: null,
    required: false,
    hasDefault: false,
    generated: false,
    autoIncrement: false,
    comment: null,
  };
}
