import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import type { ConnectorHarness, ConnectorSite, RowTexts, TableOptions, TestTable } from '@qianzhi/testing';
import { flagColumn, tableSource, wrongServerConfigs } from '@qianzhi/testing';
import { Connection, type ConnectionConfiguration, Request, TYPES } from 'tedious';
import { mssqlConnector } from '../connector.js';
import { quoted } from '../identifier.js';

/** The legacy side: the driver itself, one statement at a time. */
interface Legacy {
  run(sql: string, values?: readonly (string | null)[]): Promise<unknown[][]>;
  close(): void;
}

/** Connection config of `mssql://user:password@host:port/database`. */
export function configOf(url: string) {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 1433),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

async function connect({
  host,
  port,
  database,
  user,
  password,
}: ReturnType<typeof configOf>): Promise<Legacy> {
  const settings: ConnectionConfiguration = {
    server: host,
    authentication: { type: 'default', options: { userName: user, password } },
    options: { port, database, encrypt: true, trustServerCertificate: true, requestTimeout: 60_000 },
  };
  const connection = new Connection(settings);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return {
    run: (sql, values = []) =>
      new Promise((resolve, reject) => {
        const rows: unknown[][] = [];
        const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
        for (const [at, value] of values.entries())
          request.addParameter(`p${at + 1}`, TYPES.NVarChar, value, { length: Number.POSITIVE_INFINITY });
        request.on('row', (cells: { value: unknown }[]) => rows.push(cells.map(({ value }) => value)));
        if (values.length === 0) connection.execSqlBatch(request);
        else connection.execSql(request);
      }),
    close: () => connection.close(),
  };
}

/** Each site is a schema of its own in a real database. */
export function mssqlHarness(url: string): ConnectorHarness {
  const refused = 'there is no such value in SQL Server; the row is rejected';
  return {
    name: 'mssql',
    connector: mssqlConnector,
    unsupported: { 'sink-parts': 'parts are loaded one after another' },
    unsupportedValues: {
      'type-I': 'no type holds more than 38 digits',
      'type-B': refused,
      'type-B-allow-nan-infinity': refused,
      'type-N-scale-1-allow-nan-infinity': refused,
      'type-T': 'datetime2 keeps seven digits of a second',
      'type-D-allow-zero-date-infinity': refused,
      'type-T-allow-zero-date-infinity': refused,
    },
    openSite: () => openSite(configOf(url)),
  };
}

let sites = 0;

async function openSite(server: ReturnType<typeof configOf>): Promise<ConnectorSite> {
  const legacy = await connect(server);
  await legacy.run(
    'IF NOT EXISTS (SELECT 1 FROM sys.change_tracking_databases WHERE database_id = DB_ID()) ALTER DATABASE CURRENT SET CHANGE_TRACKING = ON',
  );
  const schema = `部门 ${process.pid} ]${++sites}`;
  await legacy.run(`CREATE SCHEMA ${quoted(schema)}`);
  const config = { ...server, schema };
  const wrongConfigs = await wrongServerConfigs(config);
  let tables = 0;
  return {
    config,
    secret: server.password,
    wrongConfigs: [
      ...wrongConfigs,
      {
        name: 'a missing database',
        config: { ...config, database: 'no_such_database' },
        kinds: ['not-found', 'auth'],
      },
    ],
    missing: { source: { table: 'no_such_table' }, target: { table: 'no_such_table' } },
    createTable: (resource, options = {}) =>
      createTable(legacy, schema, `表 ]${++tables}`, resource, options),
    async clock(offsetMs) {
      const sql = `SELECT CONVERT(varchar(30), DATEADD(millisecond, ${offsetMs % 1000}, DATEADD(second, ${Math.trunc(offsetMs / 1000)}, SYSUTCDATETIME())), 121)`;
      return canonicalText({ type: 'T' }, String((await legacy.run(sql))[0]![0]));
    },
    async [Symbol.asyncDispose]() {
      await legacy.run('IF @@TRANCOUNT > 0 ROLLBACK');
      const objects = await legacy.run(
        `SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID(N'${schema.replaceAll("'", "''")}')`,
      );
      for (const [name] of objects) await legacy.run(`DROP TABLE ${quoted(schema)}.${quoted(String(name))}`);
      await legacy.run(`DROP SCHEMA ${quoted(schema)}`);
      legacy.close();
    },
  };
}

