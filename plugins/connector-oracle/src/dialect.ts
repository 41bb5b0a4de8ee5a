import type { CatalogItem } from '@qianzhi/model';
import {
  doubleQuoted,
  notExact,
  type SqlColumn,
  type SqlDialect,
  type SqlHorizon,
  type SqlSession,
  upperCaseName,
  type ValueRule,
} from '@qianzhi/sql-kit';
import { oracleCapture } from './capture.js';
import { oracleExchangeTables } from './exchange-tables.js';
import { converted, fetched, keyText } from './expressions.js';
import { badRows, merging } from './merge-sql.js';
import { WHOLE_FLOAT } from './native-type.js';
import { describe, discover } from './table.js';

/** Characters of national text in a column that every version has: 4000 bytes. */
const SHORT_TEXT = 2000;

/** Oracle 12.1 and later. `lockSeconds`: how long a row lock is waited for. */
export function oracleDialect({ lockSeconds }: { readonly lockSeconds: number }): SqlDialect {
  return {
    product: 'Oracle',
    quoted: doubleQuoted,
    place: (at) => `:p${at}`,
    nullsFirst: false,
    // 30 before 12.2
    nameBytes: 30,
    newName: upperCaseName,
    // the clause makes an inline view, which wants a name for each column
    limited: (list, rest, rows) =>
      `SELECT ${list.map((each, at) => `${each} AS c${at}`).join(', ')} ${rest} FETCH FIRST ${rows} ROWS ONLY`,
    locked: (list, from, rest) => `SELECT ${list.join(', ')} FROM ${from} t ${rest} FOR UPDATE`,
    describe,
    discover,
    fetched,
    keyText,
    valueOf: converted,
    sizeOf: ({ baseType }, name) =>
      baseType === 'xmltype'
        ? `DBMS_LOB.GETLENGTH(XMLSERIALIZE(CONTENT ${name} AS CLOB))`
        : `DBMS_LOB.GETLENGTH(${name})`,
    horizon,
    typeFor,
    ownTypes: { text: 'NVARCHAR2(100)', long: 'NVARCHAR2(400)', integer: 'NUMBER(19)' },
    ruleFor,
    stageAs,
    stageDdl: (name, life, columns) =>
      life === 'session'
        ? `CREATE GLOBAL TEMPORARY TABLE ${name} (${columns.join(', ')}) ON COMMIT DELETE ROWS`
        : `CREATE TABLE ${name} (${columns.join(', ')})`,
    sessionStage: (schema, name) => `${doubleQuoted(schema)}.${doubleQuoted(name)}`,
    stagesStay: true,
    emptyStage: (name) => `DELETE FROM ${name}`,
    dropTable: (name) => `DROP TABLE ${name} PURGE`,
    lockedSupplier: (targets, where) =>
      `SELECT "SUPPLIER" FROM ${targets} WHERE ${where} FOR UPDATE WAIT ${lockSeconds}`,
    badRows,
    ...merging,
    capture: oracleCapture,
    exchangeTables: oracleExchangeTables,
  };
}

/** A FLOAT of few binary digits rounds what has more. */
function ruleFor(_item: CatalogItem, { baseType, nativeType }: SqlColumn): ValueRule | undefined {
  const bits = Number(/^FLOAT\((\d+)\)$/.exec(nativeType)?.[1] ?? WHOLE_FLOAT);
  if (baseType !== 'float' || bits >= WHOLE_FLOAT) return undefined;
  const digits = Math.floor(bits * Math.log10(2));
  return (text) => (text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length > digits ? notExact : text);
}

/** Values are staged as national text, bytes as they are, floats as floats: no text of ours is read as one. */
function stageAs({ family, baseType, length }: SqlColumn): ReturnType<SqlDialect['stageAs']> {
  if (baseType === 'blob') return { kind: 'binary', type: 'BLOB' };
  if (family === 'binary') return { kind: 'binary', type: 'RAW(2000)' };
  if (family === 'double' || family === 'single') return { kind: 'double', type: 'BINARY_DOUBLE' };
  const long = family === 'text' && (length === null || length > SHORT_TEXT);
  return long ? { kind: 'long-text', type: 'NCLOB' } : { kind: 'text', type: `NVARCHAR2(${SHORT_TEXT})` };
}

const UTC = (time: string) => `TO_CHAR(SYS_EXTRACT_UTC(${time}), 'YYYY-MM-DD HH24:MI:SS.FF6') || '+00'`;

async function horizon(session: SqlSession, signal: AbortSignal): Promise<SqlHorizon> {
  const clock = await session.query(
    `SELECT ${UTC('SYSTIMESTAMP')}, (SELECT COUNT(*) FROM all_objects WHERE owner = 'SYS' AND object_name = 'GV_$TRANSACTION') FROM dual`,
    [],
    signal,
  );
  const [now, mayLook] = clock.rows[0]!;
  if (Number(mayLook) === 0) return { now: String(now), oldest: null, seesOthers: false };
  // begin times are in the server's own zone
  const started = `FROM_TZ(CAST(MIN(start_date) AS TIMESTAMP), TO_CHAR(SYSTIMESTAMP, 'TZH:TZM'))`;
  const open = await session.query(
    `SELECT ${UTC(started)} FROM gv$transaction WHERE start_date IS NOT NULL`,
    [],
    signal,
  );
  const oldest = open.rows[0]?.[0] ?? null;
  // concatenated to nothing the sign of the zone remains
  const none = oldest === null || oldest === '+00';
  return { now: String(now), oldest: none ? null : String(oldest), seesOthers: true };
}

function typeFor(item: CatalogItem, key: boolean): string {
  switch (item.type) {
    case 'C': {
      // a character outside the first plane counts twice
      const length = item.length === undefined ? undefined : item.length * 2;
      if (key) return `NVARCHAR2(${Math.min(length ?? 400, 400)})`;
      return length === undefined || length > SHORT_TEXT ? 'NCLOB' : `NVARCHAR2(${length})`;
    }
    case 'M':
      return 'NCLOB';
    case 'N':
    case 'Y':
      return item.precision === undefined ? 'NUMBER' : `NUMBER(${item.precision}, ${item.scale ?? 0})`;
    case 'I':
      return 'NUMBER(38)';
    case 'B':
      return 'BINARY_DOUBLE';
    case 'F':
      return 'BINARY_FLOAT';
    case 'D':
      return 'DATE';
    case 'T':
      return item.instant ? 'TIMESTAMP(9) WITH TIME ZONE' : 'TIMESTAMP(9)';
    case 'L':
      return 'NUMBER(1)';
    case 'G':
      return 'BLOB';
  }
}
