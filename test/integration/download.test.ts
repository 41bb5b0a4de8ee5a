import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchDownload } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { LoadedConfig } from '../../packages/agent/src/config/load.js';
import { createDownloads } from '../../packages/agent/src/download/downloads.js';
import { sql } from '../fixtures/tables.js';
import { createDownloadSite, type DownloadSite, firms, linesOf, request } from './download-site.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let downloads: DownloadSite;
let site: DownloadSite['site'];
let fetchInto: DownloadSite['fetchInto'];
const signal = () => AbortSignal.timeout(60_000);

beforeAll(async () => {
  downloads = await createDownloadSite();
  ({ site, fetchInto } = downloads);
});
afterEach(() => downloads?.line.flow());
afterAll(() => downloads?.close());

const wanted = firms
  .map((row) =>
    row
      .map((text) =>
        text.startsWith('=') ? `'${text}` : /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text,
      )
      .join(','),
  )
  .sort();
const listed = async () => (await site.officer.call(personRoutes.listDownloads, { query: {} })).downloads;
const operations = async () =>
  (await site.officer.call(personRoutes.listOperations, { query: { mode: 'batch-download' } })).operations;

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
          downloads.line.stall();
          setTimeout(() => downloads.line.flow(), 2500);
        } else downloads.line.cut();
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
  await expect(fetchDownload(downloads.doors.sw, request(), options, stop.signal)).rejects.toMatchObject({
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
  await expect(fetchDownload(downloads.doors.sw, request(), options, stop.signal)).rejects.toThrow();
  const part = join(folder, (await readdir(folder)).find((name) => name.endsWith('.part'))!);
  const bytes = await readFile(part);
  bytes[100] = bytes[100]! ^ 1;
  await writeFile(part, bytes);
  expect((await linesOf((await fetchInto('flipped')).file)).sort()).toEqual(wanted);
});

it('an agent fetches by its exchange: the whole, then what has changed', async () => {
  const first = await downloads.sw.done('firms');
  expect(first.summary).toMatchObject({ delivered: 20_000, inserted: 20_000 });
  sql(
    site.at('legacy.sqlite'),
    "UPDATE firm SET name = '改' WHERE code = '00000001'",
    "DELETE FROM firm WHERE code = '00000002'",
  );
  await downloads.mz.done('out');
  const second = await downloads.sw.done('firms');
  expect(second.summary).toMatchObject({ delivered: 2, inserted: 1, deleted: 1 });
  const files = (await readdir(site.at('inbox'))).filter((name) => name.endsWith('.csv'));
  const texts = await Promise.all(files.map((name) => linesOf(join(site.at('inbox'), name))));
  const [changes] = texts.filter((lines) => lines.length === 2);
  expect(changes!.map((one) => one.split(',').slice(0, 3)).sort()).toEqual([
    ['D', '00000002', ''],
    ['U', '00000001', '改'],
  ]);
});

it('without a lease in force an agent shows nothing of what it fetched', async () => {
  const { client, platformKeys, lease } = downloads.sw.link;
  const over = { ...lease()!, expiresAt: new Date(Date.now() - 1).toISOString() };
  const loaded = { config: { connectors: { inbox: { path: site.at('inbox') } } }, folder: site.folder };
  const link = { client, platformKeys, lease: () => over };
  const agent = createDownloads({ url: site.url, link, loaded: () => loaded as unknown as LoadedConfig });
  const target = { ...request(), folder: 'late', changes: false };
  const shared = { name: 'late', mode: 'batch-download', connector: 'inbox', rejectLimit: 0 };
  const fetching = agent.fetch({ ...shared, consume: 'firm', target }, signal());
  await expect(fetching).rejects.toMatchObject({ code: 'QZ_AGENT_DOWNLOAD_LEASE', kind: 'denied' });
  expect(await readdir(site.at('inbox/late'))).toEqual([]);
  await agent.close();
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
        downloads.line.stall();
        revoking = site.revoke(downloads.agreement).then(() => {
          revokedAt = Date.now();
          downloads.line.flow();
        });
      },
    },
  );
  await expect(fetching).rejects.toMatchObject({ kind: 'denied' });
  expect(Date.now() - revokedAt).toBeLessThan(1000);
  await revoking;
  expect(await readdir(site.at('revoked'))).toEqual([]);
  const files = await readdir(site.at('inbox'));
  expect(await downloads.sw.run('firms')).toMatchObject({ state: 'failed', problem: { kind: 'denied' } });
  expect(await readdir(site.at('inbox'))).toEqual(files);
  await expect(fetchInto('again')).rejects.toMatchObject({ code: 'QZ_PLATFORM_DOWNLOAD_NOT_GRANTED' });
});
