import { mkdir, readFile } from 'node:fs/promises';
import {
  createClient,
  type DownloadDoor,
  type FetchedDownload,
  type FetchOptions,
  fetchDownload,
  type PlatformClient,
  personDownloads,
} from '@qianzhi/client';
import type { DownloadRequest } from '@qianzhi/model';
import { startTcpProxy, type TcpProxy } from '@qianzhi/testing';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, sql } from '../fixtures/tables.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

const columns = ['code', 'name', 'street', 'phone', 'note'];
/** About 15 MB as a file: more than a line holds on its way. */
export const firms = Array.from({ length: 20_000 }, (_, n) => [
  `00${String(n).padStart(6, '0')}`,
  `名称${n}`,
  `大街 ${n * 31}, "东"`,
  `13800${n}`,
  n % 1000 === 0 ? `=sum(${n})` : `备注${n}`.padEnd(250, '。'),
]);

/** A site whose departments sw and rs may download `firm` of mz, over a line that can be broken; sw has an agent that does. */
export interface DownloadSite {
  readonly site: Site;
  readonly mz: SiteAgent;
  readonly sw: SiteAgent;
  /** Of department sw. */
  readonly agreement: string;
  /** Between persons' links and the platform. */
  readonly line: TcpProxy;
  readonly doors: Readonly<Record<'sw' | 'rs', DownloadDoor>>;
  fetchInto(
    name: string,
    more?: Partial<DownloadRequest>,
    options?: Partial<FetchOptions>,
    who?: 'sw' | 'rs',
  ): Promise<FetchedDownload>;
  close(): Promise<void>;
}

export const request = (more: Partial<DownloadRequest> = {}): DownloadRequest => ({
  resource: 'firm',
  format: 'csv',
  encoding: 'utf-8',
  header: 'columns',
  ...more,
});

/** Lines of a CSV without its header. */
export async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\r\n').slice(1, -1);
}

export async function createDownloadSite(): Promise<DownloadSite> {
  const site = await createSite();
  const clients: PlatformClient[] = [];
  sql(
    site.at('legacy.sqlite'),
    `CREATE TABLE firm (code TEXT PRIMARY KEY, ${columns
      .slice(1)
      .map((one) => `${one} TEXT`)
      .join(', ')})`,
  );
  insertRows(site.at('legacy.sqlite'), 'firm', firms);
  await site.publish(
    resourceOf(
      'firm',
      columns.map((column) => ({ column, name: `${column}名`, length: 400 })),
    ),
  );
  const mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: site.at('legacy.sqlite') } },
    exchanges: [
      { name: 'out', supply: 'firm', connector: 'legacy', strategy: 'diff', source: { table: 'firm' } },
    ],
  });
  await site.supply('firm', 'mz-1');
  await mkdir(site.at('inbox'));
  const sw = await site.enrol('sw-1', 'sw', {
    connectors: { inbox: { type: 'files', path: site.at('inbox') } },
    exchanges: [
      {
        name: 'firms',
        mode: 'batch-download',
        consume: 'firm',
        connector: 'inbox',
        target: { header: 'columns', changes: true },
      },
    ],
  });
  await mz.start();
  await sw.start();
  await mz.done('out');
  const modes = ['docking', 'batch-download'] as const;
  const agreement = (await site.subscribe('sw', 'firm', { modes })).id;
  await site.subscribe('rs', 'firm', { modes });
  const line = await startTcpProxy({ target: { host: '127.0.0.1', port: Number(new URL(site.url).port) } });
  const links = createClient({
    url: `http://127.0.0.1:${line.port}`,
    identity: { kind: 'anonymous' },
    timeoutMs: 2000,
  });
  clients.push(links);
  const doors = {
    sw: personDownloads(await site.person('sw', 'consumer'), links),
    rs: personDownloads(await site.person('rs', 'consumer'), links),
  };
  return {
    site,
    mz,
    sw,
    agreement,
    line,
    doors,
    fetchInto: (name, more = {}, options = {}, who = 'sw') => {
      const how = { folder: site.at(name), backoffMs: [20], ...options };
      return fetchDownload(doors[who], request(more), how, AbortSignal.timeout(60_000));
    },
    async close() {
      for (const one of clients) await one.close();
      await line[Symbol.asyncDispose]();
      await site.close();
    },
  };
}
