import type { Delivery, Receipt, Signed } from '@qianzhi/model';
import { documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../reconciliation/reconcile.js';
import { createRig, newPair, type Rig } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer, type TestRow } from '../test-sealer.js';

let rig: Rig;
let sealer: Sealer;
let consumer: TestConsumer;
let deliveries: Signed<Delivery>[];
beforeEach(async () => {
  rig = await createRig();
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  consumer = createConsumer(rig);
  rig.grant('a1');
});
afterEach(() => rig.close());

const row = (op: 'S' | 'U', n: number): TestRow => [op, `11${n}`, `村${n}`, null];
const supply = async (...specs: Parameters<Sealer['next']>[0][]) => {
  for (const spec of specs) await rig.exchange.sendBatch(rig.provider.caller, await sealer.next(spec));
};
const all = { all: true, department: null };

describe('receipts of a consumer', () => {
  beforeEach(async () => {
    await supply(
      { rows: [row('U', 1), row('U', 2)], rejected: 1 },
      { rows: [row('U', 3)] },
      { rows: [row('U', 4)] },
    );
    deliveries = await consumer.all();
  });

  it('are taken in order, alone or over a range; repeats are harmless', async () => {
    const [first, second, third] = deliveries;
    const one = consumer.receipt([first!]);
    expect(await consumer.acknowledge(one)).toBe(1);
    expect(await consumer.acknowledge(one)).toBe(1);
    const rest = consumer.receipt([second!, third!]);
    expect(await consumer.acknowledge(rest)).toBe(1);
    expect(await consumer.acknowledge(one, rest)).toBe(2);
    expect(await rig.context.db('receipts').where({ stage: 'applied' })).toHaveLength(2);
  });

  it('that come together go on from each other, up to one that is wrong', async () => {
    const [first, second, third] = deliveries;
    const digest = (receipt: Signed<Receipt>) => documentDigest(receipt, intlSuite);
    const one = consumer.receipt([first!]);
    const two = consumer.receipt([second!], { previous: digest(one) });
    const wrong = consumer.receipt([third!], { previous: digest(one) });
    const chain = { code: 'QZ_PLATFORM_RECEIPT_CHAIN' };
    await expect(consumer.acknowledge(one, two, wrong)).rejects.toMatchObject(chain);
    const taken = await rig.context.db('delivery_streams').first('staged_seq', 'final_seq');
    expect(Object.values(taken).map(Number)).toEqual([2, 2]);
    const right = consumer.receipt([third!], { previous: digest(two) });
    expect(await consumer.acknowledge(two, right)).toBe(2);
    expect(await reconcile(rig.context.db, all)).toMatchObject([{ balanced: true }]);
  });

  it('balance in the reconciliation, where each side sees its own', async () => {
    const counts = { delivered: 2, inserted: 1, updated: 0, unchanged: 0, deleted: 0, rejected: 1 };
    await consumer.acknowledge(consumer.receipt([deliveries[0]!], { counts }));
    const [found] = await reconcile(rig.context.db, all);
    expect(found).toMatchObject({
      read: 5,
      rejected: 1,
      stored: 4,
      balanced: true,
      problems: [],
      deliveries: [{ agreement: 'a1', consumer: 'sw', sent: 3, confirmed: 1, rows: 4, counts }],
    });
    expect(await reconcile(rig.context.db, { all: false, department: 'mz' })).toEqual([found]);
    const [theirs] = await reconcile(rig.context.db, { all: false, department: 'sw' });
    expect(theirs).toMatchObject({ read: 4, rejected: 0, stored: 4, deliveries: found!.deliveries });
    expect(await reconcile(rig.context.db, { all: false, department: 'ga' })).toEqual([]);
    const { listings } = rig.exchange;
    const stages = async (department: string) =>
      (await listings.receipts({ all: false, department }, { limit: 100 })).map((r) => r.body.stage);
    expect(await stages('mz')).toEqual(['stored', 'stored', 'stored', 'applied']);
    expect(await stages('sw')).toEqual(['applied']);
    expect(await stages('ga')).toEqual([]);
  });

  it.each([
    ['read', 'batches', { read_rows: 9 }, /read 9 ≠ stored|read \d+ ≠ stored/],
    ['a lost receipt', 'receipts', null, /stored 4 ≠ receipted 0/],
    ['delivered', 'receipts', { inserted: 7 }, /a1\/1: delivered 4 ≠ applied/],
    ['a lost manifest', 'deliveries', null, /0 deliveries, head is batch 3/],
  ] as const)('an imbalance is named: %s', async (_what, table, change, problem) => {
    await consumer.acknowledge(consumer.receipt(deliveries));
    const rows = rig.context.db(table);
    if (change === null) await (table === 'receipts' ? rows.where({ stage: 'stored' }) : rows).delete();
    else await rows.update(change);
    const [found] = await reconcile(rig.context.db, all);
    expect(found!.balanced).toBe(false);
    expect(found!.problems.join('\n')).toMatch(problem);
  });

  const digest = `sha-256:${'A'.repeat(43)}`;
  const wrong: [string, string, (d: Signed<Delivery>[]) => Partial<Receipt>][] = [
    ['another rows digest', 'QZ_PLATFORM_RECEIPT_DIFFERS', () => ({ rowsDigests: [digest] })],
    [
      'a digest too few',
      'QZ_PLATFORM_RECEIPT_DIFFERS',
      (d) => ({ seqTo: 2, rowsDigests: [d[0]!.body.manifest.body.rowsDigest] }),
    ],
    ['other rows', 'QZ_PLATFORM_RECEIPT_DIFFERS', () => ({ rows: 3 })],
    ['no counts', 'QZ_PLATFORM_RECEIPT_DIFFERS', () => ({ counts: undefined })],
    [
      'counts that do not balance',
      'QZ_PLATFORM_RECEIPT_UNBALANCED',
      () => ({ counts: { delivered: 2, inserted: 1, updated: 0, unchanged: 0, deleted: 0, rejected: 0 } }),
    ],
    [
      'a batch left out',
      'QZ_PLATFORM_RECEIPT_GAP',
      (d) => ({ seqFrom: 2, seqTo: 2, rows: 1, rowsDigests: [d[1]!.body.manifest.body.rowsDigest] }),
    ],
    ['more than was delivered', 'QZ_PLATFORM_DELIVERY_UNKNOWN', () => ({ seqTo: 9 })],
    ['another receipt before it', 'QZ_PLATFORM_RECEIPT_CHAIN', () => ({ previous: digest })],
    ['another issuer', 'QZ_PLATFORM_RECEIPT_ISSUER', () => ({ issuer: 'sw-9' })],
    ['stage stored', 'QZ_PLATFORM_RECEIPT_ISSUER', () => ({ stage: 'stored' })],
  ];
  it.each(wrong)('with %s are refused', async (_what, code, change) => {
    const receipt = consumer.receipt([deliveries[0]!], change(deliveries));
    await expect(consumer.acknowledge(receipt)).rejects.toMatchObject({ code });
    expect(await rig.context.db('receipts').whereNot({ stage: 'stored' })).toEqual([]);
    expect(await consumer.acknowledge(consumer.receipt([deliveries[0]!]))).toBe(1);
  });

  it('are refused under a key of another department, and with a signature that does not fit', async () => {
    const receipt = consumer.receipt([deliveries[0]!]);
    const stranger = await rig.addAgent('ga-1', 'ga');
    const forged = signDocument({ ...receipt.body, issuer: 'ga-1' }, stranger.key);
    await expect(rig.exchange.acknowledge(rig.consumer.caller, [forged])).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RECEIPT_ISSUER',
    });
    await expect(rig.exchange.acknowledge(stranger.caller, [forged])).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DELIVERY_UNKNOWN',
    });
    const broken = { ...receipt, body: { ...receipt.body, rows: 3 } };
    await expect(consumer.acknowledge(broken)).rejects.toMatchObject({ code: 'QZ_MODEL_SIGNATURE_WRONG' });
    const unknown = signDocument(receipt.body, newPair().key);
    await expect(consumer.acknowledge(unknown)).rejects.toMatchObject({ code: 'QZ_MODEL_KEY_UNKNOWN' });
  });

  it('that contradict one held already are refused and raised', async () => {
    const held = consumer.receipt([deliveries[0]!]);
    await consumer.acknowledge(held);
    const counts = { delivered: 2, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 2 };
    const conflict = { code: 'QZ_PLATFORM_RECEIPT_CONFLICT', kind: 'integrity' };
    const other = consumer.receipt([deliveries[0]!], { counts, previous: null });
    await expect(rig.exchange.acknowledge(rig.consumer.caller, [other])).rejects.toMatchObject(conflict);
    const taken = consumer.receipt([deliveries[1]!], { id: held.body.id });
    await expect(rig.exchange.acknowledge(rig.consumer.caller, [taken])).rejects.toMatchObject(conflict);
    expect(await rig.audited()).toContainEqual({
      action: 'receipt.acknowledge',
      outcome: 'failed',
      code: 'QZ_PLATFORM_RECEIPT_CONFLICT',
    });
  });

  it('of a restored target that applied again are kept as evidence and counted once', async () => {
    await consumer.acknowledge(consumer.receipt([deliveries[0]!]));
    const counts = { delivered: 2, inserted: 0, updated: 0, unchanged: 2, deleted: 0, rejected: 0 };
    await consumer.acknowledge(consumer.receipt([deliveries[0]!], { counts }));
    await consumer.acknowledge(consumer.receipt(deliveries.slice(1)));
    const [found] = await reconcile(rig.context.db, all);
    expect(found).toMatchObject({
      balanced: true,
      deliveries: [{ rows: 4, counts: { delivered: 4, inserted: 4 } }],
    });
    expect(await rig.context.db('receipts').where({ stage: 'applied' })).toHaveLength(3);
  });

  it('written anew by an agent that lost its memory state the same, and go on from there', async () => {
    const first = consumer.receipt([deliveries[0]!]);
    await consumer.acknowledge(first);
    await consumer.acknowledge(consumer.receipt([deliveries[1]!]));
    const previous = documentDigest(first, intlSuite);
    await consumer.acknowledge(consumer.receipt([deliveries[1]!], { previous }));
    expect(await consumer.acknowledge(consumer.receipt([deliveries[2]!]))).toBe(1);
    const counts = { delivered: 1, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 1 };
    const broken = consumer.receipt([deliveries[2]!], { previous, counts });
    expect(await consumer.acknowledge(broken).catch((error) => error.code)).toBe(
      'QZ_PLATFORM_RECEIPT_CONFLICT',
    );
  });

  it('a rejected one for revocation closes the sequence, also after the grant has ended', async () => {
    await consumer.acknowledge(consumer.receipt([deliveries[0]!]));
    rig.revoke('a1');
    const end = consumer.receipt(deliveries.slice(1), {
      stage: 'rejected',
      reason: 'revoked',
      counts: undefined,
    });
    expect(await consumer.acknowledge(end)).toBe(1);
    const [found] = await reconcile(rig.context.db, all);
    expect(found).toMatchObject({
      balanced: true,
      deliveries: [{ confirmed: 3, counts: { delivered: 4, inserted: 2, rejected: 2 } }],
    });
    expect(await rig.context.db('delivery_streams').pluck('state')).toEqual(['closed']);
  });
});

