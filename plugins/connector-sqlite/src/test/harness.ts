import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { ConnectorHarness, ConnectorSite, RowTexts, TableOptions, TestTable } from '@qianzhi/testing';
import { flagColumn, overlapMs } from '@qianzhi/testing';
import Database from 'better-sqlite3';
import { sqliteConnector } from '../connector.js';
import { quoted } from '../identifier.js';
import { createTableSql } from '../sink/target-table.js';

type Value = null | number | bigint | string | Buffer;

function stored(item: CatalogItem, text: string | null): Value {
  if (text === null) return null;
  if (item.type === 'I') return BigInt(text);
  if (item.type === 'L') return text === 't' ? 1 : 0;
  if (item.type === 'G') return Buffer.from(text.slice(2), 'hex');
  if (item.type === 'B' || item.type === 'F') return Number(text);
  return text;
}

function canonical(item: CatalogItem, value: Value): string | null {
  if (value === null) return null;
  if (item.type === 'L') return value === 1n ? 't' : 'f';
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return String(value);
}

/** A private file in a temp folder; the legacy side is played by better-sqlite3 itself. */
export const sqliteHarness: ConnectorHarness = {
  name: 'sqlite',
  connector: sqliteConnector,
  unsupported: { 'sink-parts': 'SQLite has one writer at a time', secrets: 'a file has no login' },
  unsupportedValues: {
    'type-I': 'INTEGER holds 64 bits; larger integers are rejected row by row',
    'type-B': 'SQLite forgets the sign of -0.0; such a row is rejected',
    'type-B-allow-nan-infinity': 'SQLite stores NaN as NULL; such a row is rejected',
  },
  openSite,
};

