import type { CatalogItem } from '@qianzhi/model';
import { canonicalText } from '@qianzhi/rows';
import { configOf } from '@qianzhi/testing';
import { postgresConnector } from '../../../../plugins/connector-postgres/src/connector.js';
import { quoted } from '../../../../plugins/connector-postgres/src/identifier.js';
import { createDatabase } from '../../../../plugins/connector-postgres/src/test/database.js';
import { context, mappingOf, never, type PairSite } from './site.js';

export async function openPostgres(serverUrl: string): Promise<PairSite> {
  const database = await createDatabase(serverUrl);
  const { db, url } = database;
  return {
    connect: () => postgresConnector.open(configOf(url), context, never),
    holds: () => true,
    async fill(table, rows) {
      const columns = table.columns.map(({ name, item }) => `${quoted(name)} ${typeOf(item)}`);
      const keys = table.columns.filter(({ item }) => item.key).map(({ name }) => quoted(name));
      if (keys.length > 0) columns.push(`PRIMARY KEY (${keys.join(', ')})`);
      await db.query(`CREATE TABLE ${quoted(table.name)} (${columns.join(', ')})`);
      const places = columns.slice(0, table.columns.length).map((_, at) => `$${at + 1}`);
      const text = `INSERT INTO ${quoted(table.name)} VALUES (${places.join(', ')})`;
      await db.query('BEGIN');
      for (const row of rows) await db.query(text, [...row]);
      await db.query('COMMIT');
      return { table: table.name, ...mappingOf(table) };
    },
    target: {
      spec: (table) => ({ table: table.name, create: true, ...mappingOf(table) }),
      async read({ name, columns }) {
        const names = columns.map((column) => quoted(column.name)).join(', ');
        const { rows } = await db.query<(string | null)[]>({
          text: `SELECT ${names} FROM ${quoted(name)}`,
          rowMode: 'array',
        });
        return rows.map((row) => columns.map(({ item }, at) => spelled(item, row[at]!)));
      },
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** PostgreSQL spells floats in its own way, everything else as the catalog does. */
function spelled(item: CatalogItem, text: string | null): string | null {
  return text !== null && item.type === 'B' ? canonicalText(item, text) : text;
}

function typeOf(item: CatalogItem): string {
  switch (item.type) {
    case 'C':
      return `varchar(${item.length})`;
    case 'N':
    case 'Y':
      return `numeric(${item.precision}, ${item.scale})`;
    case 'I':
      return 'bigint';
    case 'B':
    case 'F':
      return 'double precision';
    case 'D':
      return 'date';
    case 'T':
      return item.instant ? 'timestamptz' : 'timestamp';
    case 'L':
      return 'boolean';
    case 'G':
      return 'bytea';
    case 'M':
      return 'text';
  }
}
