import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkReceipts, verifyDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUsageListings } from '../usage/listings.js';
import { createDownloadRig, type DownloadRig, HERE } from './test-downloads.js';

let test: DownloadRig;
beforeEach(async () => {
  test = await createDownloadRig();
});
afterEach(() => test.close());

const lines = (file: Buffer) => file.toString('utf8').replace('\ufeff', '').split('\r\n').slice(0, -1);
const dataOf = (file: Buffer) => lines(file).slice(1).sort();
const grant = (change: object = {}) => test.rig.grant('a1', { modes: ['batch-download'], ...change });

async function fill(): Promise<void> {
  await test.snapshot(
    's1',
    [
      ['S', 'a', '甲', '1'],
      ['S', 'b', '乙', '2'],
    ],
    [['S', 'c', '=丙', null]],
  );
  await test.delta(['U', 'b', '乙二', '3'], ['D', 'c', null, null], ['U', 'd', '丁', '4']);
}

it('the current rows, granted items only, with a manifest that is proven and one receipt', async () => {
  await fill();
  grant({ items: ['code', 'name'] });
  const { id } = await test.request({ matter: '核对' });
  const ready = await test.settled(id);
  expect(ready).toMatchObject({ state: 'ready', kind: 'state', matter: '核对', receipt: null });
  const { body } = ready.manifest!;
  const keys = await test.rig.context.keys.all();
  expect(verifyDocument(ready.manifest!, keys, body.preparedAt).owner).toBe('platform');
  const file = await test.fetch(id);
  expect(lines(file)[0]).toBe('code,name');
  expect(dataOf(file)).toEqual(['a,甲', 'b,乙二', 'd,丁']);
  expect(body).toMatchObject({ rows: 3, bytes: file.length, asOf: [{ seq: 3 }] });
  expect(body.digest).toBe(`sha-256:${createHash('sha256').update(file).digest('base64url')}`);

  expect(await test.fetch(id, 'bytes=5-')).toEqual(file.subarray(5));
  expect(await test.fetch(id, 'bytes=2-3')).toEqual(file.subarray(2, 4));
  const [operation, more] = await createUsageListings(test.rig.context, test.rig.ports.agreements).operations(
    { all: true, department: null },
    { limit: 10 },
  );
  expect(more).toBeUndefined();
  expect(operation).toMatchObject({ actor: 'agent:sw-1', matter: '核对', bytes: file.length });
  expect(operation!.receipt.body).toMatchObject({ stage: 'delivered', rows: 3, rowsDigests: [body.digest] });
  expect(checkReceipts([operation!.receipt], keys)).toEqual({ verified: 1, problems: [] });
});

it('neutralised formulas are said so; ones that nobody was granted are not there', async () => {
  await test.snapshot('s1', [
    ['S', 'a', '=1', '2'],
    ['S', 'b', '-3', '@4'],
  ]);
  grant({ items: ['code', 'name'] });
  const { id } = await test.request();
  const { manifest } = await test.settled(id);
  expect(manifest!.body.notes.neutralised).toEqual({ name: 2 });
  expect(dataOf(await test.fetch(id))).toEqual(["a,'=1", "b,'-3"]);
});

it('changes since the last one that was fetched: upserts and deletes of the granted items, a new copy in between', async () => {
  await fill();
  grant({ items: ['code', 'name'] });
  await expect(test.request({ since: 'last' })).rejects.toMatchObject({
    code: 'QZ_PLATFORM_DOWNLOAD_NO_BASE',
  });
  const first = await test.request();
  await test.settled(first.id);
  await test.fetch(first.id);
  await test.delta(['U', 'a', '甲', '9']);
  await test.snapshot('s2', [
    ['S', 'a', '甲', '9'],
    ['S', 'd', '丁二', '4'],
    ['S', 'e', '戊', null],
  ]);
  await test.feature.keepHouse();
  await test.rig.exchange.runRetention(test.rig.context.now());
  const second = await test.request({ since: 'last' });
  expect(await test.settled(second.id)).toMatchObject({ state: 'ready', kind: 'changes', base: first.id });
  expect(dataOf(await test.fetch(second.id))).toEqual(['D,b,', 'U,d,丁二', 'U,e,戊']);
  const third = await test.request({ since: 'last' });
  await test.settled(third.id);
  expect(dataOf(await test.fetch(third.id))).toEqual([]);
  await expect(test.request({ since: 'another' })).rejects.toMatchObject({
    code: 'QZ_PLATFORM_DOWNLOAD_NO_BASE',
    texts: { en: { message: expect.stringContaining('--since names no download') } },
  });
});

