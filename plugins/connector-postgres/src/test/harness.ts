import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import type { ConnectorHarness, ConnectorSite, RowTexts, TableOptions, TestTable } from '@qianzhi/testing';
import { configOf, flagColumn, tableSource, wrongServerConfigs } from '@qianzhi/testing';
import type pg from 'pg';
import { postgresConnector } from '../connector.js';
import { literal, quoted } from '../identifier.js';
import { shortestFloat } from '../source/expression.js';
import type { TestDatabase } from './database.js';

/** Each site is a schema of its own in a real database; the legacy side is played by the driver itself. */
export function postgresHarness(database: () => TestDatabase): ConnectorHarness {
  return {
    name: 'postgres',
    connector: postgresConnector,
    unsupported: {},
    get unsupportedValues() {
      return {
        'type-T': 'PostgreSQL keeps microseconds; a finer time is rejected',
        'type-D-allow-zero-date-infinity': 'there is no zero date; such a row is rejected',
        'type-T-allow-zero-date-infinity': 'there is no zero date; such a row is rejected',
        ...(database().version < NUMERIC_INFINITY && {
          'type-N-scale-1-allow-nan-infinity': 'numeric has no infinity before PostgreSQL 14',
        }),
      };
    },
    openSite: () => openSite(database()),
  };
}

const NUMERIC_INFINITY = 140_000;

let sites = 0;