describe('receipts of a snapshot', () => {
  const part = (n: number, id: string, last?: number) => ({
    rows: [row('S', n)],
    snapshot: {
      id,
      part: n,
      last: last !== undefined,
      ...(last ? { totals: { parts: n, rows: last } } : {}),
    },
  });
  const staged = (...range: Signed<Delivery>[]) =>
    consumer.receipt(range, { stage: 'staged', counts: undefined });

  it('staged for each part, then applied for all', async () => {
    await supply(part(1, 's1'), part(2, 's1'), part(3, 's1', 3));
    deliveries = await consumer.all();
    await consumer.acknowledge(staged(deliveries[0]!));
    await expect(
      rig.exchange.acknowledge(rig.consumer.caller, [staged(deliveries[2]!)]),
    ).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RECEIPT_GAP',
    });
    await consumer.acknowledge(staged(deliveries[1]!));
    await consumer.acknowledge(consumer.receipt(deliveries));
    const [found] = await reconcile(rig.context.db, all);
    expect(found).toMatchObject({ balanced: true, deliveries: [{ sent: 3, confirmed: 3, rows: 3 }] });
  });

  it('revoked before its end: the staged parts are rejected, aborted ones before them included', async () => {
    await supply(part(1, 's1'));
    const aborted = await consumer.all();
    await supply(part(1, 's2'));
    await consumer.acknowledge(staged(...aborted));
    deliveries = [...aborted, ...(await consumer.all())];
    rig.revoke('a1');
    const end = consumer.receipt(deliveries, { stage: 'rejected', reason: 'revoked', counts: undefined });
    expect(await consumer.acknowledge(end)).toBe(1);
    const [found] = await reconcile(rig.context.db, all);
    expect(found).toMatchObject({
      balanced: true,
      deliveries: [{ rows: 2, confirmed: 2, counts: { rejected: 2 } }],
    });
  });

  it('the parts of an aborted one need no final receipt', async () => {
    await supply(part(1, 's1'));
    const aborted = await consumer.all();
    await consumer.acknowledge(staged(...aborted));
    await supply(part(1, 's2'), part(2, 's2', 2));
    deliveries = await consumer.all();
    await consumer.acknowledge(staged(deliveries[0]!));
    await consumer.acknowledge(consumer.receipt(deliveries));
    const [found] = await reconcile(rig.context.db, all);
    expect(found).toMatchObject({ balanced: true, deliveries: [{ sent: 3, confirmed: 2, rows: 2 }] });
  });
});
