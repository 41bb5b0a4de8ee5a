import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import { doubleQuoted as q } from '@qianzhi/sql-kit';
import type { ConnectorHarness, ConnectorSite, RowTexts, TableOptions, TestTable } from '@qianzhi/testing';
import { tableSource, wrongServerConfigs } from '@qianzhi/testing';
import { damengConnector } from '../connector.js';
import { loadDriver } from '../driver/driver.js';

/** Connection config of `dm://user:password@host:port`. */
export function configOf(url: string) {
  const { hostname, port, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 5236),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
type Server = ReturnType<typeof configOf>;

/** The legacy side: the driver itself. */
async function connect({ host, port, user, password }: Server) {
  const driver = await loadDriver();
  const connection = await driver.getConnection({
    connectString: `${host}:${port}`,
    user,
    password,
    autoCommit: false,
    localTimezone: 0,
  });
  return {
    async run(sql: string, values: readonly (string | null)[] = []): Promise<unknown[][]> {
      const { rows = [] } = await connection.execute(sql, [...values], { maxRows: 0 });
      return rows.map((row) => [...row]);
    },
    commit: () => connection.commit(),
    close: () => connection.close(),
  };
}
type Legacy = Awaited<ReturnType<typeof connect>>;

/** Each site makes tables of its own in the user's schema, and drops them with ours. */
export function damengHarness(url: string): ConnectorHarness {
  const refused = 'there is no such value in Dameng; the row is rejected';
  return {
    name: 'dameng',
    connector: damengConnector,
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

async function openSite(server: Server): Promise<ConnectorSite> {
  const legacy = await connect(server);
  const prefix = `表 ${process.pid} ${++sites}`;
  let tables = 0;
  return {
    config: server,
    secret: server.password,
    wrongConfigs: await wrongServerConfigs(server),
    missing: { source: { table: 'no_such_table' }, target: { table: 'no_such_table' } },
    createTable: (resource, options = {}) => createTable(legacy, `${prefix} ${++tables}`, resource, options),
    async clock(offsetMs) {
      const sql = `SELECT TO_CHAR(DATEADD(MS, ${offsetMs}, SYS_EXTRACT_UTC(SYSTIMESTAMP)), 'YYYY-MM-DD HH24:MI:SS.FF6') FROM DUAL`;
      return canonicalText({ type: 'T' }, String((await legacy.run(sql))[0]![0]));
    },
    async [Symbol.asyncDispose]() {
      const ours = await legacy.run(
        `SELECT table_name FROM user_tables WHERE table_name LIKE '${prefix}%' OR table_name LIKE 'QIANZHI%'`,
      );
      for (const [name] of ours) await legacy.run(`DROP TABLE ${q(String(name))}`);
      await legacy.close();
    },
  };
}

/** Type of an item's column, a bound text as its value, and the column as text. */
function columnOf(item: CatalogItem): { type: string; value: string; text: (name: string) => string } {
  const same = (name: string) => name;
  const cast = (type: string) => ({ type, value: `CAST(? AS ${type})`, text: same });
  const stamp = 'YYYY-MM-DD HH24:MI:SS.FF6';
  switch (item.type) {
    case 'C':
      return {
        type: `${item.fixedLength ? 'CHAR' : 'VARCHAR'}(${Math.min(item.length ?? 200, 400)} CHAR)`,
        value: '?',
        text: same,
      };
    case 'M':
      return { type: 'CLOB', value: '?', text: same };
    case 'N':
    case 'Y':
      return cast(item.precision === undefined ? 'NUMBER' : `DECIMAL(${item.precision}, ${item.scale ?? 0})`);
    case 'I':
      return cast('BIGINT');
    case 'B':
      return cast('DOUBLE');
    case 'F':
      return cast('REAL');
    case 'D':
      return {
        type: 'DATE',
        value: `TO_DATE(?, 'YYYY-MM-DD')`,
        text: (name) => `TO_CHAR(${name}, 'YYYY-MM-DD')`,
      };
    case 'T':
      return item.instant
        ? {
            type: 'TIMESTAMP(6) WITH TIME ZONE',
            value: `TO_TIMESTAMP_TZ(REPLACE(?, '+00', ' +00:00'), '${stamp} TZH:TZM')`,
            text: (name) =>
              `CASE WHEN ${name} IS NULL THEN NULL ELSE TO_CHAR(SYS_EXTRACT_UTC(${name}), '${stamp}') || '+00' END`,
          }
        : {
            type: 'TIMESTAMP(6)',
            value: `TO_TIMESTAMP(?, '${stamp}')`,
            text: (name) => `TO_CHAR(${name}, '${stamp}')`,
          };
    case 'L':
      return { type: 'BIT', value: `DECODE(?, 't', 1, 'f', 0)`, text: same };
    case 'G':
      return { type: 'BLOB', value: 'HEXTORAW(SUBSTR(?, 3))', text: same };
  }
}

async function createTable(
  legacy: Legacy,
  name: string,
  { items }: CatalogResource,
  options: TableOptions,
): Promise<TestTable> {
  const changes = `${name} 变更`;
  const keys = items.filter((item) => item.key);
  const list = (of: readonly CatalogItem[]) => of.map(({ column }) => q(column)).join(', ');
  const typed = (of: readonly CatalogItem[]) => of.map((item) => `${q(item.column)} ${columnOf(item).type}`);
  const equal = (of: readonly CatalogItem[]) =>
    of.map((item) => `${q(item.column)} = ${columnOf(item).value}`);
  const { refuse } = options;
  const rules = [
    ...(keys.length > 0 ? [`PRIMARY KEY (${list(keys)})`] : []),
    ...(refuse ? [`CHECK (${q(refuse.column)} <> '${refuse.value}')`] : []),
  ];
  await legacy.run(`CREATE TABLE ${q(name)} (${[...typed(items), ...rules].join(', ')})`);
  const byKey = equal(keys).join(' AND ') || '1 = 0';
  const keyOf = (row: RowTexts) => keys.map((item) => row[items.indexOf(item)] ?? null);
  const each = async (sql: string, rows: readonly RowTexts[], values = (row: RowTexts) => [...row]) => {
    for (const row of rows) await legacy.run(sql, values(row));
    await legacy.commit();
  };
  const insert = `INSERT INTO ${q(name)} VALUES (${items.map((item) => columnOf(item).value).join(', ')})`;
  await each(insert, options.rows ?? []);
  if (options.changeTable) {
    const serial = '"serial" BIGINT IDENTITY(1, 1) PRIMARY KEY, "op" CHAR(1) NOT NULL';
    await legacy.run(`CREATE TABLE ${q(changes)} (${[serial, ...typed(keys)].join(', ')})`);
    const log = (op: string, row: string) =>
      `INSERT INTO ${q(changes)} ("op", ${list(keys)}) VALUES (${op}, ${keys.map(({ column }) => `:${row}.${q(column)}`).join(', ')});`;
    await legacy.run(
      `CREATE TRIGGER ${q(`${name} T`)} AFTER INSERT OR UPDATE OR DELETE ON ${q(name)} FOR EACH ROW BEGIN IF DELETING THEN ${log("'D'", 'OLD')} ELSE ${log("'U'", 'NEW')} END IF; END;`,
    );
  }
  return {
    name,
    target: { table: name },
    source: (strategy) => tableSource(name, changes, strategy),
    insert: (rows) => each(insert, rows),
    update: (rows) =>
      each(`UPDATE ${q(name)} SET ${equal(items).join(', ')} WHERE ${byKey}`, rows, (row) => [
        ...row,
        ...keyOf(row),
      ]),
    remove: (rows) => each(`DELETE FROM ${q(name)} WHERE ${byKey}`, rows, keyOf),
    async readAll() {
      const texts = items.map((item) => columnOf(item).text(q(item.column)));
      const rows = await legacy.run(`SELECT ${texts.join(', ')} FROM ${q(name)}`);
      return rows.map((row) => items.map((item, at) => canonical(item, row[at] ?? null)));
    },
    async pendingChanges() {
      if (!options.changeTable) return 0;
      return Number((await legacy.run(`SELECT count(*) FROM ${q(changes)}`))[0]![0]);
    },
  };
}

function canonical(item: CatalogItem, value: unknown): string | null {
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (item.type === 'F') return String(Number(Number(value).toPrecision(7)));
  return canonicalText(item, String(value));
}
