import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import type { ConnectorHarness, ConnectorSite, RowTexts, TestTable } from '@qianzhi/testing';
import { connector } from './connector.js';

/** How the connector contract makes and looks at tables: by the files themselves, not through the connector. */
export const harness: ConnectorHarness = {
  name: '__name__',
  connector,
  unsupported: {
    watermark: 'the template reads snapshots only',
    'change-table': 'the template reads snapshots only',
    'sink-parts': 'the template writes one part after another',
    'sink-reject': 'a file takes every row',
    secrets: 'a folder has no password',
  },
  openSite,
};

async function openSite(): Promise<ConnectorSite> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-__name__-'));
  let tables = 0;
  return {
    config: { folder },
    secret: null,
    wrongConfigs: [
      { name: 'a folder that is not there', config: { folder: join(folder, 'nowhere') }, kinds: ['config'] },
    ],
    missing: { source: { table: 'not_there' }, target: { table: 'not_there' } },
    async createTable(resource, options = {}) {
      tables += 1;
      const table = testTable(join(folder, `table_${tables}.jsonl`), `table_${tables}`, resource);
      await table.insert(options.rows ?? []);
      return table;
    },
    clock: async (offsetMs) => new Date(Date.now() + offsetMs).toISOString().slice(0, 19).replace('T', ' '),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function testTable(file: string, name: string, resource: CatalogResource): TestTable {
  const columns = resource.items.map(({ column, type, length, precision, scale, key }) => ({
    name: column,
    type,
    length,
    precision,
    scale,
    key,
  }));
  const keyOf = (row: RowTexts) => JSON.stringify(row.filter((_value, at) => resource.items[at]?.key));

  /** Lines after the header: rows, and whatever else the connector keeps there. */
  async function readLines(): Promise<{ row?: RowTexts }[]> {
    const text = await readFile(file, 'utf8').catch(() => '');
    return text
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { row?: RowTexts });
  }
  const write = (lines: readonly object[]) =>
    writeFile(file, `${[{ columns }, ...lines].map((line) => JSON.stringify(line)).join('\n')}\n`);

  return {
    name,
    source: () => ({ table: name }),
    target: { table: name },
    insert: async (rows) => write([...(await readLines()), ...rows.map((row) => ({ row }))]),
    async update(rows) {
      const changed = new Map(rows.map((row) => [keyOf(row), row]));
      const lines = await readLines();
      await write(lines.map((line) => (line.row ? { row: changed.get(keyOf(line.row)) ?? line.row } : line)));
    },
    async remove(rows) {
      const gone = new Set(rows.map(keyOf));
      const lines = await readLines();
      await write(lines.filter((line) => !line.row || !gone.has(keyOf(line.row))));
    },
    readAll: async () => (await readLines()).flatMap(({ row }) => (row ? [row] : [])),
    pendingChanges: async () => 0,
  };
}
