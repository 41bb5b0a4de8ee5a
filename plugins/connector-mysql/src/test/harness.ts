import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import type { ConnectorHarness, ConnectorSite, RowTexts, TableOptions, TestTable } from '@qianzhi/testing';
import { configOf, flagColumn, tableSource, wrongServerConfigs } from '@qianzhi/testing';
import { mysqlConnector } from '../connector.js';
import { literal, quoted } from '../identifier.js';
import { createDatabase, type LegacySession } from './database.js';

/** Each site is a database of its own on a real server; the legacy side is played by the driver itself. */
export function mysqlHarness(serverUrl: string): ConnectorHarness {
  return {
    name: 'mysql',
    connector: mysqlConnector,
    unsupported: {},
    unsupportedValues: {
      'type-T': 'MySQL keeps microseconds; a finer time is rejected',
      'type-D-allow-zero-date-infinity': 'there is no infinite date; such a row is rejected',
      'type-T-allow-zero-date-infinity': 'there is no infinite time; such a row is rejected',
      'type-B': 'MariaDB forgets the sign of -0.0; such a row is rejected',
      'type-B-allow-nan-infinity': 'there is no NaN and no infinity; such a row is rejected',
    },
    openSite: () => openSite(serverUrl),
  };
}

async function openSite(serverUrl: string): Promise<ConnectorSite> {
  const database = await createDatabase(serverUrl);
  const { db, url } = database;
  const config = configOf(url);
  const wrongConfigs = await wrongServerConfigs(config);
  let tables = 0;
  return {
    config,
    secret: config.password,
    wrongConfigs: [
      ...wrongConfigs,
      {
        name: 'a missing database',
        config: { ...config, database: 'no_such_database' },
        kinds: ['not-found'],
      },
      { name: 'TLS that is not offered', config: { ...config, ssl: { mode: 'require' } }, kinds: ['config'] },
    ],
    missing: { source: { table: 'no_such_table' }, target: { table: 'no_such_table' } },
    createTable: (resource, options = {}) => createTable(db, `表 "${++tables}\``, resource, options),
    async clock(offsetMs) {
      const [row] = await db.run(
        `SELECT CAST(UTC_TIMESTAMP(6) + INTERVAL ${Math.round(offsetMs * 1000)} MICROSECOND AS CHAR)`,
      );
      return canonicalText({ type: 'T' }, row![0]!);
    },
    run: async (sql) => void (await db.run(sql)),
    asking: {
      byId: ({ name }) => `SELECT * FROM ${quoted(name)} WHERE id = :id`,
      endless: ({ name }) =>
        `SELECT t.* FROM ${quoted(name)} t, (SELECT SLEEP(90) AS s) AS z WHERE t.id = :id AND z.s >= 0`,
      async running() {
        const [row] = await db.run(
          `SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(90)%' AND id <> CONNECTION_ID()`,
        );
        return Number(row![0]);
      },
      async deleting({ name }) {
        await db.run(
          `CREATE FUNCTION take_all() RETURNS int DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM ${quoted(name)}; RETURN 1; END`,
        );
        return `SELECT * FROM ${quoted(name)} WHERE take_all() = 1 AND id = :id`;
      },
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
    },
  };
}

function typeOf(item: CatalogItem): string {
  switch (item.type) {
    case 'C': {
      const length = item.length ?? (item.key ? 255 : undefined);
      if (length === undefined || length > 4000) return 'longtext';
      return `${item.fixedLength ? 'char' : 'varchar'}(${length})`;
    }
    case 'M':
      return 'longtext';
    case 'N':
    case 'Y':
      return item.precision ? `decimal(${item.precision}, ${item.scale ?? 0})` : 'longtext';
    case 'I':
      return item.key ? 'bigint' : 'longtext';
    case 'B':
    case 'F':
      return 'double';
    case 'D':
      return 'date';
    case 'T':
      return item.instant ? 'timestamp(6)' : 'datetime(6)';
    case 'L':
      return 'tinyint(1)';
    case 'G':
      return 'longblob';
  }
}

/** A value as a statement gets it. */
function given(item: CatalogItem, text: string | null): unknown {
  if (text === null) return null;
  if (item.type === 'G') return Buffer.from(text.slice(2), 'hex');
  if (item.type === 'L') return text === 't' ? 1 : 0;
  return item.instant ? text.replace('+00', '') : text;
}

/** A column as text, to be read back. */
function asText(item: CatalogItem): string {
  const name = quoted(item.column);
  if (item.type === 'G') return `CONCAT('\\\\x', LOWER(HEX(${name})))`;
  return `CAST(${name} AS CHAR)`;
}

function canonical(item: CatalogItem, text: string | null): string | null {
  if (text === null) return null;
  return canonicalText(item, item.instant ? `${text}+00` : text);
}