function typeOf(item: CatalogItem): string {
  const text = (length: number | 'max') =>
    `n${item.fixedLength ? '' : 'var'}char(${length}) COLLATE Latin1_General_BIN2`;
  switch (item.type) {
    case 'C':
      return text(item.length === undefined ? (item.key ? 100 : 'max') : Math.min(item.length * 2, 4000));
    case 'M':
      return 'nvarchar(max)';
    case 'N':
    case 'Y':
      return `decimal(${item.precision ?? 38}, ${item.scale ?? 10})`;
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

/** A parameter of text as a value of the item's column, and the column as text. */
function written(item: CatalogItem, place: string): string {
  if (item.type === 'G') return `CONVERT(varbinary(max), '0x' + SUBSTRING(${place}, 3, LEN(${place})), 1)`;
  if (item.type === 'L') return `CASE ${place} WHEN 't' THEN 1 WHEN 'f' THEN 0 END`;
  if (item.type === 'T' && item.instant)
    return `CONVERT(datetimeoffset(7), REPLACE(${place}, '+00', ' +00:00'), 121)`;
  if (item.type === 'T') return `CONVERT(datetime2(7), ${place}, 121)`;
  return item.type === 'D' ? `CONVERT(date, ${place}, 23)` : place;
}

function printed(item: CatalogItem): string {
  const name = quoted(item.column);
  switch (item.type) {
    case 'N':
    case 'Y':
      return `CONVERT(varchar(50), ${name})`;
    case 'D':
      return `CONVERT(varchar(10), ${name}, 23)`;
    case 'T':
      return `CONVERT(varchar(40), ${name}, 121)`;
    case 'G':
      return `CONVERT(varchar(max), ${name}, 1)`;
    default:
      return name;
  }
}

async function createTable(
  legacy: Legacy,
  schema: string,
  name: string,
  resource: CatalogResource,
  options: TableOptions,
): Promise<TestTable> {
  const table = `${quoted(schema)}.${quoted(name)}`;
  const changes = `${name} 变更`;
  const log = `${quoted(schema)}.${quoted(changes)}`;
  const { items } = resource;
  const keys = items.filter((item) => item.key);
  const columns = items.map((item) => `${quoted(item.column)} ${typeOf(item)}${item.key ? ' NOT NULL' : ''}`);
  if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.map((item) => quoted(item.column)).join(', ')})`);
  if (options.flag) columns.push(`${quoted(flagColumn)} int NOT NULL DEFAULT 0`);
  const { refuse } = options;
  if (refuse) columns.push(`CHECK (${quoted(refuse.column)} <> N'${refuse.value}')`);
  await legacy.run(`CREATE TABLE ${table} (${columns.join(', ')})`);
  const values = items.map((item, at) => written(item, `@p${at + 1}`));
  const names = items.map((item) => quoted(item.column)).join(', ');
  const insert = `INSERT INTO ${table} (${names}) VALUES (${values.join(', ')})`;
  const byKey = keys
    .map((item) => `${quoted(item.column)} = ${written(item, `@p${items.indexOf(item) + 1}`)}`)
    .join(' AND ');
  const set = items
    .filter((item) => !item.key)
    .map((item) => `${quoted(item.column)} = ${values[items.indexOf(item)]}`);
  if (options.flag) set.push(`${quoted(flagColumn)} = 0`);
  const moved = items.map((item, at) => `${quoted(item.column)} = ${values[at]}`);
  const from = keys.map(
    (item, at) => `${quoted(item.column)} = ${written(item, `@p${items.length + at + 1}`)}`,
  );
  const moveKey = `UPDATE ${table} SET ${moved.join(', ')} WHERE ${from.join(' AND ')}`;
  const all = async (sql: string, rows: readonly RowTexts[]) => {
    await legacy.run('BEGIN TRANSACTION');
    for (const row of rows) await legacy.run(sql, row);
    await legacy.run('COMMIT TRANSACTION');
  };
  await all(insert, options.rows ?? []);
  if (keys.length > 0) await legacy.run(`ALTER TABLE ${table} ENABLE CHANGE_TRACKING`);
  if (options.changeTable) await capture(legacy, table, log, quoted(`${name} capture`), quoted(schema), keys);
  return {
    name,
    target: { table: name },
    source: (strategy) => tableSource(name, changes, strategy),
    insert: (rows) => all(insert, rows),
    update: (rows) => all(`UPDATE ${table} SET ${set.join(', ')} WHERE ${byKey || '1 = 0'}`, rows),
    remove: (rows) => all(`DELETE FROM ${table} WHERE ${byKey || '1 = 0'}`, rows),
    changeKey: (from, to) =>
      all(moveKey, [[...to, ...keys.map((item) => from[items.indexOf(item)] ?? null)]]),
    truncate: async () => void (await legacy.run(`TRUNCATE TABLE ${table}`)),
    async readAll() {
      const rows = await legacy.run(`SELECT ${items.map(printed).join(', ')} FROM ${table}`);
      return rows.map((row) => items.map((item, at) => canonical(item, row[at] ?? null)));
    },
    async pendingChanges() {
      if (!options.changeTable && !options.flag) return 0;
      const waiting = options.flag ? `${table} WHERE ${quoted(flagColumn)} = 0` : log;
      return Number((await legacy.run(`SELECT count(*) FROM ${waiting}`))[0]![0]);
    },
  };
}

function canonical(item: CatalogItem, value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (item.type === 'G') return `\\x${String(value).slice(2).toLowerCase()}`;
  if (item.type === 'F') return String(Number(Number(value).toPrecision(7)));
  return canonicalText(item, String(value));
}

async function capture(
  legacy: Legacy,
  table: string,
  log: string,
  trigger: string,
  schema: string,
  keys: readonly CatalogItem[],
): Promise<void> {
  const list = keys.map((item) => quoted(item.column)).join(', ');
  const typed = keys.map((item) => `${quoted(item.column)} ${typeOf(item)}`).join(', ');
  const op = `CASE WHEN EXISTS (SELECT 1 FROM deleted) THEN 'U' ELSE 'I' END`;
  await legacy.run(`CREATE TABLE ${log} (serial bigint IDENTITY PRIMARY KEY, op char(1) NOT NULL, ${typed})`);
  await legacy.run(`CREATE TRIGGER ${schema}.${trigger} ON ${table} AFTER INSERT, UPDATE, DELETE AS
    INSERT INTO ${log} (op, ${list}) SELECT ${op}, ${list} FROM inserted;
    INSERT INTO ${log} (op, ${list}) SELECT 'D', ${list} FROM deleted WHERE NOT EXISTS (SELECT 1 FROM inserted)`);
}