async function openSite({ db, url }: TestDatabase): Promise<ConnectorSite> {
  const schema = `部门 "${++sites}"`;
  await db.query(`CREATE SCHEMA ${quoted(schema)}; SET search_path = ${quoted(schema)}`);
  const config = { ...configOf(url), schema };
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
    createTable: (resource, options = {}) => createTable(db, `表 "${++tables}"`, resource, options),
    async clock(offsetMs) {
      const sql = `SELECT ((clock_timestamp() + interval '${offsetMs} ms') AT TIME ZONE 'UTC')::text AS at`;
      return (await db.query<{ at: string }>(sql)).rows[0]!.at;
    },
    run: async (sql) => void (await db.query(sql)),
    asking: {
      byId: ({ name }) => `SELECT * FROM ${quoted(name)} WHERE id = :id`,
      endless: ({ name }) => `SELECT t.* FROM ${quoted(name)} t, pg_sleep(90) WHERE t.id = :id`,
      async running() {
        const { rows } = await db.query<{ n: string }>(
          `SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(90)%' AND state = 'active' AND pid <> pg_backend_pid()`,
        );
        return Number(rows[0]!.n);
      },
      async deleting({ name }) {
        await db.query(
          `CREATE FUNCTION take_all() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ${quoted(name)}; RETURN 1; END $$`,
        );
        return `SELECT * FROM ${quoted(name)} WHERE take_all() = 1 AND id = :id`;
      },
    },
    async [Symbol.asyncDispose]() {
      // what a failed test began is not to fail the next one
      await db.query('ROLLBACK');
      await db.query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE database = current_database() AND NOT active`);
      await db.query(`DROP SCHEMA ${quoted(schema)} CASCADE`);
    },
  };
}

function typeOf(item: CatalogItem): string {
  switch (item.type) {
    case 'C':
      return item.length ? `${item.fixedLength ? 'char' : 'varchar'}(${item.length})` : 'text';
    case 'M':
      return 'text';
    case 'N':
    case 'Y':
      return item.precision ? `numeric(${item.precision}, ${item.scale ?? 0})` : 'numeric';
    case 'I':
      return item.key ? 'bigint' : 'numeric';
    case 'B':
      return 'double precision';
    case 'F':
      return 'real';
    case 'D':
      return 'date';
    case 'T':
      return item.instant ? 'timestamptz' : 'timestamp';
    case 'L':
      return 'boolean';
    case 'G':
      return 'bytea';
  }
}

function canonical(item: CatalogItem, text: string | null): string | null {
  if (text === null) return null;
  // floats are spelled otherwise, before PostgreSQL 12 with more digits than they have; char(n) comes padded
  if (item.type === 'B') return canonicalText(item, shortestFloat(text, { baseType: 'float8' }));
  if (item.type === 'F') return canonicalText(item, shortestFloat(text, { baseType: 'float4' }));
  return item.fixedLength ? canonicalText(item, text) : text;
}

async function createTable(
  db: pg.Client,
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
  if (options.flag) columns.push(`${quoted(flagColumn)} integer NOT NULL DEFAULT 0`);
  const { refuse } = options;
  if (refuse) columns.push(`CHECK (${quoted(refuse.column)} IS DISTINCT FROM ${literal(refuse.value)})`);
  await db.query(`CREATE TABLE ${table} (${columns.join(', ')})`);

  const places = items.map((_, at) => `$${at + 1}`).join(', ');
  const insert = `INSERT INTO ${table} VALUES (${places})`;
  const set = items.map((item, at) => `${quoted(item.column)} = $${at + 1}`);
  if (options.flag) set.push(`${quoted(flagColumn)} = 0`);
  const byKey = keys.map((item) => `${quoted(item.column)} = $${items.indexOf(item) + 1}`).join(' AND ');
  const update = `UPDATE ${table} SET ${set.join(', ')} WHERE ${byKey || 'false'}`;
  const byOldKey = keys.map((item, at) => `${quoted(item.column)} = $${items.length + at + 1}`).join(' AND ');
  const remove = `DELETE FROM ${table} WHERE ${keys.map((item, at) => `${quoted(item.column)} = $${at + 1}`).join(' AND ')}`;
  const all = async (sql: string, rows: readonly RowTexts[]) => {
    await db.query('BEGIN');
    for (const row of rows) await db.query(sql, [...row]);
    await db.query('COMMIT');
  };
  await all(insert, options.rows ?? []);
  if (options.changeTable) await capture(db, name, changes, keys);
  return {
    name,
    target: { table: name },
    source: (strategy) => tableSource(name, changes, strategy),
    insert: (rows) => all(insert, rows),
    update: (rows) => all(update, rows),
    remove: (rows) =>
      all(
        remove,
        rows.map((row) => keys.map((item) => row[items.indexOf(item)] ?? null)),
      ),
    changeKey: (from, to) =>
      all(`UPDATE ${table} SET ${set} WHERE ${byOldKey}`, [
        [...to, ...keys.map((item) => from[items.indexOf(item)] ?? null)],
      ]),
    truncate: async () => void (await db.query(`TRUNCATE ${table}`)),
    async readAll() {
      const { rows } = await db.query<(string | null)[]>({
        text: `SELECT * FROM ${table}`,
        rowMode: 'array',
      });
      return rows.map((row) => items.map((item, at) => canonical(item, row[at] ?? null)));
    },
    async pendingChanges() {
      if (!options.changeTable && !options.flag) return 0;
      const waiting = options.flag ? `${table} WHERE ${quoted(flagColumn)} = 0` : quoted(changes);
      const { rows } = await db.query<{ n: string }>(`SELECT count(*) AS n FROM ${waiting}`);
      return Number(rows[0]!.n);
    },
  };
}

async function capture(
  db: pg.Client,
  name: string,
  changes: string,
  keys: readonly CatalogItem[],
): Promise<void> {
  const columns = keys.map((item) => quoted(item.column)).join(', ');
  const typed = keys.map((item) => `${quoted(item.column)} ${typeOf(item)}`).join(', ');
  const log = (op: string, row: string) =>
    `INSERT INTO ${quoted(changes)} (op, ${columns}) VALUES ('${op}', ${keys.map((item) => `${row}.${quoted(item.column)}`).join(', ')})`;
  await db.query(
    `CREATE TABLE ${quoted(changes)} (serial bigserial PRIMARY KEY, op text NOT NULL, ${typed})`,
  );
  await db.query(`CREATE FUNCTION ${quoted(`${name} capture`)}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN ${log('D', 'old')}; RETURN old; END IF;
      IF TG_OP = 'INSERT' THEN ${log('I', 'new')}; ELSE ${log('U', 'new')}; END IF;
      RETURN new;
    END $$`);
  await db.query(
    `CREATE TRIGGER capture AFTER INSERT OR UPDATE OR DELETE ON ${quoted(name)} FOR EACH ROW EXECUTE PROCEDURE ${quoted(`${name} capture`)}()`,
  );
}
