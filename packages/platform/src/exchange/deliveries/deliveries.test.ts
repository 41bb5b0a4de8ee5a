import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentRoutes, checkShape, type Delivery, type Signed } from '@qianzhi/model';
import { documentDigest, intlSuite, signDocument, verifyDocument } from '@qianzhi/model/crypto';
import { bytesDigest } from '@qianzhi/rows';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, village } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer, type SealSpec, sendAll, type TestRow } from '../test-sealer.js';

let rig: Rig;
let sealer: Sealer;
let consumer: TestConsumer;
beforeEach(async () => {
  rig = await createRig();
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  consumer = createConsumer(rig);
});
afterEach(() => rig.close());

const S = (n: number): TestRow => ['S', `11${n}`, `村${n}`, '13800138000'];
const U = (n: number): TestRow => ['U', `11${n}`, `村${n}`, '13800138000'];
const supply = async (...specs: SealSpec[]) => {
  for (const spec of specs) await rig.exchange.sendBatch(rig.provider.caller, await sealer.next(spec));
};
const snapshot = async (id: string, ...parts: TestRow[][]) =>
  sendAll(rig.exchange, rig.provider.caller, await sealer.snapshot(id, ...parts));
const sources = (deliveries: readonly Signed<Delivery>[]) =>
  deliveries.map(({ body }) => body.manifest.body.seq);
const bytesOf = async ({ body }: Signed<Delivery>) =>
  (await rig.exchange.deliveryBytes(rig.consumer.caller, body.delivery, body.seq)).bytes;

