import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createClient,
  type DownloadDoor,
  type FetchOptions,
  fetchDownload,
  type PlatformClient,
  personDownloads,
} from '@qianzhi/client';
import { type DownloadRequest, personRoutes, type TraceFinding } from '@qianzhi/model';
import { startTcpProxy, type TcpProxy } from '@qianzhi/testing';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { sampleFile } from '../../packages/agent/src/trace/sample-file.js';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, sql } from '../fixtures/tables.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const columns = ['code', 'name', 'street', 'phone', 'note'];
const rows = Array.from({ length: 20_000 }, (_, n) => [
  `00${String(n).padStart(6, '0')}`,
  `名称${n}`,
  `大街 ${n * 31}, "东"`,
  `13800${n}`,
  n % 1000 === 0 ? `=sum(${n})` : `备注${n}`.padEnd(250, '。'),
]);

let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
let officer: PlatformClient;
let agreement: string;
let line: TcpProxy;
const doors: Record<'sw' | 'rs', DownloadDoor> = {} as never;
const clients: PlatformClient[] = [];
const signal = () => AbortSignal.timeout(60_000);

beforeAll(async () => {
  site = await createSite();
  sql(
    site.at('legacy.sqlite'),
    `CREATE TABLE firm (code TEXT PRIMARY KEY, ${columns
      .slice(1)
      .map((one) => `${one} TEXT`)
      .join(', ')})`,
  );
  insertRows(site.at('legacy.sqlite'), 'firm', rows);
  await site.publish(
    resourceOf(
      'firm',
      columns.map((column) => ({ column, name: `${column}名`, length: 400 })),
    ),
  );
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: site.at('legacy.sqlite') } },
    exchanges: [
      { name: 'out', supply: 'firm', connector: 'legacy', strategy: 'diff', source: { table: 'firm' } },
    ],
  });
  await site.supply('firm', 'mz-1');
  await mkdir(site.at('inbox'));
  sw = await site.enrol('sw-1', 'sw', {
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
  agreement = (await site.subscribe('sw', 'firm', { modes })).id;
  await site.subscribe('rs', 'firm', { modes });
  officer = site.officer;
  line = await startTcpProxy({ target: { host: '127.0.0.1', port: Number(new URL(site.url).port) } });
  const links = createClient({
    url: `http://127.0.0.1:${line.port}`,
    identity: { kind: 'anonymous' },
    timeoutMs: 2000,
  });
  clients.push(links);
  for (const one of ['sw', 'rs'] as const)
    doors[one] = personDownloads(await site.person(one, 'consumer'), links);
});
afterEach(() => line?.flow());
afterAll(async () => {
  for (const one of clients) await one.close();
  await line?.[Symbol.asyncDispose]();
  await site?.close();
});

const request = (more: Partial<DownloadRequest> = {}): DownloadRequest => ({
  resource: 'firm',
  format: 'csv',
  encoding: 'utf-8',
  header: 'columns',
  ...more,
});
const fetchInto = (
  name: string,
  more: Partial<DownloadRequest> = {},
  options: Partial<FetchOptions> = {},
  who: 'sw' | 'rs' = 'sw',
) =>
  fetchDownload(doors[who], request(more), { folder: site.at(name), backoffMs: [20], ...options }, signal());
const linesOf = async (file: string) => (await readFile(file, 'utf8')).split('\r\n').slice(1, -1);
const wanted = rows
  .map((row) =>
    row
      .map((text) =>
        text.startsWith('=') ? `'${text}` : /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text,
      )
      .join(','),
  )
  .sort();
const listed = async () => (await officer.call(personRoutes.listDownloads, { query: {} })).downloads;
const operations = async () =>
  (await officer.call(personRoutes.listOperations, { query: { mode: 'batch-download' } })).operations;

