import { setImmediate } from 'node:timers/promises';
import type { Quota } from '@qianzhi/model';
import { checkReceipts, documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Rig } from '../exchange/test-exchange.js';
import { createConsumer } from '../exchange/test-receipts.js';
import { createSealer, type TestRow } from '../exchange/test-sealer.js';
import { createDayCounts } from './day-counts.js';
import { createUsageListings } from './listings.js';
import { createUsage } from './usage.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

const grantWith = (quota: Quota) =>
  rig.grant('a1', { modes: ['online-query', 'batch-download'], quota }).body;
const digest = `sha-256:${'0'.repeat(64)}`;
const operation = (grant: ReturnType<typeof grantWith>, rows: number) => ({
  grant,
  mode: 'online-query' as const,
  actor: rig.consumer.caller,
  matter: '核对区划',
  digest,
  rows,
  bytes: rows * 10,
});
const all = { all: true, department: null };

it('rows and bytes count over modes and grant versions, until the day is over', async () => {
  const usage = createUsage(rig.context);
  const grant = grantWith({ rowsPerDay: 100, bytesPerDay: 900 });
  expect(await usage.begin(grant)).toEqual({ rows: 100, bytes: 900 });
  await usage.record(operation(grant, 60));
  usage.delivered(grant, { rows: 10, bytes: 100 });
  expect(await usage.requireLeft(grant)).toEqual({ rows: 30, bytes: 200 });
  const next = rig.grant('a1', { quota: { rowsPerDay: 70 } }).body;
  await expect(usage.begin(next)).rejects.toMatchObject({
    code: 'QZ_PLATFORM_QUOTA_USED',
    kind: 'unavailable',
    details: { bound: 'rowsPerDay', limit: 70, used: 70 },
  });
  expect(await usage.hasLeft(next)).toBe(false);
  rig.advanceDays(1);
  expect(await usage.begin(next)).toEqual({ rows: 70, bytes: Number.POSITIVE_INFINITY });
});

it('what operations have used is known after a restart', async () => {
  const grant = grantWith({ rowsPerDay: 100, requestsPerDay: 2 });
  await createUsage(rig.context).record(operation(grant, 60));
  const usage = createUsage(rig.context);
  expect(await usage.requireLeft(grant)).toMatchObject({ rows: 40 });
  await usage.begin(grant);
  await expect(usage.begin(grant)).rejects.toMatchObject({ details: { bound: 'requestsPerDay', used: 2 } });
});

it('so many requests in any 60 seconds, and says when it goes on', async () => {
  const usage = createUsage(rig.context);
  const grant = grantWith({ requestsPerMinute: 2 });
  await usage.begin(grant);
  await usage.begin(grant);
  const before = rig.context.now().getTime();
  const refused = await usage.begin(grant).catch((error) => error);
  expect(refused).toMatchObject({ details: { bound: 'requestsPerMinute', used: 2 } });
  expect(Date.parse(refused.details.again) - before).toBeGreaterThan(58_000);
  rig.advanceDays(60 / 86_400);
  expect(await usage.begin(grant)).toMatchObject({ rows: Number.POSITIVE_INFINITY });
});

it('operations at once are numbered without gaps, and their receipts hold offline', async () => {
  const usage = createUsage(rig.context);
  const grant = grantWith({});
  const receipts = await Promise.all([1, 2, 3].map((rows) => usage.record(operation(grant, rows))));
  expect(receipts.map(({ body }) => body.seqFrom)).toEqual([1, 2, 3]);
  expect(checkReceipts(receipts, await rig.context.keys.all())).toEqual({ verified: 3, problems: [] });
  expect(checkReceipts([receipts[0]!, receipts[2]!], await rig.context.keys.all()).problems).not.toEqual([]);
});

it('listings show operations and days to the two departments alone', async () => {
  const usage = createUsage(rig.context);
  const grant = grantWith({ rowsPerDay: 9 });
  const first = await usage.record(operation(grant, 4));
  await usage.record({ ...operation(grant, 2), mode: 'batch-download' });
  const listings = createUsageListings(rig.context, rig.ports.agreements);
  const shown = await listings.operations(all, { limit: 10 });
  expect(shown.map(({ receipt, actor }) => [receipt.body.rows, actor])).toEqual([
    [2, 'agent:sw-1'],
    [4, 'agent:sw-1'],
  ]);
  expect(await listings.operations(all, { limit: 10, before: shown[0]!.receipt.body.id })).toMatchObject([
    { receipt: { body: { id: first.body.id } } },
  ]);
  const days = await listings.usage({ all: false, department: 'mz' }, { days: 1 });
  expect(days).toMatchObject([
    { agreement: 'a1', mode: 'batch-download', requests: 1, rows: 2, bytes: 20 },
    { agreement: 'a1', mode: 'online-query', requests: 1, rows: 4, bytes: 40 },
  ]);
  const alien = { all: false, department: 'ga' };
  expect(await listings.operations(alien, { limit: 10 })).toEqual([]);
  expect(await listings.usage(alien, { days: 1 })).toEqual([]);
});

it('deliveries are counted under the mode of the exchange that fetches them, where it is granted', async () => {
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const duty = rig.giveDuty('village', 'mz-1');
  const sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  const consumer = createConsumer(rig);
  const modesOfDay = async () => {
    const days = await createUsageListings(rig.context, rig.ports.agreements).usage(all, { days: 1 });
    return days.map(({ mode, requests, rows }) => [mode, requests, rows]);
  };
  const next = async (mode?: 'docking' | 'sftp') => {
    const rows: TestRow[] = [['U', '111', '村', null]];
    await rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows }));
    expect(await consumer.poll(mode && { mode })).toHaveLength(1);
  };
  rig.grant('a1', { modes: ['docking', 'sftp'] });
  await next('sftp');
  await next('docking');
  await next();
  expect(await modesOfDay()).toEqual([
    ['docking', 2, 2],
    ['sftp', 1, 1],
  ]);
  rig.grant('a1', { modes: ['sftp'], grantVersion: 2 });
  await consumer.poll({ mode: 'docking', after: [] });
  expect(await modesOfDay()).toEqual([
    ['docking', 2, 2],
    ['sftp', 4, 4],
  ]);
});

it('what is counted while a day cannot be read is told to who asked for it, and read the next time', async () => {
  const { db } = rig.context;
  let broken = true;
  const failing = Object.assign((table: string) => {
    if (broken && table === 'deliveries') throw new Error('the database is away');
    return db(table);
  }, db) as typeof db;
  const counts = createDayCounts(failing);
  const at = rig.context.now();
  const asked = counts.of('a1', at);
  counts.add('a1', at, { rows: 1, bytes: 1 });
  await expect(asked).rejects.toThrow('the database is away');
  await setImmediate();
  broken = false;
  expect(await counts.of('a1', at)).toMatchObject({ rows: 0 });
});
