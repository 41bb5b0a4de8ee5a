import type { Signed, Stream } from '@qianzhi/model';
import { documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { giveUpStreams } from './stream-table.js';
import { createRig, type Rig, type Signer, village } from './test-exchange.js';
import { createConsumer, type TestConsumer } from './test-receipts.js';
import { createSealer, sendAll, type TestRow } from './test-sealer.js';

let rig: Rig;
let consumer: TestConsumer;
beforeEach(async () => {
  rig = await createRig();
  consumer = createConsumer(rig);
  rig.grant('a1');
});
afterEach(() => rig.close());

const sealerOf = ({ key, caller }: Signer, stream: Stream) =>
  createSealer(stream, key, documentDigest(rig.giveDuty('village', caller.agent), intlSuite));
const row = (name: string): TestRow => ['S', '119', name, null];

async function supply(signer: Signer, epoch: number, name: string) {
  const sealer = sealerOf(signer, { resource: 'village', agent: signer.caller.agent, epoch });
  await sendAll(rig.exchange, signer.caller, await sealer.snapshot(`${name}-copy`, [row(name)]));
  return sealer;
}

/** As a change of the responsible department does. */
async function handOver(department: string): Promise<void> {
  const { db, now } = rig.context;
  await db.transaction((trx) => giveUpStreams(trx, 'village', now().toISOString()));
  rig.publish({ ...village(), department });
  rig.grant('a1', { provider: department });
}

async function received(): Promise<readonly string[]> {
  const rows = await Promise.all((await consumer.all()).map(consumer.rows));
  return rows.flat();
}

it('R009 a department that is responsible again begins anew: what it supplied before its successor counts no more', async () => {
  const sealer = await supply(rig.provider, 1, '先前');
  expect(await received()).toEqual(['S 119 先前 NULL']);
  await handOver('ga');
  await supply(await rig.addAgent('ga-1', 'ga'), 1, '其后');
  expect(await received()).toEqual(['S 119 其后 NULL']);

  await handOver('mz');
  expect(await received()).toEqual([]);
  const delta = await sealer.next({ rows: [['U', '119', '增量', null]] });
  for (const _ of ['kept in memory', 'looked up'])
    await expect(rig.exchange.sendBatch(rig.provider.caller, delta)).rejects.toMatchObject({
      kind: 'conflict',
    });
  await expect(rig.exchange.sendBatch(rig.provider.caller, delta)).rejects.toMatchObject({
    code: 'QZ_PLATFORM_EPOCH_CLOSED',
  });
  const [own] = await rig.exchange.heads(rig.provider.caller);
  const recovery = {
    type: 'recovery' as const,
    stream: sealer.stream,
    ownHead: own!.head,
    platformHead: own!.head,
    nextEpoch: 2,
    reason: 'responsible again',
    issuedAt: new Date().toISOString(),
  };
  const signed: Signed<typeof recovery> = signDocument(recovery, rig.provider.key);
  await rig.exchange.recover(rig.provider.caller, signed);
  expect(await received()).toEqual([]);
  await supply(rig.provider, 2, '重新');
  expect(await received()).toEqual(['S 119 重新 NULL']);
});
