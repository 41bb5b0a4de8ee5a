import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Delivery, Signed } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../reconciliation/reconcile.js';
import { createRig, type Rig } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer, sendAll, type TestRow } from '../test-sealer.js';

let rig: Rig;
let sealer: Sealer;
let consumer: TestConsumer;
beforeEach(async () => {
  rig = await createRig({ maxLag: { days: 3, bytes: 1024 ** 3 } });
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  consumer = createConsumer(rig);
});
afterEach(() => rig.close());

const S = (n: number): TestRow => ['S', `11${n}`, `村${n}`, null];
const snapshot = async (id: string, ...parts: TestRow[][]) =>
  sendAll(rig.exchange, rig.provider.caller, await sealer.snapshot(id, ...parts));
const delta = async (n: number) =>
  rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows: [['U', `11${n}`, 'x', null]] }));
const run = () => rig.exchange.runRetention(rig.context.now());
const kept = async () =>
  (await rig.context.db('batches').whereNotNull('bytes_id').orderBy('seq').pluck('seq')).map(Number);
const sources = (found: readonly Signed<Delivery>[]) => found.map(({ body }) => body.manifest.body.seq);
const files = async () =>
  (await Promise.all(['files', 'segments'].map((f) => readdir(join(rig.folder, 'batches', f))))).flat();

describe('retention', () => {
  it('keeps all until there is a complete snapshot, then from it on; manifests and receipts stay', async () => {
    await delta(1);
    await run();
    expect(await kept()).toEqual([1]);
    await snapshot('s1', [S(1)], [S(2)]);
    await delta(3);
    await run();
    expect(await kept()).toEqual([2, 3, 4]);
    await sendAll(rig.exchange, rig.provider.caller, [
      await sealer.next({ rows: [S(1)], snapshot: { id: 's2', part: 1, last: false } }),
    ]);
    await run();
    expect(await kept()).toEqual([2, 3, 4, 5]);
    expect(await rig.context.db('batches')).toHaveLength(5);
    expect(await rig.exchange.storedReceipts(rig.provider.caller, 'village', 1, 0, 100)).toHaveLength(5);
  });

  it('removes a file when nothing in it is needed any more, and what a crash left', async () => {
    await delta(1);
    await rig.restart();
    await snapshot('s1', [S(1)]);
    expect(await files()).toHaveLength(2);
    expect(await run()).toMatchObject({ dropped: 1, filesRemoved: 1 });
    expect(await files()).toHaveLength(1);
    rig.grant('a1');
    const [delivery] = await consumer.all();
    expect(await consumer.rows(delivery!)).toEqual(['S 111 村1 NULL']);
  });

  it('keeps older bytes while a live delivery needs them, and drops them when it does not', async () => {
    rig.grant('a1');
    await delta(1);
    await delta(2);
    const [first] = await consumer.poll({ limit: 1 });
    await snapshot('s1', [S(1)]);
    await run();
    expect(await kept()).toEqual([1, 2, 3]);
    await consumer.acknowledge(consumer.receipt([first!]));
    await run();
    expect(await kept()).toEqual([2, 3]);
    rig.revoke('a1');
    await run();
    expect(await kept()).toEqual([3]);
  });

  it('lets a consumer that lags too far go on from the last snapshot, without a gap', async () => {
    rig.grant('a1');
    await snapshot('s1', [S(1)], [S(2)], [S(3)]);
    const told = await consumer.poll({ limit: 2 });
    await delta(4);
    await snapshot('s2', [S(1)], [S(2)]);
    rig.advanceDays(4);
    expect(await run()).toMatchObject({ restarted: 1 });
    expect(await run()).toMatchObject({ restarted: 0 });
    expect(await kept()).toEqual([1, 2, 5, 6]);
    expect(await consumer.rows(told[1]!)).toEqual(['S 112 村2 NULL']);
    const rest = await consumer.all();
    expect(sources(rest)).toEqual([5, 6]);
    expect(rest[0]!.body).toMatchObject({ seq: 3, previous: documentDigest(told[1]!, intlSuite) });
    expect(await rig.audited()).toContainEqual({
      action: 'delivery.restart',
      outcome: 'done',
      code: 'QZ_PLATFORM_DELIVERY_RESTARTED',
    });
    await consumer.acknowledge(consumer.receipt(rest));
    expect((await reconcile(rig.context.db, { all: true, department: null }))[0]).toMatchObject({
      balanced: true,
    });
    await run();
    expect(await kept()).toEqual([5, 6]);
  });

  it('counts the bytes a delivery lags as well', async () => {
    await rig.restart({ maxLag: { days: 100, bytes: 10 } });
    rig.grant('a1');
    await delta(1);
    await consumer.all();
    await delta(2);
    await snapshot('s1', [S(1)]);
    expect(await run()).toMatchObject({ restarted: 1 });
    expect(sources(await consumer.all())).toEqual([3]);
  });

  it('drops a projection after its final receipt and makes it again for a target that went back', async () => {
    rig.grant('a1', { items: ['code'] });
    await delta(1);
    const [delivery] = await consumer.all();
    const before = await consumer.rows(delivery!);
    await run();
    expect(await rig.context.db('deliveries').whereNotNull('bytes_id')).toHaveLength(1);
    await consumer.acknowledge(consumer.receipt([delivery!]));
    await run();
    expect(await rig.context.db('deliveries').whereNotNull('bytes_id')).toEqual([]);
    expect(await consumer.rows(delivery!)).toEqual(before);
    await snapshot('s1', [S(1)]);
    await consumer.all();
    await run();
    await expect(consumer.rows(delivery!)).rejects.toMatchObject({ code: 'QZ_PLATFORM_DELIVERY_EXPIRED' });
  });
});
