import { deliveryName, type Grant } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMonitors } from '../monitor.js';
import type { ExchangeParts } from '../parts.js';
import { createRig, type Rig, village } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer, type SealSpec, sendAll, type TestRow } from '../test-sealer.js';
import { deliverAhead } from './deliver-ahead.js';
import { newDeliveryStreamRow } from './delivery-table.js';
import { createStandingConsumers, type Standing } from './standing.js';

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

const U = (n: number): TestRow => ['U', `11${n}`, `村${n}`, '13800138000'];
const supply = async (...specs: SealSpec[]) => {
  for (const spec of specs) await rig.exchange.sendBatch(rig.provider.caller, await sealer.next(spec));
};
const recorded = async () =>
  (await rig.context.db('deliveries').orderBy('seq')).map(({ seq }) => Number(seq));
const seqs = async (waitMs = 0) => (await consumer.poll({ waitMs })).map(({ body }) => body.seq);
/** Asks for what there is, and is then one who keeps up. */
async function keepUp(): Promise<void> {
  await supply({ rows: [U(1)] });
  expect(await seqs(20_000)).toEqual([1]);
}

describe('who keeps up', () => {
  it('has the next change made for him with the batch, and gets that very document when he asks', async () => {
    rig.grant('a1');
    await keepUp();
    await supply({ rows: [U(2)] }, { rows: [U(3)] });
    expect(await recorded()).toEqual([1, 2, 3]);
    const made = (await rig.context.db('deliveries').orderBy('seq')).map(({ document }) =>
      JSON.parse(document),
    );
    const answered = await consumer.poll({ waitMs: 20_000 });
    expect(answered).toEqual(made.slice(1));
    expect(answered[0]!.body.previous).toBe(documentDigest(made[0], intlSuite));
    expect(await consumer.rows(answered[1]!)).toEqual(['U 113 村3 13800138000']);
  });

  it('is answered in the middle of his waiting', async () => {
    rig.grant('a1');
    await keepUp();
    const waiting = seqs(20_000);
    await supply({ rows: [U(2)] });
    expect(await waiting).toEqual([2]);
    expect(await recorded()).toEqual([1, 2]);
  });

  it('gets again what did not arrive', async () => {
    rig.grant('a1');
    await keepUp();
    await supply({ rows: [U(2)] });
    const [lost] = await consumer.poll({ waitMs: 20_000 });
    expect(lost!.body.seq).toBe(2);
    await supply({ rows: [U(3)] });
    const after = [{ delivery: lost!.body.delivery, seq: 1 }];
    const again = await consumer.poll({ waitMs: 20_000, after });
    expect(again.map(({ body }) => body.seq)).toEqual([2, 3]);
    expect(again[0]).toEqual(lost);
  });

  it('gets nothing once the grant is revoked, neither made nor ready', async () => {
    rig.grant('a1');
    await keepUp();
    await supply({ rows: [U(2)] });
    rig.revoke('a1');
    await supply({ rows: [U(3)] });
    expect(await recorded()).toEqual([1, 2]);
    await expect(consumer.poll({ waitMs: 20_000 })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_GRANT_NOT_LIVE',
    });
  });

  it.each([
    ['fewer items', { items: ['code', 'name'] }],
    ['a mask', { masks: { phone: 'phone' as const } }],
    ['fewer rows', { rows: "code = '113'" }],
    ['no key', { items: ['name', 'phone'] }],
  ])('and sees %s, has nothing made before he asks', async (_what, change) => {
    rig.grant('a1', change);
    await supply({ rows: [U(3)] });
    await consumer.poll({ waitMs: 50 });
    const before = await recorded();
    await supply({ rows: [U(4)] });
    expect(await recorded()).toEqual(before);
  });

  it('gets a snapshot, another schema version and another agent’s rows by asking', async () => {
    rig.grant('a1');
    await keepUp();
    await sendAll(rig.exchange, rig.provider.caller, await sealer.snapshot('s', [['S', '119', '村9', null]]));
    expect(await recorded()).toEqual([1]);
    expect(await seqs(20_000)).toEqual([2]);
    rig.publish(village(2));
    await supply({ rows: [[...U(5), '备注'] as unknown as TestRow], schemaVersion: 2 });
    expect(await recorded()).toEqual([1, 2]);
    expect(await seqs(20_000)).toEqual([3]);
    rig.giveDuty('village', 'mz-2');
    const other = await rig.addAgent('mz-2', 'mz');
    const duty = rig.giveDuty('village', 'mz-2');
    const stream = { resource: 'village', agent: 'mz-2', epoch: 1 };
    const second = createSealer(stream, other.key, documentDigest(duty, intlSuite));
    await rig.exchange.sendBatch(other.caller, await second.next({ rows: [U(7)] }));
    const [delivery] = await consumer.poll({ waitMs: 20_000 });
    expect(delivery!.body.delivery.stream.agent).toBe('mz-2');
  });

  it('who does not wait for more has nothing made before he asks', async () => {
    rig.grant('a1');
    await supply({ rows: [U(1)] });
    expect(await seqs()).toEqual([1]);
    await supply({ rows: [U(2)] });
    expect(await recorded()).toEqual([1]);
  });

  it('misses nothing of a batch that is stored, though the way to its receipt failed', async () => {
    rig.grant('a1');
    await keepUp();
    Object.assign(rig.context, {
      failpoint(name: string) {
        if (name === 'intake:recorded') throw new Error('the connection broke');
      },
    });
    await expect(supply({ rows: [U(2)] })).rejects.toThrow('broke');
    expect(await seqs()).toEqual([2]);
  });

  it('has a delivery counted against his quota as any other', async () => {
    rig.grant('a1', { quota: { rowsPerDay: 2 } });
    await keepUp();
    await supply({ rows: [U(2)] }, { rows: [U(3)] });
    expect(await recorded()).toEqual([1, 2]);
    expect(await seqs(20_000)).toEqual([2]);
    await expect(consumer.poll({ waitMs: 20_000 })).rejects.toMatchObject({ code: 'QZ_PLATFORM_QUOTA_USED' });
  });
});

