import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import type {
  ConnectorHarness,
  ConnectorSite,
  RowTexts,
  TableOptions,
  TestFolder,
  TestTable,
} from '@qianzhi/testing';
import { filesConnector } from '../connector.js';
import { descriptionText } from '../folder/description.js';
import { type CsvRow, csvText, readCsv } from './csv-text.js';

/** Files are made and read by a writer and reader of the harness's own, not by the connector. */
export const filesHarness: ConnectorHarness = {
  name: 'files',
  connector: filesConnector,
  unsupported: {
    watermark: 'a file has no time for each row',
    'sink-merge': 'files are written whole or as numbered changes; merging is for whoever reads them',
    'sink-parts': 'parts are appended to one file, one after another',
    'sink-reject': 'a file takes every row that its encoding can hold; sink.test.ts has those it cannot',
    secrets: 'a folder has no password',
  },
  openSite,
};

async function openSite(): Promise<ConnectorSite> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-files-'));
  await writeFile(join(folder, 'a-file'), '');
  return {
    ...placesIn(folder),
    config: { path: folder },
    secret: null,
    wrongConfigs: [
      { name: 'a folder that is not there', config: { path: join(folder, 'nowhere') }, kinds: ['config'] },
      { name: 'a file', config: { path: join(folder, 'a-file') }, kinds: ['config'] },
    ],
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What a site has of its folder, whichever way a connector comes to it. */
export function placesIn(
  folder: string,
): Pick<ConnectorSite, 'missing' | 'createTable' | 'createFolder' | 'clock'> {
  let tables = 0;
  return {
    missing: {
      source: { folder: 'not_there', pattern: '*.csv' },
      target: { folder: 'not_there', name: 'not_there' },
    },
    async createTable(resource, options = {}) {
      const table = new FileTable(folder, `表 ${++tables}`, resource, options.changeTable ?? false);
      await table.start(options);
      return table;
    },
    createFolder: () => createFolder(folder),
    clock: async (offsetMs) =>
      new Date(Date.now() + offsetMs)
        .toISOString()
        .slice(0, 23)
        .replace('T', ' ')
        .replace(/\.?0+$/, ''),
  };
}

/** Places below the site's folder, for documents that come and go as they are. */
async function createFolder(site: string): Promise<TestFolder> {
  const [waiting, received] = [join(site, '待送'), join(site, '已收')];
  await Promise.all([waiting, received].map((path) => mkdir(path)));
  return {
    source: { folder: '待送', pattern: '*', done: 'move', complete: { quietSeconds: 0 } },
    target: { folder: '已收', name: 'papers' },
    async put(name, bytes) {
      await writeFile(join(waiting, `${name}.part`), bytes);
      await rename(join(waiting, `${name}.part`), join(waiting, name));
    },
    async received() {
      const names = (await readdir(received)).filter((name) => name !== '.qianzhi' && name !== 'removed');
      const found = names.map(async (name) => [name, await readFile(join(received, name))] as const);
      return Object.fromEntries(await Promise.all(found));
    },
  };
}

/** More seconds than a test writes files, so that no time is in the future. */
const BEHIND_S = 10_000;

/**
 * A table as a supplier's program would keep it: one file that is replaced, or one file of changes after another; as a target the
 * newest full file with the changes behind it.
 */
class FileTable implements TestTable {
  readonly name: string;
  readonly target: unknown;
  private files = 0;
  private writes = 0;
  private readonly keyAt: readonly number[];
  private readonly folder: string;
  private readonly stem: string;
  private readonly resource: CatalogResource;
  private readonly changes: boolean;

  constructor(folder: string, stem: string, resource: CatalogResource, changes: boolean) {
    this.folder = folder;
    this.stem = stem;
    this.resource = resource;
    this.changes = changes;
    this.name = `${stem}.csv`;
    this.target = { name: stem };
    this.keyAt = resource.items.flatMap(({ key }, at) => (key ? [at] : []));
  }

  async start({ rows = [] }: TableOptions): Promise<void> {
    await writeFile(
      join(this.folder, `${this.stem}.schema.json`),
      descriptionText(this.resource.items, ({ column }) => column),
    );
    if (this.changes) await this.append('I', rows);
    else await this.replace(rows);
  }

  source = (strategy: string) =>
    strategy === 'snapshot'
      ? { pattern: this.name, complete: { quietSeconds: 0 } }
      : {
          folder: this.stem,
          pattern: '*.csv',
          op: { column: 'op' },
          done: 'move',
          complete: { quietSeconds: 0 },
        };

  insert = async (rows: readonly RowTexts[]) =>
    this.changes ? this.append('I', rows) : this.replace([...(await this.readAll()), ...rows]);

  async update(rows: readonly RowTexts[]): Promise<void> {
    if (this.changes) return this.append('U', rows);
    const changed = new Map(rows.map((row) => [this.keyOf(row), row]));
    await this.replace((await this.readAll()).map((row) => changed.get(this.keyOf(row)) ?? row));
  }

  async remove(rows: readonly RowTexts[]): Promise<void> {
    if (this.changes) return this.append('D', rows);
    const gone = new Set(rows.map((row) => this.keyOf(row)));
    await this.replace((await this.readAll()).filter((row) => !gone.has(this.keyOf(row))));
  }

  async readAll(): Promise<readonly RowTexts[]> {
    const names = (await readdir(this.folder)).filter((name) => name.startsWith(`${this.stem}-`)).sort();
    const full = names.findLast((name) => name.endsWith('-full.csv'));
    if (full) return this.replay([full, ...names.filter((name) => name > full)], this.folder);
    if (!this.changes) return (await readCsv(join(this.folder, this.name))).map(({ fields }) => fields);
    const waiting = join(this.folder, this.stem);
    const done = await readdir(join(waiting, 'done')).catch(() => []);
    const there = (await readdir(waiting)).filter((name) => name.endsWith('.csv'));
    const all = [
      ...done.map((name) => ({ path: join('done', name), order: name.slice(11) })),
      ...there.map((name) => ({ path: name, order: name })),
    ].sort((a, b) => (a.order < b.order ? -1 : 1));
    return this.replay(
      all.map(({ path }) => path),
      waiting,
    );
  }

  pendingChanges = async () =>
    this.changes
      ? (await readdir(join(this.folder, this.stem))).filter((name) => name.endsWith('.csv')).length
      : 0;

  private keyOf(row: RowTexts): string {
    return JSON.stringify(this.keyAt.map((at) => row[at]));
  }

  private async replay(names: readonly string[], folder: string): Promise<RowTexts[]> {
    const held = new Map<string, RowTexts>();
    for (const name of names) {
      for (const { op, fields } of await readCsv(join(folder, name))) {
        if (op === 'D') held.delete(this.keyOf(fields));
        else held.set(this.keyAt.length > 0 ? this.keyOf(fields) : String(held.size), fields);
      }
    }
    return [...held.values()];
  }

  private async append(op: string, rows: readonly RowTexts[]): Promise<void> {
    const folder = join(this.folder, this.stem);
    await mkdir(folder, { recursive: true });
    const name = `${String(++this.files).padStart(6, '0')}.csv`;
    await this.write(
      join(folder, name),
      rows.map((fields) => ({ op, fields })),
    );
  }

  private async replace(rows: readonly RowTexts[]): Promise<void> {
    await this.write(
      join(this.folder, this.name),
      rows.map((fields) => ({ fields })),
    );
    // a target begins with what is there
    await this.write(
      join(this.folder, `${this.stem}-0000000000-full.csv`),
      rows.map((fields) => ({ fields })),
    );
  }

  private async write(path: string, rows: readonly CsvRow[]): Promise<void> {
    const columns = this.resource.items.map(({ column }) => column);
    await writeFile(`${path}.part`, csvText(columns, rows, this.changes));
    // SFTP tells times to the second, and tests write more often
    const written = Math.floor(Date.now() / 1000) - BEHIND_S + ++this.writes;
    await utimes(`${path}.part`, written, written);
    await rename(`${path}.part`, path);
  }
}

/** Text of a file, for tests that look at it as a person would. */
export const textOf = (path: string) => readFile(path, 'utf8');
