import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkShape, type Grant, type Operation, OperationSchema } from '@qianzhi/model';
import { checkReceipts } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUsageListings } from '../../usage/listings.js';
import type { Sight } from '../sight.js';
import { createRig, type Rig } from '../test-exchange.js';
import { listBegins } from './begins.js';

let rig: Rig;
let grant: Grant;
beforeEach(async () => {
  rig = await createRig({ evidenceKeepDays: 200 });
  grant = rig.grant('a1', { modes: [...modes] }).body;
});
afterEach(() => rig.close());

const all = { all: true, department: null };
const digest = `sha-256:${'0'.repeat(64)}`;
const modes = ['online-query', 'batch-download'] as const;
const run = () => rig.exchange.runRetention(rig.context.now());
const listings = () => createUsageListings(rig.context, rig.ports.agreements);
const operations = async () => (await listings().operations(all, { limit: 1000 })).toReversed();
const usage = (sight: Sight = all) => listings().usage(sight, { days: 400 });

/** So many of each mode, at this moment. */
async function useSome(count: number): Promise<void> {
  for (const mode of modes)
    for (let n = 1; n <= count; n++) {
      const done = { grant, mode, actor: rig.consumer.caller, matter: `核对${n}`, digest, rows: n };
      await rig.ports.usage.record({ ...done, bytes: 10 * n });
    }
}

function archived(): Operation[] {
  const folder = join(rig.folder, 'evidence');
  return readdirSync(folder)
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').slice(1))
    .map((line) => checkShape(OperationSchema, JSON.parse(line).operation, 'operation'));
}

it('leave with their receipts, each use keeps its newest, and usage is as before', async () => {
  await useSome(3);
  rig.advanceDays(300);
  const before = { operations: await operations(), usage: await usage() };
  expect(before.usage.map(({ mode, requests, rows, bytes }) => [mode, requests, rows, bytes])).toEqual([
    ['batch-download', 3, 6, 60],
    ['online-query', 3, 6, 60],
  ]);
  expect(await run()).toMatchObject({ archived: 4 });
  const kept = await operations();
  expect(kept.map(({ receipt: { body } }) => body.seqTo)).toEqual([3, 3]);
  expect(await rig.context.db('receipts').count({ n: '*' }).first()).toMatchObject({ n: 2 });
  const byId = (one: Operation, other: Operation) => (one.receipt.body.id < other.receipt.body.id ? -1 : 1);
  expect([...archived(), ...kept].sort(byId)).toEqual(before.operations.toSorted(byId));
  expect(await usage()).toEqual(before.usage);
  expect(await usage({ all: false, department: 'zs' })).toEqual([]);
  const { consumer } = kept[0]!;
  expect(await usage({ all: false, department: consumer })).toEqual(before.usage);
});

it('are one chain with those in archives, and the next follows', async () => {
  for (let turn = 0; turn < 3; turn++) {
    if (turn > 0) rig.advanceDays(300);
    await useSome(2);
    await run();
  }
  const kept = (await operations()).map(({ receipt }) => receipt);
  const begins = await listBegins(rig.context.db, all, {});
  const keys = await rig.context.keys.all();
  expect(kept.map(({ body }) => body.seqTo)).toEqual([5, 6, 5, 6]);
  expect(begins.map(({ subject, seqTo }) => [subject.split(' ')[0], seqTo])).toEqual([
    ['use', 4],
    ['use', 4],
  ]);
  expect(checkReceipts(kept, keys, begins)).toEqual({ verified: 4, problems: [] });
  const whole = [...archived().map(({ receipt }) => receipt), ...kept];
  expect(checkReceipts(whole, keys)).toEqual({ verified: 12, problems: [] });
});

it('stay for as long as they are kept', async () => {
  await useSome(2);
  rig.advanceDays(199);
  expect(await run()).toMatchObject({ archived: 0 });
});