it('keeps no delivery stream to itself where one of them cannot be made', async () => {
  const monitors = createMonitors();
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const ready = ['a1', 'a2'].map((agreement) => {
    const grant = rig.grant(agreement);
    const delivery = { agreement, grantVersion: grant.body.grantVersion, stream };
    const log = newDeliveryStreamRow(delivery, grant.body, 1, '');
    return { standing: { asking: { grant, mode: 'docking' } }, stream: { delivery, log, schemaVersion: 1 } };
  });
  const usage = {
    async hasLeft({ agreement }: Grant) {
      if (agreement === 'a2') throw new Error('the database is away');
      return true;
    },
  };
  const ports = { ...rig.ports, usage };
  const parts = { context: rig.context, ports, monitors, consumers: { of: () => ready, changed() {} } };
  const { signed } = await sealer.next({ rows: [U(1)] });
  await expect(deliverAhead(parts as unknown as ExchangeParts, signed)).rejects.toThrow('away');
  for (const { stream } of ready)
    expect(monitors.enterFree(`delivery ${deliveryName(stream.delivery)}`)).toBeDefined();
});

describe('standing consumers', () => {
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const delivery = { agreement: 'a1', grantVersion: 1, stream };
  const standing = (seq: number) =>
    ({
      asking: {},
      resource: 'village',
      streams: [{ delivery, log: { seq }, schemaVersion: 1, ready: [] }],
    }) as unknown as Standing;

  it('are forgotten when they do not ask for 2 s, are not told, or are kept for 10 s', () => {
    let now = 0;
    const consumers = createStandingConsumers(() => now);
    consumers.keep('sw-1', standing(5));
    expect(consumers.of(stream)).toHaveLength(1);
    expect(consumers.of({ ...stream, epoch: 2 })).toEqual([]);
    now = 2_001;
    expect(consumers.of(stream)).toEqual([]);
    expect(consumers.after('sw-1', [{ delivery, seq: 5 }])?.deliveries).toEqual([]);
    expect(consumers.of(stream)).toHaveLength(1);
    now = 10_001;
    expect(consumers.after('sw-1', [{ delivery, seq: 5 }])).toBeUndefined();
    consumers.keep('sw-1', standing(5));
    consumers.keep('sw-2', standing(5));
    const [told] = consumers.of(stream);
    consumers.changed('village', new Set([told!.standing]));
    expect(consumers.of(stream).map((one) => one.standing)).toEqual([told!.standing]);
    consumers.changed('village');
    expect(consumers.of(stream)).toEqual([]);
  });

  it('answer nothing to a position that is not theirs', () => {
    for (const seq of [4, 6]) {
      const consumers = createStandingConsumers();
      consumers.keep('sw-1', standing(5));
      expect(consumers.after('sw-1', [{ delivery, seq }])).toBeUndefined();
    }
  });
});