describe('deliveries', () => {
  it("are the provider's own bytes and signature where all items are granted, in a chain of their own", async () => {
    const grant = rig.grant('a1');
    const sealed = await sealer.next({ rows: [U(1), U(2)] });
    await rig.exchange.sendBatch(rig.provider.caller, sealed);
    await supply({ rows: [['D', '111', null, null]] });
    const [first, second] = await consumer.poll();
    checkShape(agentRoutes.pollDeliveries.response, { deliveries: [first, second] }, 'poll');
    expect(first!.body.manifest).toEqual(sealed.signed);
    expect(first!.body).toMatchObject({
      seq: 1,
      previous: null,
      projected: false,
      sourceBatch: sealed.signed.body.id,
      grantDigest: documentDigest(grant, intlSuite),
    });
    expect(second!.body).toMatchObject({ seq: 2, previous: documentDigest(first!, intlSuite) });
    for (const one of [first!, second!]) {
      verifyDocument(one, await rig.context.keys.ofAgent('platform'), new Date().toISOString());
    }
    expect(Buffer.compare(await bytesOf(first!), sealed.bytes)).toBe(0);
    expect(await consumer.rows(second!)).toEqual(['D 111 NULL NULL']);
  });

  it('are a projection where fewer items are granted, made once and signed by the platform', async () => {
    rig.grant('a1', { items: ['code', 'phone'], masks: { phone: 'phone' } });
    await supply({ rows: [U(1), ['U', '112', '秘密', null]], rejected: 3 });
    const [delivery] = await consumer.poll();
    expect(await consumer.rows(delivery!)).toEqual(['U 111 138****8000', 'U 112 NULL']);
    const { manifest, projected } = delivery!.body;
    expect(projected).toBe(true);
    verifyDocument(manifest, await rig.context.keys.ofAgent('platform'), new Date().toISOString());
    expect(manifest.body).toMatchObject({ rows: 2, read: 2, rejected: 0, previous: null, dutyDigest: null });
    expect(bytesDigest(await bytesOf(delivery!))).toBe(manifest.body.bytesDigest);
    await rig.restart();
    const again = await createConsumer(rig).poll();
    expect(again).toEqual([delivery]);
    expect(await rig.context.db('stored_bytes')).toHaveLength(2);
  });

  it('give the same document to every repeat, also when several agents of the department ask at once', async () => {
    rig.grant('a1', { items: ['code'] });
    for (let n = 0; n < 10; n++) await supply({ rows: [U(n)] });
    const other = await rig.addAgent('sw-2', 'sw');
    const answers = await Promise.all(
      [consumer, createConsumer(rig, other), createConsumer(rig)].map((c) => c.poll()),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[0]!.map(({ body }) => body.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await rig.context.db('deliveries')).toHaveLength(10);
  });

  it('pseudonyms are equal for equal values within an agreement and differ between agreements', async () => {
    const masked = { items: ['code', 'name'], masks: { code: 'pseudonym' as const } };
    rig.grant('a1', masked);
    await supply({ rows: [U(1)] }, { rows: [U(1), U(2)] });
    const [a, b] = await consumer.poll();
    const [first] = await consumer.rows(a!);
    expect(await consumer.rows(b!)).toContain(first);
    rig.revoke('a1');
    rig.grant('a2', masked);
    const [c] = await createConsumer(rig).poll();
    expect(await consumer.rows(c!)).not.toEqual([first]);
  });

  it('a resource that gained an item is projected from that schema version on', async () => {
    rig.grant('a1');
    rig.publish(village(2));
    await supply({ rows: [U(1)] }, { rows: [[...U(2), '备注'] as unknown as TestRow], schemaVersion: 2 });
    const [before, after] = await consumer.poll();
    expect([before!.body.projected, after!.body.projected]).toEqual([false, true]);
    expect(await consumer.rows(after!)).toEqual(['U 112 村2 13800138000']);
  });

  it('carry an empty snapshot, projected or not', async () => {
    await snapshot('empty', []);
    rig.grant('a1');
    expect(await consumer.rows((await consumer.poll())[0]!)).toEqual([]);
    rig.grant('a1', { items: ['code'] });
    expect(await consumer.rows((await consumer.poll())[0]!)).toEqual([]);
  });

  it('honour limit and byte budget, and one batch always goes', async () => {
    await rig.restart({ pollBytes: 1 });
    rig.grant('a1');
    await supply({ rows: [U(1)] }, { rows: [U(2)] }, { rows: [U(3)] });
    expect(sources(await consumer.poll())).toEqual([1]);
    await rig.restart();
    expect(sources(await consumer.poll({ limit: 1 }))).toEqual([2]);
    expect(sources(await consumer.poll())).toEqual([3]);
  });

  it('wake a long poll when a batch comes, and end it quietly with its time or its signal', async () => {
    rig.grant('a1');
    const waiting = consumer.poll({ waitMs: 20_000 });
    await supply({ rows: [U(1)] });
    expect(sources(await waiting)).toEqual([1]);
    expect(await consumer.poll({ waitMs: 30 })).toEqual([]);
    const abort = new AbortController();
    const aborted = consumer.poll({ waitMs: 20_000 }, abort.signal);
    abort.abort();
    expect(await aborted).toEqual([]);
  });
});

describe('where a subscriber begins', () => {
  it('at the first part of the last complete snapshot, and follows in order', async () => {
    await snapshot('s1', [S(1)], [S(2)]);
    await supply({ rows: [U(3)] });
    await snapshot('s2', [S(1)], [S(2)], [S(3)]);
    await supply({ rows: [U(4)] });
    await supply({ rows: [S(1)], snapshot: { id: 's3', part: 1, last: false } });
    rig.grant('a1');
    expect(sources(await consumer.all())).toEqual([4, 5, 6, 7, 8]);
    rig.grant('a1', { items: ['code'] });
    const anew = await consumer.all();
    expect(sources(anew)).toEqual([4, 5, 6, 7, 8]);
    expect(anew[0]!.body).toMatchObject({ seq: 1, previous: null, delivery: { grantVersion: 2 } });
  });

  it('without the parts of an aborted snapshot; who had begun them goes on with the next', async () => {
    rig.grant('a1');
    await supply({ rows: [S(1)], snapshot: { id: 's1', part: 1, last: false } });
    expect(sources(await consumer.poll())).toEqual([1]);
    await supply({ rows: [S(2)], snapshot: { id: 's1', part: 2, last: false } });
    await snapshot('s2', [S(1)], [S(2)]);
    expect(sources(await consumer.all())).toEqual([3, 4]);
    rig.revoke('a1');
    rig.grant('a2');
    expect(sources(await createConsumer(rig).all())).toEqual([3, 4]);
  });

  it('in the newest epoch that holds a complete snapshot; who is in the older one goes on into the next', async () => {
    rig.grant('a1');
    await supply({ rows: [U(1)] });
    await consumer.all();
    await supply({ rows: [U(2)] });
    const head = (await rig.exchange.heads(rig.provider.caller))[0]!.head;
    const body = {
      type: 'recovery' as const,
      stream: sealer.stream,
      ownHead: { seq: 0, rowsDigest: null },
      platformHead: head,
      nextEpoch: 2,
      reason: 'restored',
      issuedAt: new Date().toISOString(),
    };
    const stream = await rig.exchange.recover(rig.provider.caller, signDocument(body, rig.provider.key));
    const duty = rig.giveDuty('village', 'mz-1');
    sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
    await snapshot('n', [S(1)]);
    const epochs = (found: readonly Signed<Delivery>[]) => found.map((d) => d.body.delivery.stream.epoch);
    expect(epochs(await consumer.all())).toEqual([1, 2]);
    rig.revoke('a1');
    rig.grant('a2');
    expect(epochs(await createConsumer(rig).all())).toEqual([2]);
  });
});

describe('no row leaves without a live agreement', () => {
  it('nothing before one is granted, for other modes, or when several could be meant', async () => {
    await supply({ rows: [U(1)] });
    await expect(consumer.poll()).rejects.toMatchObject({ code: 'QZ_PLATFORM_NO_AGREEMENT', kind: 'denied' });
    rig.grant('a1', { modes: ['online-query'] });
    await expect(consumer.poll()).rejects.toMatchObject({ code: 'QZ_PLATFORM_MODE_NOT_GRANTED' });
    rig.grant('a2');
    expect(sources(await consumer.poll())).toEqual([1]);
    rig.grant('a3');
    await expect(consumer.poll()).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGREEMENT_AMBIGUOUS' });
    expect(await createConsumer(rig).poll({ agreement: 'a3' })).toHaveLength(1);
  });

  it('revocation stops queued deliveries, waiting polls and bytes, naming the agreement', async () => {
    rig.grant('a1');
    await supply({ rows: [U(1)] }, { rows: [U(2)] });
    const [first, second] = await consumer.poll();
    await bytesOf(first!);
    const waiting = consumer.poll({ waitMs: 20_000 });
    rig.revoke('a1');
    const denied = { code: 'QZ_PLATFORM_GRANT_NOT_LIVE', kind: 'denied', details: { agreement: 'a1' } };
    await expect(waiting).rejects.toMatchObject(denied);
    await expect(bytesOf(second!)).rejects.toMatchObject(denied);
    await expect(consumer.poll()).rejects.toMatchObject(denied);
    await expect(consumer.poll({ agreement: 'a1', after: [] })).rejects.toMatchObject(denied);
  });

  it('a day’s quota holds back what is not delivered yet, and the next day goes on', async () => {
    rig.grant('a1', { quota: { rowsPerDay: 3 } });
    await supply({ rows: [U(1), U(2)] }, { rows: [U(3), U(4)] }, { rows: [U(5)] });
    const [first, second, ...none] = await consumer.poll();
    expect(none).toEqual([]);
    expect((await bytesOf(first!)).length).toBeGreaterThan(0);
    const used = {
      code: 'QZ_PLATFORM_QUOTA_USED',
      kind: 'unavailable',
      details: { agreement: 'a1', bound: 'rowsPerDay', limit: 3, used: 4 },
    };
    await expect(consumer.poll()).rejects.toMatchObject(used);
    // again, as after a lost answer
    expect(await createConsumer(rig).poll()).toEqual([first, second]);
    rig.advanceDays(1);
    expect(sources(await consumer.poll())).toEqual([3]);
  });

  it('ends with its time, and an older grant version with the newer', async () => {
    rig.grant('a1');
    await supply({ rows: [U(1)] });
    const [first] = await consumer.poll();
    rig.grant('a1', { items: ['code'] });
    await expect(bytesOf(first!)).rejects.toMatchObject({ code: 'QZ_PLATFORM_GRANT_NOT_LIVE' });
    rig.advanceDays(500);
    await expect(consumer.poll()).rejects.toMatchObject({ code: 'QZ_PLATFORM_GRANT_NOT_LIVE' });
  });

  it('another department gets neither deliveries nor bytes, whatever it guesses', async () => {
    rig.grant('a1');
    await supply({ rows: [U(1)] });
    const [first] = await consumer.poll();
    const stranger = await rig.addAgent('ga-1', 'ga');
    const { delivery, seq } = first!.body;
    await expect(rig.exchange.deliveryBytes(stranger.caller, delivery, seq)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DELIVERY_UNKNOWN',
    });
    const guess = { resource: 'village', agreement: 'a1', after: [], waitMs: 0, limit: 16 };
    await expect(
      rig.exchange.poll(stranger.caller, guess, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_GRANT_NOT_LIVE' });
    await expect(rig.exchange.deliveryBytes(rig.consumer.caller, delivery, 2)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DELIVERY_UNKNOWN',
    });
  });

  it('a ledger ahead of the platform is found', async () => {
    const { body } = rig.grant('a1');
    await supply({ rows: [U(1)] });
    const delivery = { agreement: 'a1', grantVersion: body.grantVersion, stream: sealer.stream };
    await expect(consumer.poll({ after: [{ delivery, seq: 5 }] })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DELIVERY_AHEAD',
      kind: 'unavailable',
    });
  });
});

describe('damage on disk', () => {
  it.each([{ items: ['code', 'name', 'phone'] }, { items: ['code'] }])(
    'is found before anything is delivered and raised (%j)',
    async (change) => {
      rig.grant('a1', change);
      await supply({ rows: [U(1)] });
      const [delivery] = await consumer.poll();
      const row = await rig.context.db('stored_bytes').orderBy('offset', 'desc').first();
      const path = join(rig.folder, 'batches', row.file);
      const bytes = await readFile(path);
      bytes[Number(row.offset) + 12]! ^= 1;
      await writeFile(path, bytes);
      const damaged = { code: 'QZ_PLATFORM_DELIVERY_DAMAGED', kind: 'integrity' };
      await expect(bytesOf(delivery!)).rejects.toMatchObject(damaged);
      expect(await rig.audited()).toContainEqual({
        action: 'delivery.read',
        outcome: 'failed',
        code: 'QZ_PLATFORM_BYTES_DAMAGED',
      });
    },
  );
});
