import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createDocumentSite,
  type DocumentSite,
  digestOf,
  MiB,
  memoryGrowth,
  runLong,
  unfinished,
  writeVideo,
} from './documents.js';
import { collectReceipts, expectEvidence } from './evidence.js';

/** Documents and video from a folder over the platform into a folder. */
let site: DocumentSite;
const expected: Record<string, string> = {};

beforeAll(async () => {
  site = await createDocumentSite();
  await Promise.all([site.mz.start(), site.sw.start()]);
});
afterAll(() => site?.close());

async function move() {
  const out = await site.mz.done('out');
  const into = await site.sw.done('in');
  return { out: out.summary!, into: into.summary! };
}

function put(name: string, bytes: string | Uint8Array): void {
  site.put(name, bytes);
  expected[name] = digestOf(bytes);
}

it('small files arrive: Chinese names, an empty one, two of equal content', async () => {
  put('营业执照(副本).pdf', '%PDF-1.7 甲');
  put('空.txt', '');
  put('a.jpg', Buffer.from([0, 9, 10, 13, 92, 255]));
  put('b.jpg', Buffer.from([0, 9, 10, 13, 92, 255]));
  const { out, into } = await move();
  expect(out).toMatchObject({ batches: 1, read: 4, stored: 4, rejected: 0 });
  expect(into).toMatchObject({ delivered: 4, inserted: 4, rejected: 0 });
  expect(await site.received()).toEqual(expected);
  expect(readdirSync(site.inbox)).toEqual(['done']);
  expect(readdirSync(join(site.inbox, 'done'))).toHaveLength(4);
});

it('200 MiB arrive in bounded memory, of provider, platform and consumer together', async () => {
  expected['现场.mp4'] = await writeVideo(join(site.inbox, '现场.mp4'), 200 * MiB);
  const growth = await memoryGrowth(async () => {
    const out = await runLong(site.mz, 'out', 60_000);
    expect(out).toMatchObject({ batches: 34, stored: 1 });
    const into = await runLong(site.sw, 'in', 60_000);
    expect(into).toMatchObject({ batches: 34, delivered: 1, inserted: 1, bytes: 200 * MiB });
  });
  expect(await site.received()).toEqual(expected);
  expect(growth).toBeLessThan(150 * MiB);
  expect(unfinished(site)).toEqual([]);
}, 180_000);

it('a file that is replaced replaces; the same content again changes nothing', async () => {
  put('a.jpg', 'another picture');
  expect((await move()).into).toMatchObject({ delivered: 1, updated: 1 });
  put('a.jpg', 'another picture');
  expect((await move()).into).toMatchObject({ delivered: 1, unchanged: 1 });
  expect(await site.received()).toEqual(expected);
});

it('a file that goes from the source stays at the target', async () => {
  expect((await move()).into).toMatchObject({ delivered: 0, deleted: 0 });
  expect(await site.received()).toEqual(expected);
});

it('a name that another system would not take stays where it is, and is told', async () => {
  for (const name of ['CON.pdf', 'x:y.pdf', `${'长'.repeat(81)}.x`])
    writeFileSync(join(site.inbox, name), 'x');
  writeFileSync(join(site.inbox, '好.pdf'), '好');
  expected['好.pdf'] = digestOf('好');
  const { out } = await move();
  expect(out).toMatchObject({ read: 1, stored: 1 });
  expect(await site.received()).toEqual(expected);
  expect(readdirSync(site.inbox).filter((name) => name !== 'done')).toHaveLength(3);
});

it('a name that is there but for letter case is a rejected file, and so is one that is a folder there', async () => {
  put('A.JPG', 'upper');
  put('资料.pdf', 'a folder');
  for (const name of ['A.JPG', '资料.pdf']) delete expected[name];
  mkdirSync(join(site.outbox, '资料.pdf'));
  const { into } = await move();
  expect(into).toMatchObject({ delivered: 2, rejected: 2, inserted: 0 });
  const [first, second] = site.sw.engine.quarantine.list();
  expect([first!.reason, second!.reason]).toEqual(['name-taken', 'name-taken']);
  rmdirSync(join(site.outbox, '资料.pdf'));
  expect(await site.received()).toEqual(expected);
  expect(unfinished(site)).toEqual([]);
});

it('receipts count files and their bytes, the same on both sides', async () => {
  const { receipts } = await collectReceipts(site);
  const sum = (stage: string) =>
    receipts
      .map(({ body }) => body)
      .filter((body) => body.stage === stage)
      .reduce((all, { rows, bytes = 0 }) => ({ rows: all.rows + rows, bytes: all.bytes + bytes }), {
        rows: 0,
        bytes: 0,
      });
  expect(sum('applied')).toEqual(sum('stored'));
  expect(sum('stored').rows).toBe(10);
  expect(sum('stored').bytes).toBeGreaterThan(200 * MiB);
  await expectEvidence(site);
});