async function createTable(
  db: LegacySession,
  name: string,
  resource: CatalogResource,
  options: TableOptions,
): Promise<TestTable> {
  const table = quoted(name);
  const changes = `${name} 变更`;
  const { items } = resource;
  const keys = items.filter((item) => item.key);
  const columns = items.map(
    (item) => `${quoted(item.column)} ${typeOf(item)} ${item.key ? 'NOT NULL' : 'NULL'}`,
  );
  if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.map((item) => quoted(item.column)).join(', ')})`);
  if (options.flag) columns.push(`${quoted(flagColumn)} char(1) NOT NULL DEFAULT '0'`);
  const { refuse } = options;
  if (refuse) columns.push(`CHECK (NOT (${quoted(refuse.column)} <=> ${literal(refuse.value)}))`);
  await db.run(`CREATE TABLE ${table} (${columns.join(', ')}) COLLATE utf8mb4_bin`);

  const names = items.map((item) => quoted(item.column)).join(', ');
  const insert = `INSERT INTO ${table} (${names}) VALUES (${items.map(() => '?').join(', ')})`;
  const set = items.map((item) => `${quoted(item.column)} = ?`);
  if (options.flag) set.push(`${quoted(flagColumn)} = '0'`);
  const byKey = keys.map((item) => `${quoted(item.column)} = ?`).join(' AND ') || 'false';
  const valuesOf = (row: RowTexts) => items.map((item, at) => given(item, row[at] ?? null));
  const keyOf = (row: RowTexts) => keys.map((item) => given(item, row[items.indexOf(item)] ?? null));
  const all = async (sql: string, rows: readonly (readonly unknown[])[]) => {
    await db.run('START TRANSACTION');
    for (const row of rows) await db.run(sql, row);
    await db.run('COMMIT');
  };
  await all(insert, (options.rows ?? []).map(valuesOf));
  if (options.changeTable) await capture(db, name, changes, keys);
  return {
    name,
    target: { table: name },
    source: (strategy) => tableSource(name, changes, strategy),
    insert: (rows) => all(insert, rows.map(valuesOf)),
    update: (rows) =>
      all(
        `UPDATE ${table} SET ${set.join(', ')} WHERE ${byKey}`,
        rows.map((row) => [...valuesOf(row), ...keyOf(row)]),
      ),
    remove: (rows) => all(`DELETE FROM ${table} WHERE ${byKey}`, rows.map(keyOf)),
    changeKey: (from, to) =>
      all(`UPDATE ${table} SET ${set.join(', ')} WHERE ${byKey}`, [[...valuesOf(to), ...keyOf(from)]]),
    truncate: async () => void (await db.run(`TRUNCATE ${table}`)),
    async readAll() {
      const rows = await db.run(`SELECT ${items.map(asText).join(', ')} FROM ${table}`);
      return rows.map((row) => items.map((item, at) => canonical(item, unhex(item, row[at] ?? null))));
    },
    async pendingChanges() {
      if (!options.changeTable && !options.flag) return 0;
      const waiting = options.flag ? `${table} WHERE ${quoted(flagColumn)} = '0'` : quoted(changes);
      const [row] = await db.run(`SELECT COUNT(*) FROM ${waiting}`);
      return Number(row![0]);
    },
  };
}

/** Long texts come as BLOB, whose bytes the session spells in hex. */
function unhex(item: CatalogItem, text: string | null): string | null {
  if (text === null || !text.startsWith('\\x')) return text;
  const plain = Buffer.from(text.slice(2), 'hex').toString();
  return item.type === 'G' && !plain.startsWith('\\x') ? text : plain;
}

async function capture(
  db: LegacySession,
  name: string,
  changes: string,
  keys: readonly CatalogItem[],
): Promise<void> {
  const columns = keys.map((item) => quoted(item.column)).join(', ');
  const typed = keys.map((item) => `${quoted(item.column)} ${typeOf(item)}`).join(', ');
  await db.run(
    `CREATE TABLE ${quoted(changes)} (serial BIGINT AUTO_INCREMENT PRIMARY KEY, op VARCHAR(10) NOT NULL, ${typed}) COLLATE utf8mb4_bin`,
  );
  for (const [event, op, row] of [
    ['INSERT', 'I', 'NEW'],
    ['UPDATE', 'U', 'NEW'],
    ['DELETE', 'D', 'OLD'],
  ] as const) {
    const values = keys.map((item) => `${row}.${quoted(item.column)}`).join(', ');
    await db.run(
      `CREATE TRIGGER ${quoted(`${name} ${op}`)} AFTER ${event} ON ${quoted(name)} FOR EACH ROW INSERT INTO ${quoted(changes)} (op, ${columns}) VALUES ('${op}', ${values})`,
    );
  }
}
