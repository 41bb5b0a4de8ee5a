import type { CatalogItem } from '@qianzhi/model';
import {
  doubleQuoted,
  type SqlColumn,
  type SqlDialect,
  type SqlHorizon,
  type SqlSession,
  upperCaseName,
} from '@qianzhi/sql-kit';
import { damengCapture } from './capture.js';
import { LENGTH_MEASURED } from './driver/session.js';
import { damengExchangeTables } from './exchange-tables.js';
import { converted, fetched, keyText } from './expressions.js';
import { merging } from './merge-sql.js';
import { isLong } from './native-type.js';
import { describe, discover } from './table.js';

/** Characters of a text in a column whatever the page size (from 4 KiB) and the character set (up to four bytes each). */
const SHORT_TEXT = 400;
const KEY_CHARACTERS = 200;

/** DM8. `lockSeconds`: how long the row lock of a target is waited for. */
export function damengDialect({ lockSeconds }: { readonly lockSeconds: number }): SqlDialect {
  return {
    product: '达梦 (Dameng)',
    quoted: doubleQuoted,
    place: (at) => `:p${at}`,
    nullsFirst: true,
    nullsClause: 'NULLS FIRST',
    nameBytes: 100,
    newName: upperCaseName,
    limited: (list, rest, rows) => `SELECT TOP ${rows} ${list.join(', ')} ${rest}`,
    locked: (list, from, rest) => `SELECT ${list.join(', ')} FROM ${from} t ${rest} FOR UPDATE`,
    describe,
    discover,
    fetched,
    keyText,
    valueOf: converted,
    sizeOf: (_, name) => `${LENGTH_MEASURED}${name})`,
    horizon,
    typeFor,
    ownTypes: { text: 'VARCHAR(100 CHAR)', long: 'VARCHAR(400 CHAR)', integer: 'BIGINT' },
    ruleFor: () => undefined,
    stageAs,
    stageDdl: (name, life, columns) =>
      life === 'session'
        ? `CREATE GLOBAL TEMPORARY TABLE ${name} (${columns.join(', ')}) ON COMMIT DELETE ROWS`
        : // a row may be longer than half a page
          `CREATE TABLE ${name} (${columns.join(', ')}) STORAGE(USING LONG ROW)`,
    sessionStage: (schema, name) => `${doubleQuoted(schema)}.${doubleQuoted(name)}`,
    stagesStay: true,
    emptyStage: (name) => `DELETE FROM ${name}`,
    dropTable: (name) => `DROP TABLE ${name}`,
    lockedSupplier: (targets, where) =>
      `SELECT "SUPPLIER" FROM ${targets} WHERE ${where} FOR UPDATE WAIT ${lockSeconds}`,
    // both character sets have every character, and what a conversion refuses leaves the transaction usable
    badRows: () => undefined,
    ...merging,
    capture: damengCapture,
    exchangeTables: damengExchangeTables,
  };
}

/** What may be long is staged as a large object, out of the row. */
function stageAs(column: SqlColumn): ReturnType<SqlDialect['stageAs']> {
  const { family, nativeType } = column;
  if (family === 'double' || family === 'single') return { kind: 'double', type: 'DOUBLE' };
  if (family === 'binary') return { kind: 'binary', type: isLong(column) ? 'BLOB' : nativeType };
  if (family !== 'text' && family !== 'char') return { kind: 'text', type: 'VARCHAR(60)' };
  if (isLong(column)) return { kind: 'long-text', type: 'CLOB' };
  // not padded before it is compared
  return { kind: 'text', type: nativeType.replace(/^(N?)(CHAR|CHARACTER)(?=\()/, '$1VARCHAR') };
}

/** Nothing tells when a transaction began: increments keep their margin. */
async function horizon(session: SqlSession, signal: AbortSignal): Promise<SqlHorizon> {
  const { rows } = await session.query(
    `SELECT TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD HH24:MI:SS.FF6') || '+00' FROM DUAL`,
    [],
    signal,
  );
  return { now: String(rows[0]![0]), oldest: null, seesOthers: false };
}

function typeFor(item: CatalogItem, key: boolean): string {
  switch (item.type) {
    case 'C':
      if (key) return `VARCHAR(${Math.min(item.length ?? KEY_CHARACTERS, KEY_CHARACTERS)} CHAR)`;
      return item.length === undefined || item.length > SHORT_TEXT ? 'CLOB' : `VARCHAR(${item.length} CHAR)`;
    case 'M':
      return 'CLOB';
    case 'N':
    case 'Y':
      return item.precision === undefined ? 'NUMBER' : `DECIMAL(${item.precision}, ${item.scale ?? 0})`;
    case 'I':
      return 'BIGINT';
    case 'B':
      return 'DOUBLE';
    case 'F':
      return 'REAL';
    case 'D':
      return 'DATE';
    case 'T':
      return item.instant ? 'TIMESTAMP(6) WITH TIME ZONE' : 'TIMESTAMP(6)';
    case 'L':
      return 'BIT';
    case 'G':
      return 'BLOB';
  }
}
