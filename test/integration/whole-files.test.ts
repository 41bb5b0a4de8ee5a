import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Assignments, BatchManifest } from '@qianzhi/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { query } from '../fixtures/tables.js';
import {
  createDocumentSite,
  type DocumentSite,
  digestOf,
  runLong,
  silentOfWholeFiles,
  unfinished,
} from './documents.js';
import { crash, dyingAt } from './dying.js';
import { collectReceipts, expectEvidence } from './evidence.js';
import { startTamperingGateway } from './tampering-gateway.js';

/** Small files, of which a batch takes eight, and one among them that takes two parts. */
const limits = { wholeFilesBytes: 16_000, filePartBytes: 64 * 1024 };
let site: DocumentSite;
let expected: Record<string, string>;

beforeEach(async () => {
  site = await createDocumentSite();
  expected = {};
  for (let n = 0; n < 24; n++)
    put(`${String(n).padStart(2, '0')}.jpg`, randomBytes(n === 12 ? 100_000 : 2_000));
});
afterEach(() => site?.close());

function put(name: string, bytes: Uint8Array): void {
  site.put(name, bytes);
  expected[name] = digestOf(bytes);
}

const manifests = () =>
  query<{ manifest: string }>(
    join(site.dataDir, 'platform.sqlite'),
    'SELECT manifest FROM batches ORDER BY epoch, seq',
  ).map(({ manifest }): BatchManifest => JSON.parse(manifest).body);
const files = () => manifests().reduce((sum, { rows }) => sum + rows, 0);
const together = () => manifests().filter(({ wholeFiles }) => wholeFiles).length;

async function arrived(): Promise<void> {
  expect(await site.received()).toEqual(expected);
  expect(unfinished(site)).toEqual([]);
  expect(files()).toBe(24);
  const { receipts } = await collectReceipts(site);
  const sum = (stage: string) =>
    receipts.filter(({ body }) => body.stage === stage).reduce((total, { body }) => total + body.rows, 0);
  expect([sum('stored'), sum('applied')]).toEqual([24, 24]);
  await expectEvidence(site);
}

it('small files go in few batches, are counted one by one, and put aside when all of it has its receipt', async () => {
  await site.mz.start({ limits });
  const out = await site.mz.done('out');
  expect(out.summary).toMatchObject({ batches: 6, read: 24, stored: 24, rejected: 0 });
  expect(together()).toBe(4);
  expect(readdirSync(join(site.inbox, 'done'))).toHaveLength(24);
  await site.sw.start();
  const into = await site.sw.done('in');
  expect(into.summary).toMatchObject({ batches: 6, delivered: 24, inserted: 24, rejected: 0 });
  await arrived();
});

describe('a crash', () => {
  it.each([
    ['seal:file-written', 2],
    ['seal:committed', 2],
    ['send:after', 2],
    ['receipt:committed', 2],
    ['confirm:after', 1],
  ] as const)('of the provider at %s: every file once', async (point, nth) => {
    await crash(site.mz, 'out', dyingAt(point, nth), { limits });
    await site.mz.done('out');
    expect(readdirSync(site.inbox)).toEqual(['done']);
    await site.sw.start();
    await site.sw.done('in');
    await arrived();
  });

  it.each([
    ['apply:before', 2],
    ['apply:after', 2],
    ['apply:receipt-stored', 2],
  ] as const)('of the consumer at %s: no file shows twice or in part', async (point, nth) => {
    await site.mz.start({ limits });
    await site.mz.done('out');
    await crash(site.sw, 'in', dyingAt(point, nth), {});
    for (const [name, digest] of Object.entries(await site.received())) expect(digest).toBe(expected[name]);
    const into = await site.sw.done('in');
    expect(into.summary).toMatchObject({ updated: 0, rejected: 0 });
    await arrived();
  });
});

it('a byte that a line changes on the way to the platform is found, and nothing of that batch is stored', async () => {
  const gateway = await startTamperingGateway(() => site.url);
  try {
    for (const agent of [site.mz, site.sw]) await agent.reach(gateway.url);
    await site.mz.start({ limits });
    gateway.change = (passing) => {
      if (passing.direction === 'request' && /batches\/2$/.test(passing.path)) passing.body[5_000]! ^= 1;
    };
    await site.mz.run('out', 'waiting');
    expect(manifests()).toHaveLength(1);
    gateway.change = undefined;
    site.mz.engine.streams.resume('licences');
    await site.mz.done('out');
    await site.sw.start();
    await site.sw.done('in');
    await arrived();
  } finally {
    await gateway.close();
  }
});

describe('beside a version before', () => {
  it('a platform that says nothing of it gets a batch for each file', async () => {
    const before = (now: Assignments | undefined) =>
      now && { ...now, supply: now.supply.map(({ wholeFiles: _, ...supply }) => supply) };
    await site.mz.start({ limits, assignments: () => before(site.mz.link.assignments()) });
    const out = await runLong(site.mz, 'out', 120_000);
    expect(out).toMatchObject({ batches: 25, stored: 24 });
    expect(together()).toBe(0);
    await site.sw.start();
    await site.sw.done('in');
    await arrived();
  });

  it('a consumer that says nothing of it gets each file alone; once it does, the next ones come together', async () => {
    await site.mz.start({ limits });
    await site.mz.done('out');
    await site.sw.start({ channel: silentOfWholeFiles });
    const into = await site.sw.done('in');
    expect(into.summary).toMatchObject({ batches: 25, delivered: 24, inserted: 24 });
    await arrived();
    await site.sw.stop();
    for (const name of ['x.jpg', 'y.jpg', 'z.jpg']) put(name, randomBytes(500));
    await site.mz.done('out');
    await site.sw.start();
    const later = await site.sw.done('in');
    expect(later.summary).toMatchObject({ batches: 1, delivered: 3, inserted: 3 });
    expect(await site.received()).toEqual(expected);
    await expectEvidence(site);
  });
});
