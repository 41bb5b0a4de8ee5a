import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import { doubleQuoted as quoted } from '@qianzhi/sql-kit';
import type { ConnectorHarness, ConnectorSite, RowTexts, TableOptions, TestTable } from '@qianzhi/testing';
import { flagColumn, tableSource, wrongServerConfigs } from '@qianzhi/testing';
import oracledb from 'oracledb';
import { oracleConnector } from '../connector.js';
import { fetchTypeHandler } from '../driver/binds.js';

/** The legacy side: the driver itself. */
interface Legacy {
  run(sql: string, values?: readonly (string | null)[]): Promise<unknown[][]>;
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** Connection config of `oracle://user:password@host:port/service`. */
export function configOf(url: string) {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 1521),
    service: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

async function connect({
  host,
  port,
  service,
  user,
  password,
}: ReturnType<typeof configOf>): Promise<Legacy> {
  const connection = await oracledb.getConnection({
    user,
    password,
    connectString: `${host}:${port}/${service}`,
  });
  await connection.execute(
    `ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,' NLS_LENGTH_SEMANTICS = CHAR TIME_ZONE = '+00:00'`,
  );
  return {
    async run(sql, values = []) {
      const binds = values.map((val) => ({ val, type: oracledb.DB_TYPE_NVARCHAR, dir: oracledb.BIND_IN }));
      const { rows } = await connection.execute<unknown[]>(sql, binds, {
        outFormat: oracledb.OUT_FORMAT_ARRAY,
        fetchTypeHandler,
      });
      return rows ?? [];
    },
    commit: () => connection.commit(),
    close: () => connection.close(),
  };
}

/** Each site makes tables of its own in the user's schema, and drops them with ours. */
export function oracleHarness(url: string): ConnectorHarness {
  const refused = 'there is no such value in Oracle; the row is rejected';
  return {
    name: 'oracle',
    connector: oracleConnector,
    unsupported: { 'sink-parts': 'parts are loaded one after another' },
    unsupportedValues: {
      'type-I': 'no number holds more than 38 digits',
      'type-B': refused,
      'type-B-allow-nan-infinity': refused,
      'type-N-scale-1-allow-nan-infinity': refused,
      'type-D-allow-zero-date-infinity': refused,
      'type-T-allow-zero-date-infinity': refused,
    },
    openSite: () => openSite(configOf(url)),
  };
}

let sites = 0;

async function openSite(server: ReturnType<typeof configOf>): Promise<ConnectorSite> {
  const legacy = await connect(server);
  const prefix = `表 ${process.pid} ${++sites}`;
  const wrongConfigs = await wrongServerConfigs(server);
  let tables = 0;
  return {
    config: server,
    secret: server.password,
    wrongConfigs: [
      ...wrongConfigs,
      { name: 'a missing service', config: { ...server, service: 'no_such_service' }, kinds: ['not-found'] },
    ],
    missing: { source: { table: 'no_such_table' }, target: { table: 'no_such_table' } },
    createTable: (resource, options = {}) => createTable(legacy, `${prefix} ${++tables}`, resource, options),
    async clock(offsetMs) {
      const sql = `SELECT TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP) + NUMTODSINTERVAL(${offsetMs / 1000}, 'SECOND'), 'YYYY-MM-DD HH24:MI:SS.FF6') FROM dual`;
      return canonicalText({ type: 'T' }, String((await legacy.run(sql))[0]![0]));
    },
    async [Symbol.asyncDispose]() {
      const ours = await legacy.run(
        `SELECT table_name FROM user_tables WHERE table_name LIKE '${prefix}%' OR table_name LIKE 'QIANZHI%'`,
      );
      for (const [name] of ours) await legacy.run(`DROP TABLE ${quoted(String(name))} PURGE`);
      await legacy.close();
    },
  };
}

function typeOf(item: CatalogItem): string {
  switch (item.type) {
    case 'C':
      return item.fixedLength
        ? `NCHAR(${item.length ?? 1})`
        : `NVARCHAR2(${Math.min((item.length ?? 200) * 2, 2000)})`;
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

const FF9 = 'YYYY-MM-DD HH24:MI:SS.FF9';

/** A bound text as a value of the item's column, and the column as text. */
function written(item: CatalogItem, place: string): string {
  switch (item.type) {
    case 'N':
    case 'Y':
    case 'I':
      return `TO_NUMBER(${place})`;
    case 'B':
      return `TO_BINARY_DOUBLE(${place})`;
    case 'F':
      return `TO_BINARY_FLOAT(${place})`;
    case 'D':
      return `TO_DATE(${place}, 'YYYY-MM-DD')`;
    case 'T':
      return item.instant
        ? `FROM_TZ(TO_TIMESTAMP(REPLACE(${place}, '+00'), '${FF9}'), '+00:00')`
        : `TO_TIMESTAMP(${place}, '${FF9}')`;
    case 'L':
      return `DECODE(${place}, 't', 1, 'f', 0)`;
    case 'G':
      return `HEXTORAW(SUBSTR(${place}, 3))`;
    default:
      return place;
  }
}

function printed(item: CatalogItem): string {
  const name = quoted(item.column);
  if (item.type === 'D') return `TO_CHAR(${name}, 'YYYY-MM-DD')`;
  if (item.type !== 'T') return name;
  return item.instant
    ? `TO_CHAR(SYS_EXTRACT_UTC(${name}), '${FF9}') || NVL2(${name}, '+00', '')`
    : `TO_CHAR(${name}, '${FF9}')`;
}

async function createTable(
  legacy: Legacy,
  name: string,
  resource: CatalogResource,
  options: TableOptions,
): Promise<TestTable> {
  const table = quoted(name);
  const changes = `${name} 变更`;
  const { items } = resource;
  const keys = items.filter((item) => item.key);
  const columns = items.map((item) => `${quoted(item.column)} ${typeOf(item)}`);
  if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.map((item) => quoted(item.column)).join(', ')})`);
  if (options.flag) columns.push(`${quoted(flagColumn)} NUMBER(1) DEFAULT 0 NOT NULL`);
  const { refuse } = options;
  if (refuse) columns.push(`CHECK (${quoted(refuse.column)} <> '${refuse.value}')`);
  await legacy.run(`CREATE TABLE ${table} (${columns.join(', ')})`);
  const values = items.map((item, at) => written(item, `:${at + 1}`));
  const byKey = keys.map((item, at) => `${quoted(item.column)} = ${written(item, `:k${at}`)}`).join(' AND ');
  const keyOf = (row: RowTexts) => keys.map((item) => row[items.indexOf(item)] ?? null);
  const all = async (sql: string, rows: readonly (readonly (string | null)[])[]) => {
    for (const row of rows) await legacy.run(sql, row);
    await legacy.commit();
  };
  const names = items.map((item) => quoted(item.column)).join(', ');
  const insert = `INSERT INTO ${table} (${names}) VALUES (${values.join(', ')})`;
  const set = items.map((item, at) => `${quoted(item.column)} = ${written(item, `:${at + 1}`)}`);
  if (options.flag) set.push(`${quoted(flagColumn)} = 0`);
  await all(insert, options.rows ?? []);
  if (options.changeTable) await capture(legacy, name, changes, keys);
  return {
    name,
    target: { table: name },
    source: (strategy) => tableSource(name, changes, strategy),
    insert: (rows) => all(insert, rows),
    update: (rows) =>
      all(
        `UPDATE ${table} SET ${set.join(', ')} WHERE ${byKey || '1 = 0'}`,
        rows.map((row) => [...row, ...keyOf(row)]),
      ),
    remove: (rows) => all(`DELETE FROM ${table} WHERE ${byKey || '1 = 0'}`, rows.map(keyOf)),
    async readAll() {
      const rows = await legacy.run(`SELECT ${items.map(printed).join(', ')} FROM ${table}`);
      return rows.map((row) => items.map((item, at) => canonical(item, row[at] ?? null)));
    },
    async pendingChanges() {
      if (!options.changeTable && !options.flag) return 0;
      const waiting = options.flag ? `${table} WHERE ${quoted(flagColumn)} = 0` : quoted(changes);
      return Number((await legacy.run(`SELECT count(*) FROM ${waiting}`))[0]![0]);
    },
  };
}

function canonical(item: CatalogItem, value: unknown): string | null {
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (item.type === 'F') return String(Number(Number(value).toPrecision(7)));
  return canonicalText(item, String(value));
}

async function capture(
  legacy: Legacy,
  name: string,
  changes: string,
  keys: readonly CatalogItem[],
): Promise<void> {
  const list = keys.map((item) => quoted(item.column)).join(', ');
  const typed = keys.map((item) => `${quoted(item.column)} ${typeOf(item)}`).join(', ');
  const values = (row: string) => keys.map((item) => `:${row}.${quoted(item.column)}`).join(', ');
  const log = (op: string, row: string) =>
    `INSERT INTO ${quoted(changes)} ("op", ${list}) VALUES (${op}, ${values(row)});`;
  await legacy.run(
    `CREATE TABLE ${quoted(changes)} ("serial" NUMBER(19) GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "op" CHAR(1) NOT NULL, ${typed})`,
  );
  await legacy.run(`CREATE TRIGGER ${quoted(`${name} T`)} AFTER INSERT OR UPDATE OR DELETE ON ${quoted(name)} FOR EACH ROW
    BEGIN
      IF DELETING THEN ${log("'D'", 'OLD')} ELSIF INSERTING THEN ${log("'I'", 'NEW')} ELSE ${log("'U'", 'NEW')} END IF;
    END;`);
}
