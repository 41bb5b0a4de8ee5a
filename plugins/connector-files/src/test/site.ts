import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { PluginContext, ReadLimits, RowsBlock, Sink, Source } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { filesConnector } from '../connector.js';

/** Never fires: a test has its own time. */
export const signal: AbortSignal = new AbortController().signal;

type Item = Omit<CatalogItem, 'name'>;

export function resourceOf(...items: readonly Item[]): CatalogResource {
  return {
    code: 'files_test',
    name: 'files_test',
    summary: '',
    department: 'mz',
    attribute: 'department',
    subject: 'other',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: items.map((item) => ({ name: item.column, ...item })),
  };
}

export const person = resourceOf(
  { column: 'id', type: 'C', length: 20, key: true, required: true },
  { column: 'name', type: 'C', length: 200 },
);

/** One row as it was read, `op` first. */
export type ReadRow = readonly (string | null)[];

export interface ReadAll {
  readonly rows: readonly ReadRow[];
  readonly rejected: readonly { readonly reason: string; readonly item: string }[];
  readonly blocks: readonly RowsBlock[];
  readonly checkpoint: string | undefined;
}

/** A private folder with files of a test's own. */
export interface Site {
  readonly folder: string;
  /** Everything logged and the clock are the test's. */
  readonly context: PluginContext;
  clock: Date;
  put(name: string, bytes: string | Uint8Array): string;
  /** Puts it in place as a careful supplier does. */
  replace(name: string, bytes: string | Uint8Array): Promise<void>;
  names(below?: string): string[];
  source(spec: object, resource?: CatalogResource, strategy?: 'snapshot' | 'change-table'): Promise<Source>;
  sink(target: object, resource?: CatalogResource, exchange?: string): Promise<Sink>;
  [Symbol.dispose](): void;
}

export function openSite(): Site {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-files-'));
  const quiet = () => undefined;
  const site: Site = {
    folder,
    clock: new Date(),
    context: {
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      now: () => site.clock,
      tempDir: folder,
      timeZone: 'Asia/Shanghai',
    },
    put(name, bytes) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    },
    async replace(name, bytes) {
      const path = join(folder, name);
      await writeFile(`${path}.part`, bytes);
      await rename(`${path}.part`, path);
    },
    names: (below = '.') => readdirSync(join(folder, below)).sort(),
    async source(spec, resource = person, strategy = 'snapshot') {
      const connection = await filesConnector.open({ path: folder }, site.context, signal);
      const source = { complete: { quietSeconds: 0 }, ...spec };
      return connection.source({ resource, strategy, source }, signal);
    },
    async sink(target, resource = person, exchange = 'in') {
      const connection = await filesConnector.open({ path: folder }, site.context, signal);
      return connection.sink({ exchange, resource, target }, signal);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
  return site;
}

export async function readAll(
  source: Source,
  checkpoint?: string,
  limits: ReadLimits = { blockBytes: 1024 * 1024 },
): Promise<ReadAll> {
  const blocks: RowsBlock[] = [];
  for await (const block of source.read(checkpoint, limits, signal)) {
    if (block.kind !== 'rows') throw new Error('a table is read as rows');
    blocks.push(block);
  }
  return {
    blocks,
    rows: blocks.flatMap(({ bytes }) => [...decodeRows(bytes)].map(({ op, fields }) => [op, ...fields])),
    rejected: blocks.flatMap((block) => block.rejected.map(({ reason, item }) => ({ reason, item }))),
    checkpoint: blocks.at(-1)?.checkpoint ?? checkpoint,
  };
}

/** Rows of one file without their op. */
export async function readFileRows(
  site: Site,
  spec: object,
  resource: CatalogResource = person,
): Promise<ReadRow[]> {
  const { rows } = await readAll(await site.source(spec, resource));
  return rows.map(([, ...fields]) => fields);
}