async function openSite(): Promise<ConnectorSite> {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-sqlite-'));
  const path = join(folder, 'legacy.sqlite');
  const text = join(folder, 'text.sqlite');
  writeFileSync(text, 'this is a text file, long enough to be read as a header\n'.repeat(50));
  const db = new Database(path, { timeout: 5000 });
  db.pragma('journal_mode = WAL');
  let tables = 0;
  return {
    config: { path },
    secret: null,
    wrongConfigs: [
      { name: 'a missing file', config: { path: join(folder, 'absent.sqlite') }, kinds: ['not-found'] },
      { name: 'a folder', config: { path: folder }, kinds: ['config'] },
      { name: 'a text file', config: { path: text }, kinds: ['config'] },
    ],
    missing: { source: { table: 'no_such_table' }, target: { table: 'no_such_table' } },
    createTable: async (resource, options = {}) => createTable(db, `表 "${++tables}"`, resource, options),
    clock: async (offsetMs) =>
      new Date(Date.now() + offsetMs)
        .toISOString()
        .slice(0, 23)
        .replace('T', ' ')
        .replace(/\.?0+$/, ''),
    run: async (sql) => void db.exec(sql),
    asking: {
      byId: ({ name }) => `SELECT * FROM ${quoted(name)} WHERE id = :id`,
      endless: ({ name }) =>
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT t.* FROM ${quoted(name)} t, n WHERE t.id = :id AND n.i < 0`,
      running: askingChildren,
      deleting: async ({ name }) => `WITH x AS (SELECT 1) DELETE FROM ${quoted(name)} RETURNING *`,
    },
    async [Symbol.asyncDispose]() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Processes of this one that have a question under way: each is ended with it. Linux. */
async function askingChildren(): Promise<number> {
  const parent = String(process.pid);
  const isAsking = (pid: string) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (
        ppid === parent &&
        state === 'R' &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('query/child')
      );
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isAsking(name)).length;
}

function createTable(
  db: Database.Database,
  name: string,
  resource: CatalogResource,
  options: TableOptions,
): TestTable {
  const table = quoted(name);
  const changes = `${name} 变更`;
  const { items } = resource;
  const keys = items.filter((item) => item.key);
  const check =
    options.refuse &&
    ` CHECK (${quoted(options.refuse.column)} IS NOT '${options.refuse.value.replaceAll("'", "''")}')`;
  const sql = createTableSql({ table: name, create: true, shared: false, takeOver: false }, resource);
  db.exec(check ? sql.replace(/\)$/, `,${check})`) : sql);
  if (options.flag)
    db.exec(`ALTER TABLE ${table} ADD COLUMN ${quoted(flagColumn)} INTEGER NOT NULL DEFAULT 0`);

  const names = items.map((item) => quoted(item.column)).join(', ');
  const insert = db.prepare(`INSERT INTO ${table} (${names}) VALUES (${items.map(() => '?').join(', ')})`);
  const set = items.map((item) => `${quoted(item.column)} = ?`);
  if (options.flag) set.push(`${quoted(flagColumn)} = 0`);
  const byKey = keys.map((item) => `${quoted(item.column)} = ?`).join(' AND ') || '0';
  const values = (row: RowTexts) => items.map((item, at) => stored(item, row[at]!));
  const keyOf = (row: RowTexts) => items.flatMap((item, at) => (item.key ? [stored(item, row[at]!)] : []));
  const all = (statement: Database.Statement, rows: readonly (readonly Value[])[]) =>
    db.transaction(() => {
      for (const row of rows) statement.run(...row);
    })();
  all(insert, (options.rows ?? []).map(values));
  if (options.changeTable) capture(db, name, changes, keys);
  const update = db.prepare(`UPDATE ${table} SET ${set.join(', ')} WHERE ${byKey}`);
  const remove = db.prepare(`DELETE FROM ${table} WHERE ${byKey}`);
  return {
    name,
    target: { table: name },
    source: (strategy) => ({
      table: name,
      ...(strategy === 'watermark' && {
        watermark: { column: 'updated_at', overlapSeconds: overlapMs / 1000, zone: 'UTC' },
      }),
      ...(strategy === 'flag' && { flag: { column: flagColumn } }),
      ...(strategy === 'change-table' && {
        changeTable: { table: changes, serial: 'serial', op: 'op', purge: true },
      }),
    }),
    insert: async (rows) => all(insert, rows.map(values)),
    update: async (rows) =>
      all(
        update,
        rows.map((row) => [...values(row), ...keyOf(row)]),
      ),
    remove: async (rows) => all(remove, rows.map(keyOf)),
    readAll: async () =>
      (db.prepare(`SELECT * FROM ${table}`).raw().safeIntegers().all() as Value[][]).map((row) =>
        items.map((item, at) => canonical(item, row[at]!)),
      ),
    pendingChanges: async () =>
      options.changeTable || options.flag
        ? (db
            .prepare(
              `SELECT count(*) FROM ${options.flag ? `${table} WHERE ${quoted(flagColumn)} = 0` : quoted(changes)}`,
            )
            .pluck()
            .get() as number)
        : 0,
  };
}

function capture(db: Database.Database, name: string, changes: string, keys: readonly CatalogItem[]): void {
  const columns = keys.map((item) => quoted(item.column)).join(', ');
  const log = (op: string, row: string) =>
    `INSERT INTO ${quoted(changes)} (op, ${columns}) VALUES ('${op}', ${keys.map((item) => `${row}.${quoted(item.column)}`).join(', ')})`;
  db.exec(
    `CREATE TABLE ${quoted(changes)} (serial INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT NOT NULL, ${columns})`,
  );
  for (const [event, op, row] of [
    ['INSERT', 'I', 'new'],
    ['UPDATE', 'U', 'new'],
    ['DELETE', 'D', 'old'],
  ] as const) {
    db.exec(
      `CREATE TRIGGER ${quoted(`${name} ${op}`)} AFTER ${event} ON ${quoted(name)} BEGIN ${log(op, row)}; END`,
    );
  }
}
