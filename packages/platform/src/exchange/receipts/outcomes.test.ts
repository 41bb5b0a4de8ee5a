import type { Delivery, Signed } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Rig } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer, type TestRow } from '../test-sealer.js';
import { outcomesOf } from './outcomes.js';

const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
const row = (op: 'S' | 'U', n: number): TestRow => [op, `11${n}`, `村${n}`, null];
let rig: Rig;
let sealer: Sealer;
let consumer: TestConsumer;

beforeEach(async () => {
  rig = await createRig();
  const duty = rig.giveDuty('village', 'mz-1');
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  consumer = createConsumer(rig);
  rig.grant('a1');
});
afterEach(() => rig.close());

const supply = async (...specs: Parameters<Sealer['next']>[0][]) => {
  for (const spec of specs) await rig.exchange.sendBatch(rig.provider.caller, await sealer.next(spec));
};
const of = (from: number, to: number) => outcomesOf(rig.context.db, 'mz', stream, { from, to });
const rejecting = (delivered: number) => ({
  counts: { delivered, inserted: delivered - 1, updated: 0, unchanged: 0, deleted: 0, rejected: 1 },
});
const a1 = { agreement: 'a1', grantVersion: 1, consumer: 'sw' };

it('counts rows of the asked batches alone: not delivered, delivered, applied and rejected', async () => {
  await supply({ rows: [row('U', 1), row('U', 2)] }, { rows: [row('U', 3)] }, { rows: [row('U', 4)] });
  const deliveries: Signed<Delivery>[] = await consumer.all();
  await consumer.acknowledge(consumer.receipt([deliveries[0]!], rejecting(2)));
  await consumer.acknowledge(consumer.receipt([deliveries[1]!]));
  const counted = { ...a1, wider: false };
  expect(await of(1, 1)).toEqual([
    { ...counted, deliveries: 1, confirmed: 1, rows: 2, applied: 1, rejected: 1 },
  ]);
  expect(await of(2, 3)).toEqual([
    { ...counted, deliveries: 2, confirmed: 1, rows: 2, applied: 1, rejected: 0 },
  ]);
  expect(await of(9, 9)).toEqual([
    { ...counted, deliveries: 0, confirmed: 0, rows: 0, applied: 0, rejected: 0 },
  ]);
  expect(await outcomesOf(rig.context.db, 'mz', { ...stream, agent: 'ga-1' }, { from: 1, to: 9 })).toEqual(
    [],
  );
});

it('says where a receipt speaks of other batches, too', async () => {
  await supply({ rows: [row('U', 1)] }, { rows: [row('U', 2)] });
  await consumer.acknowledge(consumer.receipt(await consumer.all()));
  expect(await of(2, 2)).toEqual([
    { ...a1, deliveries: 1, confirmed: 1, rows: 1, applied: 2, rejected: 0, wider: true },
  ]);
  expect(await of(1, 2)).toMatchObject([{ rows: 2, applied: 2, wider: false }]);
});

it('of a grant that ended before there was anything for it nothing is said', async () => {
  await supply({ rows: [row('U', 1)] });
  const [first] = await consumer.all();
  rig.revoke('a1');
  const refused = { stage: 'rejected', reason: 'revoked', counts: undefined } as const;
  await consumer.acknowledge(consumer.receipt([first!], refused));
  await supply({ rows: [row('U', 2)] });
  expect(await of(1, 1)).toMatchObject([{ ...a1, confirmed: 1, applied: 0, rejected: 1 }]);
  expect(await of(2, 2)).toEqual([]);
});

it('is told of the deliveries of the own department alone, not of what goes on under the grants of another', async () => {
  await supply({ rows: [row('U', 1)] });
  await consumer.all();
  await rig.context.db('delivery_streams').insert({
    ...(await rig.context.db('delivery_streams').first()),
    agreement: 'a9',
    provider: 'ga',
  });
  expect(await of(1, 1)).toMatchObject([a1]);
  expect(await outcomesOf(rig.context.db, 'ga', stream, { from: 1, to: 1 })).toMatchObject([
    { agreement: 'a9' },
  ]);
});
