import { writeFile } from 'node:fs/promises';
import { personRoutes, type TraceFinding } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sampleFile } from '../../packages/agent/src/trace/sample-file.js';
import { createDownloadSite, type DownloadSite, linesOf } from './download-site.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let downloads: DownloadSite;
beforeAll(async () => {
  downloads = await createDownloadSite();
});
afterAll(() => downloads?.close());

async function trace(
  file: string,
  officer = downloads.site.officer,
): Promise<TraceFinding & { unknown: readonly string[] }> {
  const { resources } = await officer.call(personRoutes.listCatalog, { query: {} });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const context = { log, now: () => new Date(), tempDir: downloads.site.folder, timeZone: 'Asia/Shanghai' };
  const sample = await sampleFile(
    file,
    resources.map(({ resource }) => resource),
    context,
    AbortSignal.timeout(60_000),
  );
  return { ...(await officer.call(personRoutes.trace, { body: sample.bytes })), unknown: sample.unknown };
}

it('a found file is traced to its download by the order of its rows, whatever its format; sorted again it is not', async () => {
  const own = await downloads.fetchInto('own', { format: 'xlsx', header: 'names' });
  const others = await downloads.fetchInto('others', {}, {}, 'rs');
  const parquet = await downloads.fetchInto('others', { format: 'parquet' }, {}, 'rs');
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
    await writeFile(downloads.site.at(name), `${[head, ...lines].join('\n')}\n`);
    return trace(downloads.site.at(name));
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
