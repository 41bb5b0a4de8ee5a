import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { CatalogItem } from '@qianzhi/model';
import { filesConnector } from '../../../../plugins/connector-files/src/connector.js';
import { quoted } from '../../../../plugins/connector-postgres/src/identifier.js';
import { context, mappingOf, never, type PairSite } from './site.js';

/** Parquet as DuckDB writes it; a source only. */
export async function openParquet(): Promise<PairSite> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-pairs-'));
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  await duck.run(`SET TimeZone = 'UTC'`);
  return {
    connect: () => filesConnector.open({ path: folder }, context, never),
    holds: () => true,
    async fill(table, rows) {
      const columns = table.columns.map(({ name, item }) => `${quoted(name)} ${typeOf(item)}`);
      await duck.run(`CREATE OR REPLACE TABLE pairs (${columns.join(', ')})`);
      const places = table.columns.map(({ item }, at) =>
        item.type === 'G' ? `from_hex($${at + 1})` : `CAST($${at + 1} AS ${typeOf(item)})`,
      );
      for (const row of rows) {
        const values = row.map((text, at) =>
          text !== null && table.columns[at]!.item.type === 'G' ? text.slice(2) : text,
        );
        await duck.run(`INSERT INTO pairs VALUES (${places.join(', ')})`, values);
      }
      const path = join(folder, `${table.name}.parquet`);
      await duck.run(`COPY pairs TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
      return { table: `${table.name}.parquet`, complete: { quietSeconds: 0 }, ...mappingOf(table) };
    },
    async [Symbol.asyncDispose]() {
      duck.closeSync();
      await rm(folder, { recursive: true });
    },
  };
}

function typeOf(item: CatalogItem): string {
  switch (item.type) {
    case 'N':
    case 'Y':
      return `DECIMAL(${item.precision}, ${item.scale})`;
    case 'I':
      return 'BIGINT';
    case 'B':
    case 'F':
      return 'DOUBLE';
    case 'D':
      return 'DATE';
    case 'T':
      return item.instant ? 'TIMESTAMPTZ' : 'TIMESTAMP';
    case 'L':
      return 'BOOLEAN';
    case 'G':
      return 'BLOB';
    case 'C':
    case 'M':
      return 'VARCHAR';
  }
}
