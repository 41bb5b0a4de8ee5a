import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { afterChanges, findBatch } from '../batch-table.js';
import { createRig, type Rig } from '../test-exchange.js';
import { createConsumer } from '../test-receipts.js';
import { createSealer, sendAll, type TestRow } from '../test-sealer.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

it('deliveries are whole copies alone where the key is not granted: changes would name no row', async () => {
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  const consumer = createConsumer(rig);
  const copy = async (id: string, ...codes: number[]) => {
    const rows: TestRow[] = codes.map((n) => ['S', `11${n}`, `村${n}`, null]);
    await sendAll(rig.exchange, rig.provider.caller, await sealer.snapshot(id, rows));
  };
  rig.grant('a1', { items: ['name'], modes: ['sftp'] });
  await copy('s-1', 1, 2);
  for (const row of [
    ['U', '113', '村3', null],
    ['D', '111', null, null],
  ] satisfies TestRow[])
    await rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows: [row] }));
  expect((await consumer.all()).map(({ body }) => body.manifest.body.seq)).toEqual([1]);
  await copy('s-2', 2, 3);
  const [second] = await consumer.all();
  expect(second!.body).toMatchObject({ seq: 2, manifest: { body: { seq: 4, kind: 'snapshot' } } });
  expect(await consumer.rows(second!)).toEqual(['S 村2', 'S 村3']);
  expect(await consumer.all()).toEqual([]);
});

it('a copy that is stored while changes are passed over is not passed over', async () => {
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  const { db } = rig.context;
  await rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows: [['U', '111', '村', null]] }));
  const change = (await findBatch(db, stream, 1))!;
  const passing = afterChanges(db, change);
  // comes between its statements
  await db('batches').insert({ ...change, id: 'copy', seq: 2, kind: 'snapshot' });
  expect(await passing).toBe(2);
});
