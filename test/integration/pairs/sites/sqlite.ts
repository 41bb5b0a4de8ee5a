import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogItem } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { sqliteConnector } from '../../../../plugins/connector-sqlite/src/connector.js';
import { quoted } from '../../../../plugins/connector-sqlite/src/identifier.js';
import { context, mappingOf, never, type PairSite } from './site.js';

type Value = string | bigint | number | Buffer | null;

export async function openSqlite(): Promise<PairSite> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-pairs-'));
  const path = join(folder, 'site.sqlite');
  const db = new Database(path, { timeout: 5000 });
  db.pragma('journal_mode = WAL');
  return {
    connect: () => sqliteConnector.open({ path }, context, never),
    holds: (item, text) => !(item.type === 'B' && text === '-0'),
    async fill(table, rows) {
      const columns = table.columns.map(({ name, item }) => `${quoted(name)} ${typeOf(item)}`);
      const keys = table.columns.filter(({ item }) => item.key).map(({ name }) => quoted(name));
      if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.join(', ')})`);
      db.exec(`CREATE TABLE ${quoted(table.name)} (${columns.join(', ')})`);
      const places = table.columns.map(() => '?').join(', ');
      const insert = db.prepare(`INSERT INTO ${quoted(table.name)} VALUES (${places})`);
      db.transaction(() => {
        for (const row of rows) insert.run(...row.map((text, at) => given(table.columns[at]!.item, text)));
      })();
      return { table: table.name, ...mappingOf(table) };
    },
    target: {
      spec: (table) => ({ table: table.name, create: true, ...mappingOf(table) }),
      async read({ name, columns }) {
        const names = columns.map((column) => quoted(column.name)).join(', ');
        const rows = db
          .prepare(`SELECT ${names} FROM ${quoted(name)}`)
          .raw()
          .safeIntegers()
          .all();
        return (rows as Value[][]).map((row) => columns.map(({ item }, at) => spelled(item, row[at]!)));
      },
    },
    async [Symbol.asyncDispose]() {
      db.close();
      await rm(folder, { recursive: true });
    },
  };
}

function given(item: CatalogItem, text: string | null): Value {
  if (text === null) return null;
  if (item.type === 'I') return BigInt(text);
  if (item.type === 'L') return text === 't' ? 1n : 0n;
  if (item.type === 'G') return Buffer.from(text.slice(2), 'hex');
  return item.type === 'B' ? Number(text) : text;
}

function spelled(item: CatalogItem, value: Value): string | null {
  if (value === null) return null;
  if (item.type === 'L') return value === 1n ? 't' : 'f';
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return String(value);
}

function typeOf(item: CatalogItem): string {
  switch (item.type) {
    case 'I':
      return 'INTEGER';
    case 'L':
      return 'BOOLEAN';
    case 'B':
    case 'F':
      return 'DOUBLE';
    case 'G':
      return 'BLOB';
    default:
      // whatever looks like a number stays the text it is
      return 'TEXT';
  }
}