it('over a line that is cut and stalls, every row comes once, under one request and one receipt', async () => {
  const before = (await listed()).length;
  let faults = 0;
  const fetched = await fetchInto(
    'cut',
    {},
    {
      onProgress({ phase, done }) {
        if (phase !== 'fetching' || faults >= 3 || done < 0.2 * (faults + 1)) return;
        faults++;
        if (faults === 2) {
          line.stall();
          setTimeout(() => line.flow(), 2500);
        } else line.cut();
      },
    },
  );
  expect(faults).toBeGreaterThan(0);
  expect((await linesOf(fetched.file)).sort()).toEqual(wanted);
  expect((await listed()).length).toBe(before + 1);
  expect(
    (await operations()).filter(
      ({ receipt }) => receipt.body.rowsDigests[0] === fetched.manifest.body.digest,
    ),
  ).toHaveLength(1);
  expect((await readdir(site.at('cut'))).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('ended in the middle, the same request goes on where it was', async () => {
  const stop = new AbortController();
  const options = {
    folder: site.at('killed'),
    onProgress: ({ done, phase }: { done: number; phase: string }) =>
      phase === 'fetching' && done > 0.3 && stop.abort(),
  };
  await expect(fetchDownload(doors.sw, request(), options, stop.signal)).rejects.toMatchObject({
    kind: 'cancelled',
  });
  expect((await readdir(site.at('killed'))).filter((name) => !name.startsWith('.'))).toEqual([]);
  const [begun] = await listed();
  const fetched = await fetchInto('killed');
  expect(fetched.manifest.body.download).toBe(begun!.id);
  expect(fetched.resumedBytes).toBeGreaterThan(0);
  expect((await linesOf(fetched.file)).sort()).toEqual(wanted);
});

it('bytes that changed on the way or on disk are never shown', async () => {
  const stop = new AbortController();
  const folder = site.at('flipped');
  const options = {
    folder,
    onProgress: ({ done, phase }: { done: number; phase: string }) =>
      phase === 'fetching' && done > 0.3 && stop.abort(),
  };
  await expect(fetchDownload(doors.sw, request(), options, stop.signal)).rejects.toThrow();
  const part = join(folder, (await readdir(folder)).find((name) => name.endsWith('.part'))!);
  const bytes = await readFile(part);
  bytes[100] = bytes[100]! ^ 1;
  await writeFile(part, bytes);
  expect((await linesOf((await fetchInto('flipped')).file)).sort()).toEqual(wanted);
});

it('an agent fetches by its exchange: the whole, then what has changed', async () => {
  const first = await sw.done('firms');
  expect(first.summary).toMatchObject({ delivered: 20_000, inserted: 20_000 });
  sql(
    site.at('legacy.sqlite'),
    "UPDATE firm SET name = '改' WHERE code = '00000001'",
    "DELETE FROM firm WHERE code = '00000002'",
  );
  await mz.done('out');
  const second = await sw.done('firms');
  expect(second.summary).toMatchObject({ delivered: 2, inserted: 1, deleted: 1 });
  const files = (await readdir(site.at('inbox'))).filter((name) => name.endsWith('.csv'));
  const texts = await Promise.all(files.map((name) => linesOf(join(site.at('inbox'), name))));
  const [changes] = texts.filter((lines) => lines.length === 2);
  expect(changes!.map((one) => one.split(',').slice(0, 3)).sort()).toEqual([
    ['D', '00000002', ''],
    ['U', '00000001', '改'],
  ]);
});

async function trace(
  file: string,
  asOfficer = officer,
): Promise<TraceFinding & { unknown: readonly string[] }> {
  const { resources } = await asOfficer.call(personRoutes.listCatalog, { query: {} });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const context = { log, now: () => new Date(), tempDir: site.folder, timeZone: 'Asia/Shanghai' };
  const sample = await sampleFile(
    file,
    resources.map(({ resource }) => resource),
    context,
    signal(),
  );
  return { ...(await asOfficer.call(personRoutes.trace, { body: sample.bytes })), unknown: sample.unknown };
}

it('a found file is traced to its download by the order of its rows, whatever its format; sorted again it is not', async () => {
  const own = await fetchInto('own', { format: 'xlsx', header: 'names' });
  const others = await fetchInto('others', {}, {}, 'rs');
  const parquet = await fetchInto('others', { format: 'parquet' }, {}, 'rs');
  for (const { file, manifest } of [own, others, parquet]) {
    const found = await trace(file);
    expect(found).toMatchObject({ verdict: 'identified', resource: 'firm', unknown: [] });
    expect(found.candidates[0]).toMatchObject({
      download: manifest.body.download,
      consumer: manifest.body.consumer,
      found: found.compared,
      equal: found.compared,
    });
  }
  const leaked = await linesOf(others.file);
  const header = 'code,name,street,phone,note';
  const write = async (name: string, lines: readonly string[], head = header) => {
    await writeFile(site.at(name), `${[head, ...lines].join('\n')}\n`);
    return trace(site.at(name));
  };
  const half = await write(
    'half.csv',
    leaked.filter((_, n) => n % 3 !== 0),
  );
  expect(half.verdict).toBe('identified');
  expect(half.candidates[0]).toMatchObject({ download: others.manifest.body.download, consumer: 'rs' });
  const dropped = await write(
    'dropped.csv',
    leaked.map((one) => one.split(',').slice(0, 2).join(',')),
    'code,name',
  );
  expect(dropped.candidates[0]).toMatchObject({
    download: others.manifest.body.download,
    notInFile: ['street', 'phone', 'note'],
  });
  const sorted = await write('sorted.csv', [...leaked].sort());
  expect(sorted.verdict).toBe('undetermined');
  expect(sorted.candidates.length).toBeGreaterThan(1);
  const alien = await write(
    'alien.csv',
    leaked.map((one) => `x${one}`),
  );
  expect(alien).toMatchObject({ verdict: 'none', candidates: [] });
});

it('a revoked agreement ends what is on its way within a second, at persons and agents', async () => {
  let revokedAt = 0;
  let revoking: Promise<void> | undefined;
  const fetching = fetchInto(
    'revoked',
    {},
    {
      onProgress({ phase }) {
        if (phase !== 'fetching' || revoking) return;
        line.stall();
        revoking = site.revoke(agreement).then(() => {
          revokedAt = Date.now();
          line.flow();
        });
      },
    },
  );
  await expect(fetching).rejects.toMatchObject({ kind: 'denied' });
  expect(Date.now() - revokedAt).toBeLessThan(1000);
  await revoking;
  expect(await readdir(site.at('revoked'))).toEqual([]);
  const files = await readdir(site.at('inbox'));
  expect(await sw.run('firms')).toMatchObject({ state: 'failed', problem: { kind: 'denied' } });
  expect(await readdir(site.at('inbox'))).toEqual(files);
  await expect(fetchInto('again')).rejects.toMatchObject({ code: 'QZ_PLATFORM_DOWNLOAD_NOT_GRANTED' });
});