it('a revoked agreement: nothing is asked for, fetched or kept any more, what is sent is cut at once', async () => {
  await test.snapshot(
    's1',
    Array.from({ length: 30_000 }, (_, n) => ['S', `k${n}`, `名称${n}`, 'x'.repeat(50)] as const),
  );
  grant();
  const { id } = await test.request();
  await test.settled(id);
  const { token } = await test.feature.downloads.link(test.rig.consumer.caller, id);
  const { body } = await test.feature.handOut.open(token, undefined, HERE);
  const broken = new Promise<unknown>((resolve) => body.once('error', resolve));
  body.once('readable', () => undefined);
  const at = Date.now();
  test.rig.revoke('a1');
  expect(await broken).toMatchObject({ code: 'QZ_PLATFORM_DOWNLOAD_REVOKED', kind: 'denied' });
  expect(Date.now() - at).toBeLessThan(1000);
  const denied = { code: 'QZ_PLATFORM_DOWNLOAD_REVOKED' };
  await expect(test.feature.handOut.open(token, undefined, HERE)).rejects.toMatchObject(denied);
  await expect(test.feature.downloads.link(test.rig.consumer.caller, id)).rejects.toMatchObject(denied);
  await expect(test.request()).rejects.toMatchObject({ code: 'QZ_PLATFORM_DOWNLOAD_NOT_GRANTED' });
  await expect.poll(() => readdir(join(test.rig.folder, 'downloads'))).toEqual([]);
  expect(await test.settled(id)).toMatchObject({ state: 'revoked', problem: denied });
});

it('quotas: a request is counted when asked for, rows and bytes once when the first byte goes out', async () => {
  await fill();
  grant({ quota: { rowsPerDay: 4, requestsPerDay: 3 } });
  const [one, two] = [await test.request(), await test.request()];
  await test.settled(one.id);
  await test.settled(two.id);
  await test.fetch(one.id);
  await test.fetch(one.id);
  await test.fetch(two.id);
  await expect(test.request()).rejects.toMatchObject({
    code: 'QZ_PLATFORM_QUOTA_USED',
    details: { bound: 'rowsPerDay', used: 6 },
  });
});

it('links: wrong, of another download, expired', async () => {
  await fill();
  grant();
  const { id } = await test.request();
  await test.settled(id);
  const { token } = await test.feature.downloads.link(test.rig.consumer.caller, id);
  const wrong = { code: 'QZ_PLATFORM_DOWNLOAD_LINK_WRONG', kind: 'denied' };
  for (const bad of ['x', token.slice(0, -1), token.replace(/\.[^.]+$/, `.${'A'.repeat(43)}`)])
    await expect(test.feature.handOut.open(bad, undefined, HERE)).rejects.toMatchObject(wrong);
  await expect(test.feature.handOut.open(token, 'bytes=9999999-', HERE)).rejects.toMatchObject({
    code: 'QZ_PLATFORM_DOWNLOAD_RANGE_WRONG',
  });
  test.rig.advanceDays(2 / 24);
  await expect(test.feature.handOut.open(token, undefined, HERE)).rejects.toMatchObject(wrong);
  test.rig.advanceDays(1);
  await test.feature.keepHouse();
  expect(await test.settled(id)).toMatchObject({ state: 'expired' });
  expect(await readdir(join(test.rig.folder, 'downloads'))).toEqual([]);
});

it('the record of the rows outlives the file, and goes when its own time is over', async () => {
  await fill();
  grant();
  const { id } = await test.request();
  await test.settled(id);
  const records = () => readdir(join(test.rig.folder, 'traces'));
  test.rig.advanceDays(399);
  await test.feature.keepHouse();
  expect(await test.settled(id)).toMatchObject({ state: 'expired' });
  expect(await records()).toEqual([`${id}.trace`]);
  test.rig.advanceDays(2);
  await test.feature.keepHouse();
  expect(await records()).toEqual([]);
});

