import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchOf, codeOf, deliveryOf, noAbort, resourceWith, write } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { openSite, readRecords } from './test/site.js';

const resource = resourceWith([
  { column: 'id', type: 'C', length: 8, key: true, required: true },
  { column: 'name', type: 'C', length: 100_000 },
]);

it('commits rows and ledger together or not at all', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  const batch = batchOf(resource, 1, ['S\t1\ta', 'S\t2\tb', 'S\t2\tc']);
  const died = new Error('the process died before the commit');
  await expect(sink.write(batch, () => Promise.reject(died), noAbort)).rejects.toMatchObject({ cause: died });
  expect(await sink.ledgerHead(batch.delivery, noAbort)).toBeUndefined();
  expect(readRecords(await site.feed())).toEqual([]);
});

it('leaves out a key that a snapshot holds twice, and says which row', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  const { ledger, rejected } = await write(sink, resource, 1, ['S\t1\ta', 'S\t2\tb', 'S\t2\tc']);
  expect(ledger.counts).toMatchObject({ delivered: 3, inserted: 2, rejected: 1 });
  expect(rejected).toMatchObject([{ row: 2, item: 'id', reason: 'duplicate-key' }]);
  expect(readRecords(await site.feed())).toEqual([
    { id: '1', name: 'a' },
    { id: '2', name: 'b' },
  ]);
});

it('keeps no value in clear on the disk', async () => {
  await using site = openSite();
  const sink = await site.sink(resource);
  await write(sink, resource, 1, ['U\t4401\tZHANGSAN']);
  const files = ['in.db', 'in.db-wal']
    .map((name) => readFileSync(join(site.folder, name), 'latin1'))
    .join('');
  expect(files).toContain('agreement');
  expect(files).not.toMatch(/ZHANGSAN|4401/);
});

it('drops past changes first, then pauses when the records as they are do not fit', async () => {
  await using site = openSite();
  const sink = await site.sink(resource, 'in', { maxMiB: 1 });
  const large = 'x'.repeat(90_000);
  for (let seq = 1; seq <= 30; seq++) await write(sink, resource, seq, [`U\t1\t${seq}${large}`]);
  const feed = await site.feed('in', { maxMiB: 1 });
  expect(feed.size()).toMatchObject({ records: 1, limitBytes: 1 << 20 });
  expect(feed.size().bytes).toBeLessThanOrEqual(1 << 20);
  const many = Array.from({ length: 12 }, (_, n) => `U\tk${n}\t${large}`);
  expect(await codeOf(() => write(sink, resource, 31, many))).toBe('QZ_INBOX_FULL');
  expect((await sink.ledgerHead(deliveryOf(), noAbort))?.seq).toBe(30);
  const wider = await site.sink(resource, 'in', { maxMiB: 2 });
  expect((await write(wider, resource, 31, many)).ledger.counts.inserted).toBe(12);
});

it('refuses what has no key, and to be used without an agent', async () => {
  await using site = openSite();
  const keyless = resourceWith([{ column: 'name', type: 'C', length: 8 }]);
  expect(await codeOf(() => site.sink(keyless))).toBe('QZ_INBOX_KEYLESS');
  const { keep: _, ...context } = site.context;
  const { inboxConnector } = await import('./connector.js');
  const connection = await inboxConnector.open({}, context, noAbort);
  expect(await codeOf(() => connection.check(noAbort))).toBe('QZ_INBOX_NO_STATE');
  expect(await codeOf(() => connection.sink({ exchange: 'in', resource, target: {} }, noAbort))).toBe(
    'QZ_INBOX_NO_STATE',
  );
});
