import type { CatalogItem } from '@qianzhi/model';
import {
  notExact,
  type SqlColumn,
  type SqlDialect,
  type SqlHorizon,
  type SqlSession,
  type ValueRule,
} from '@qianzhi/sql-kit';
import { mssqlCapture } from './capture.js';
import { mssqlExchangeTables } from './exchange-tables.js';
import { converted, fetched, keyText } from './expressions.js';
import { quoted } from './identifier.js';
import { badRows, deleteMissing, deleteStaged, insert, update } from './merge-sql.js';
import { describeTable, discoverTables } from './table.js';

/** SQL Server 2012 and later; sources from 2008 on. */
export const mssqlDialect: SqlDialect = {
  product: 'SQL Server',
  quoted,
  place: (at) => `@p${at}`,
  nullsFirst: true,
  nameBytes: 100,
  newName: (name) => name,
  limited: (list, rest, rows) => `SELECT TOP (${rows}) ${list.join(', ')} ${rest}`,
  locked: (list, from, rest) => `SELECT ${list.join(', ')} FROM ${from} t WITH (UPDLOCK, ROWLOCK) ${rest}`,
  describe: (session, schema, table, signal) => describeTable(session, schema ?? 'dbo', table, signal),
  discover: discoverTables,
  fetched,
  keyText,
  valueOf: (column, text) => converted(column, text),
  sizeOf: (_, name) => `DATALENGTH(${name})`,
  horizon,
  typeFor,
  // compared byte by byte: agents and agreements that differ in case alone are two
  ownTypes: {
    text: 'nvarchar(100) COLLATE Latin1_General_BIN2',
    long: 'nvarchar(400) COLLATE Latin1_General_BIN2',
    integer: 'bigint',
  },
  ruleFor,
  stageAs({ family, length }) {
    if (family === 'binary') return { kind: 'binary', type: 'varbinary(max)' };
    if (family === 'double' || family === 'single') return { kind: 'double', type: 'float(53)' };
    const long = (family === 'text' || family === 'char') && (length === null || length > 2000);
    return long
      ? { kind: 'long-text', type: 'nvarchar(max) COLLATE DATABASE_DEFAULT' }
      : { kind: 'text', type: 'nvarchar(4000) COLLATE DATABASE_DEFAULT' };
  },
  stageDdl: (name, _life, columns) => `CREATE TABLE ${name} (${columns.join(', ')})`,
  sessionStage: (_schema, name) => quoted(`#${name}`),
  stagesStay: false,
  emptyStage: (name) => `TRUNCATE TABLE ${name}`,
  dropTable: (name) => `DROP TABLE ${name}`,
  lockedSupplier: (targets, where) =>
    `SELECT [supplier] FROM ${targets} WITH (UPDLOCK, HOLDLOCK) WHERE ${where}`,
  badRows,
  deleteStaged,
  deleteMissing,
  update,
  insert,
  capture: mssqlCapture,
  exchangeTables: mssqlExchangeTables,
};

async function horizon(session: SqlSession, signal: AbortSignal): Promise<SqlHorizon> {
  const clock = await session.query(
    `SELECT CONVERT(varchar(30), SYSUTCDATETIME(), 121) + '+00', HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE')`,
    [],
    signal,
  );
  const [now, mayLook] = clock.rows[0]!;
  if (Number(mayLook) !== 1) return { now: String(now), oldest: null, seesOthers: false };
  // begin times are in the server's own zone
  const open = await session.query(
    `SELECT CONVERT(varchar(30), DATEADD(minute, DATEDIFF(minute, SYSDATETIME(), SYSUTCDATETIME()), CONVERT(datetime2(3), MIN(a.transaction_begin_time))), 121) + '+00'
FROM sys.dm_tran_active_transactions a JOIN sys.dm_tran_session_transactions x ON x.transaction_id = a.transaction_id
JOIN sys.dm_tran_database_transactions d ON d.transaction_id = a.transaction_id AND d.database_id = DB_ID()
WHERE a.transaction_type = 1 AND x.session_id <> @@SPID`,
    [],
    signal,
  );
  const oldest = open.rows[0]?.[0] ?? null;
  return { now: String(now), oldest: oldest === null ? null : String(oldest), seesOthers: true };
}

const KEY_CHARACTERS = 400;

function typeFor(item: CatalogItem, key: boolean): string {
  switch (item.type) {
    case 'C': {
      // a character outside the first plane counts twice
      const length = item.length === undefined ? undefined : Math.min(item.length * 2, 4000);
      // A and a are two keys, and a blank at the end counts
      if (key)
        return `nvarchar(${Math.min(length ?? KEY_CHARACTERS, KEY_CHARACTERS)}) COLLATE Latin1_General_BIN2`;
      return `nvarchar(${length ?? 'max'})`;
    }
    case 'M':
      return 'nvarchar(max)';
    case 'N':
    case 'Y':
      return `decimal(${item.precision ?? 38}, ${item.scale ?? (item.precision === undefined ? 10 : 0)})`;
    case 'I':
      return 'bigint';
    case 'B':
      return 'float(53)';
    case 'F':
      return 'real';
    case 'D':
      return 'date';
    case 'T':
      return item.instant ? 'datetimeoffset(7)' : 'datetime2(7)';
    case 'L':
      return 'bit';
    case 'G':
      return 'varbinary(max)';
  }
}

/** datetime counts 1/300 of a second and smalldatetime minutes: they round what lies between. */
function ruleFor(_item: CatalogItem, { baseType }: SqlColumn): ValueRule | undefined {
  if (baseType === 'datetime') return (text) => (/\.\d\d[037]$/.test(padded(text)) ? text : notExact);
  if (baseType === 'smalldatetime') return (text) => (/:00$/.test(text) ? text : notExact);
  return undefined;
}

function padded(text: string): string {
  const [time, fraction = ''] = text.split('.');
  return `${time}.${fraction.padEnd(3, '0')}`;
}
