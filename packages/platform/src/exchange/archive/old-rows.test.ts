import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUsageListings } from '../../usage/listings.js';
import { reconcile } from '../reconciliation/reconcile.js';
import { createRig, type Rig } from '../test-exchange.js';
import { createConsumer } from '../test-receipts.js';
import { createSealer, sendAll } from '../test-sealer.js';
import { oldRows } from './old-rows.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

const all = { all: true, department: null };
const place = { file: 'evidence.jsonl', offset: 0, length: 1 };
const counts = {
  sums: [/evidence_sums/, () => reconcile(rig.context.db, all)],
  usage: [/operations/, () => createUsageListings(rig.context, rig.ports.agreements).usage(all, { days: 2 })],
} as const;

it.each(['sums', 'usage'] as const)('are in %s once while they leave the tables', async (kind) => {
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  const consumer = createConsumer(rig);
  rig.grant('a1');
  for (const id of ['s1', 's2']) {
    await sendAll(rig.exchange, rig.provider.caller, await sealer.snapshot(id, [['S', '119', '村', null]]));
    await consumer.acknowledge(consumer.receipt(await consumer.all()));
  }
  await rig.exchange.runRetention(rig.context.now());

  const { db } = rig.context;
  const [first, count] = counts[kind];
  const before = await count();
  const left: string[] = [];
  for await (const { lines, remove } of oldRows(db, new Date(Date.now() + 86_400_000).toISOString())) {
    let moved: Promise<void> | undefined;
    // as soon as the first of what is counted is read
    const move = ({ sql }: { readonly sql: string }) => {
      if (first.test(sql)) moved ??= db.transaction((trx) => remove(trx, place));
    };
    db.on('query', move);
    const meanwhile = await count();
    db.removeListener('query', move);
    await moved;
    expect(meanwhile).toEqual(before);
    left.push(...lines.map((line) => Object.keys(JSON.parse(line))[0]!));
  }
  expect(left).toEqual(['receipt', 'receipt', 'delivery', 'manifest']);
  expect(await count()).toEqual(before);
});
