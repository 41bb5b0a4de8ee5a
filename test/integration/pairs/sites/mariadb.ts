import type { CatalogItem } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import { configOf } from '@qianzhi/testing';
import { mysqlConnector } from '../../../../plugins/connector-mysql/src/connector.js';
import { quoted } from '../../../../plugins/connector-mysql/src/identifier.js';
import { createDatabase } from '../../../../plugins/connector-mysql/src/test/database.js';
import { context, mappingOf, never, type PairSite } from './site.js';

/** TIMESTAMP ends in 2038: instants lie in DATETIME, as wall-clock times eight hours before UTC. */
const zone = 'Etc/GMT-8';
const lastInstant = '9999-12-31 16:00:00';

export async function openMariadb(serverUrl: string): Promise<PairSite> {
  const database = await createDatabase(serverUrl);
  const { db, url } = database;
  return {
    connect: () => mysqlConnector.open(configOf(url), context, never),
    holds: (item, text) => !(item.type === 'B' && text === '-0') && !(item.instant && text >= lastInstant),
    // utf8mb4_bin pads with blanks before it compares
    keyOf: (text) => text.replace(/ +$/, ''),
    async fill(table, rows) {
      const columns = table.columns.map(({ name, item }) => `${quoted(name)} ${typeOf(item)}`);
      const keys = table.columns.filter(({ item }) => item.key).map(({ name }) => quoted(name));
      if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.join(', ')})`);
      await db.run(`CREATE TABLE ${quoted(table.name)} (${columns.join(', ')}) COLLATE utf8mb4_bin`);
      const places = table.columns.map(({ item }) =>
        item.instant ? 'CAST(? AS DATETIME(6)) + INTERVAL 8 HOUR' : '?',
      );
      const sql = `INSERT INTO ${quoted(table.name)} VALUES (${places.join(', ')})`;
      await db.run('START TRANSACTION');
      for (const row of rows) {
        await db.run(
          sql,
          row.map((text, at) => given(table.columns[at]!.item, text)),
        );
      }
      await db.run('COMMIT');
      return { table: table.name, zone, ...mappingOf(table) };
    },
    target: {
      spec: (table) => ({ table: table.name, create: true, zone, ...mappingOf(table) }),
      async read({ name, columns }) {
        const list = columns.map((column) => `HEX(${asText(column.name, column.item)})`);
        const rows = await db.run(`SELECT ${list.join(', ')} FROM ${quoted(name)}`);
        return rows.map((row) => columns.map(({ item }, at) => spelled(item, row[at]!)));
      },
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

function given(item: CatalogItem, text: string | null): unknown {
  if (text === null) return null;
  if (item.type === 'G') return Buffer.from(text.slice(2), 'hex');
  if (item.type === 'L') return text === 't' ? 1 : 0;
  return item.instant ? text.replace('+00', '') : text;
}

function asText(name: string, item: CatalogItem): string {
  if (item.type === 'G') return `CONCAT('\\\\x', LOWER(HEX(${quoted(name)})))`;
  return item.instant
    ? `CAST(${quoted(name)} - INTERVAL 8 HOUR AS CHAR)`
    : `CAST(${quoted(name)} AS CHAR CHARACTER SET utf8mb4)`;
}

function spelled(item: CatalogItem, hex: string | null): string | null {
  if (hex === null) return null;
  // what may be long comes as BLOB, whose bytes the session spells once more
  const once = hex.startsWith('\\x') ? Buffer.from(hex.slice(2), 'hex').toString() : hex;
  const text = Buffer.from(once, 'hex').toString();
  return canonicalText(item, item.instant ? `${text}+00` : text);
}

function typeOf(item: CatalogItem): string {
  switch (item.type) {
    case 'C':
      return `varchar(${item.length})`;
    case 'N':
    case 'Y':
      return `decimal(${item.precision}, ${item.scale})`;
    case 'I':
      return 'bigint';
    case 'B':
    case 'F':
      return 'double';
    case 'D':
      return 'date';
    case 'T':
      return 'datetime(6)';
    case 'L':
      return 'boolean';
    case 'G':
      return 'longblob';
    case 'M':
      return 'longtext';
  }
}
