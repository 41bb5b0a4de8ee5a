import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '@qianzhi/plugin-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDocumentSite, type DocumentSite, silentOfWholeFiles } from './documents.js';
import { expectEvidence } from './evidence.js';

/** Documents that a provider keeps in its folder, and takes away again. */
let site: DocumentSite;

const supply = (source: object) => ({
  connectors: { folder: { type: 'files', path: site.inbox } },
  exchanges: [{ name: 'out', supply: 'licences', connector: 'folder', strategy: 'files', source }],
});

beforeAll(async () => {
  site = await createDocumentSite();
  await site.mz.configure(supply({ pattern: '*', complete: { quietSeconds: 0 }, removals: true }));
  await Promise.all([site.mz.start(), site.sw.start()]);
});
afterAll(() => site?.close());

async function move() {
  const out = await site.mz.done('out');
  const into = await site.sw.done('in');
  return { out: out.summary!, into: into.summary! };
}

const names = () => readdirSync(site.outbox).filter((name) => name !== '.qianzhi' && name !== 'removed');
const removed = () => readdirSync(join(site.outbox, 'removed'));

it('a file taken away at the source is put aside at the target, and is told once', async () => {
  for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) site.put(name, name);
  expect((await move()).into).toMatchObject({ delivered: 3, inserted: 3 });
  rmSync(join(site.inbox, 'b.pdf'));
  const { out, into } = await move();
  expect(out).toMatchObject({ read: 1, stored: 1 });
  expect(into).toMatchObject({ delivered: 1, deleted: 1 });
  expect(names()).toEqual(['a.pdf', 'c.pdf']);
  expect(removed()).toEqual(['0000000002-b.pdf']);
  expect((await move()).into).toMatchObject({ delivered: 0 });
});

it('one that was renamed goes under its old name and comes under the new one, letter case included', async () => {
  renameSync(join(site.inbox, 'a.pdf'), join(site.inbox, 'A.PDF'));
  expect((await move()).into).toMatchObject({ delivered: 2, deleted: 1, inserted: 1, rejected: 0 });
  expect(names()).toEqual(['A.PDF', 'c.pdf']);
});

it('a folder that is suddenly empty removes nothing; what comes back is not sent again', async () => {
  renameSync(join(site.inbox, 'A.PDF'), site.at('A.PDF'));
  renameSync(join(site.inbox, 'c.pdf'), site.at('c.pdf'));
  expect((await move()).into).toMatchObject({ delivered: 0, deleted: 0 });
  for (const name of ['A.PDF', 'c.pdf']) renameSync(site.at(name), join(site.inbox, name));
  expect((await move()).out).toMatchObject({ read: 0 });
  expect(names()).toEqual(['A.PDF', 'c.pdf']);
});

it.each([
  ['takes files together', (http: Channel) => http],
  ['takes each file alone', silentOfWholeFiles],
])('many that go at once go in one batch; a consumer that %s has them all gone', async (_, channel) => {
  await site.sw.stop();
  await site.sw.start({ channel });
  const many = Array.from({ length: 30 }, (_, n) => `many${n}.pdf`);
  for (const name of many) site.put(name, name);
  expect((await move()).into).toMatchObject({ delivered: 30, inserted: 30 });
  for (const name of many) rmSync(join(site.inbox, name));
  const { out, into } = await move();
  expect(out).toMatchObject({ batches: 1, read: 30, stored: 30 });
  expect(into).toMatchObject({ delivered: 30, deleted: 30 });
  expect(names()).toEqual(['A.PDF', 'c.pdf']);
  await expectEvidence(site);
});

it('comes again after it was taken away', async () => {
  site.put('b.pdf', 'once more');
  expect((await move()).into).toMatchObject({ delivered: 1, inserted: 1 });
  expect(existsSync(join(site.outbox, 'b.pdf'))).toBe(true);
  await expectEvidence(site);
});