it('a process that ends while it prepares, and one whose disk is to hold too much', async () => {
  await fill();
  grant();
  const { id } = await test.request();
  await test.restart();
  expect(await test.settled(id)).toMatchObject({ state: 'ready' });
  await test.restart({ maxBytes: 10 });
  const second = await test.request();
  expect(await test.settled(second.id)).toMatchObject({
    state: 'failed',
    problem: { code: 'QZ_PLATFORM_DOWNLOAD_SPACE', details: { maxBytes: 10 } },
  });
});

it('what fails inside is tried again from the beginning, and given up with a number after the third time', async () => {
  await fill();
  grant();
  let failures = 1;
  const failpoint = (name: string) => {
    if (name === 'download:made' && failures-- > 0) throw new Error('it broke');
  };
  Object.assign(test.rig.context, { failpoint });
  const { id } = await test.request();
  expect(await test.settled(id)).toMatchObject({ state: 'ready', manifest: { body: { rows: 3 } } });
  failures = 3;
  const second = await test.request();
  expect(await test.settled(second.id)).toMatchObject({
    state: 'failed',
    problem: { code: 'QZ_PLATFORM_DOWNLOAD_FAILED', kind: 'internal' },
  });
  expect(await readdir(join(test.rig.folder, 'downloads'))).toEqual([id]);
});

it('others neither see, fetch nor cancel it', async () => {
  await fill();
  grant();
  const { id } = await test.request();
  await test.settled(id);
  const { caller } = await test.rig.addAgent('rs-1', 'rs');
  const unknown = { code: 'QZ_PLATFORM_DOWNLOAD_UNKNOWN' };
  const { downloads } = test.feature;
  const signal = new AbortController().signal;
  await expect(downloads.show({ all: false, department: 'rs' }, id, 0, signal)).rejects.toMatchObject(
    unknown,
  );
  await expect(downloads.link(caller, id)).rejects.toMatchObject(unknown);
  await expect(downloads.cancel(caller, id)).rejects.toMatchObject(unknown);
  expect(await downloads.list({ all: false, department: 'rs' }, undefined, 10)).toEqual([]);
  expect(await downloads.offers(caller)).toEqual([]);
  expect(await downloads.offers(test.rig.consumer.caller)).toMatchObject([
    { resource: 'village', agreement: 'a1', suppliers: 1, changes: true, lastDownload: null },
  ]);
  expect(await downloads.cancel(test.rig.consumer.caller, id)).toMatchObject({ state: 'cancelled' });
});

it('the rows in scope, which the manifest names; changes are counted from the scope of then', async () => {
  await fill();
  grant({ rows: "phone <> '1'" });
  const first = await test.request();
  expect((await test.settled(first.id)).manifest!.body).toMatchObject({ rows: 2, scope: "phone <> '1'" });
  expect(dataOf(await test.fetch(first.id))).toEqual(['b,乙二,3', 'd,丁,4']);
  await test.delta(['U', 'b', '乙二', '1'], ['U', 'a', '甲', '5']);
  const second = await test.request({ since: 'last' });
  await test.settled(second.id);
  expect(dataOf(await test.fetch(second.id))).toEqual(['D,b,,', 'U,a,甲,5']);
  grant({ rows: "phone = '4'" });
  const third = await test.request({ since: 'last' });
  await test.settled(third.id);
  expect(dataOf(await test.fetch(third.id))).toEqual(['D,a,,']);
});

it('is asked for and fetched from the addresses of the agreement alone; a link elsewhere is refused and recorded', async () => {
  await fill();
  grant();
  const { id } = await test.request();
  await test.settled(id);
  const { rig, feature } = test;
  rig.admit('a1', ['10.0.0.0/8', '2001:db8::/32']);
  const refused = { code: 'QZ_PLATFORM_ADDRESS_NOT_ALLOWED' };
  await expect(test.request()).rejects.toMatchObject(refused);
  const { token } = await feature.downloads.link(rig.consumer.caller, id);
  await expect(feature.handOut.open(token, undefined, HERE)).rejects.toMatchObject(refused);
  const denial = { action: 'download.deliver', outcome: 'denied', code: refused.code };
  expect(await rig.audited()).toContainEqual(denial);
  const { status, body } = await feature.handOut.open(token, undefined, '::ffff:10.9.8.7');
  expect(status).toBe(200);
  expect(dataOf(Buffer.concat(await body.toArray()))).toHaveLength(3);
});
