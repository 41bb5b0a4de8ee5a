import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchManifest, Delivery, Receipt, Signed } from '@qianzhi/model';
import { checkReceipts, documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlatformFailpoint } from '../../server/failpoint.js';
import { createUsageListings } from '../../usage/listings.js';
import { withArchived } from '../receipts/archived-receipts.js';
import { reconcile } from '../reconciliation/reconcile.js';
import { createRig, type Rig } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer, type TestRow } from '../test-sealer.js';
import { listBegins } from './begins.js';

let rig: Rig;
let sealer: Sealer;
let consumer: TestConsumer;
let given: Signed<Receipt>[];
beforeEach(async () => {
  rig = await createRig({ evidenceKeepDays: 200 });
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const duty = rig.giveDuty('village', 'mz-1');
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  consumer = createConsumer(rig);
  given = [];
  rig.grant('a1', { validTo: new Date(Date.now() + 2000 * 86_400_000).toISOString() });
});
afterEach(() => rig.close());

const all = { all: true, department: null };
const row = (op: 'S' | 'U', n: number): TestRow => [op, `11${n}`, `村${n}`, null];
const now = () => rig.context.now().toISOString();

/** A whole copy in two parts and three changes, supplied and applied at this moment. */
async function exchangeSome(snapshot: string): Promise<Signed<Delivery>[]> {
  const parts = await sealer.snapshot(snapshot, [row('S', 1)], [row('S', 2)]);
  for (const batch of parts) await rig.exchange.sendBatch(rig.provider.caller, batch);
  for (const n of [3, 4, 5])
    await rig.exchange.sendBatch(
      rig.provider.caller,
      await sealer.next({ rows: [row('U', n)], rejected: 1 }),
    );
  const deliveries = await consumer.all();
  const copy = deliveries.slice(0, 2);
  const staged = consumer.receipt(copy.slice(0, 1), { stage: 'staged', counts: undefined, issuedAt: now() });
  await acknowledge(staged);
  await acknowledge(consumer.receipt(copy, { issuedAt: now() }));
  for (const one of deliveries.slice(2)) await acknowledge(consumer.receipt([one], { issuedAt: now() }));
  return deliveries;
}

async function acknowledge(receipt: Signed<Receipt>): Promise<void> {
  await consumer.acknowledge(receipt);
  given.push(receipt);
}

const run = () => rig.exchange.runRetention(rig.context.now());
const folder = () => join(rig.folder, 'evidence');
const counted = async (...tables: string[]) =>
  Promise.all(
    tables.map(async (table) => Number((await rig.context.db(table).count({ n: '*' }).first())?.n)),
  );
const sums = () => reconcile(rig.context.db, all);
const usage = () =>
  createUsageListings(rig.context, rig.ports.agreements).usage(all, { days: 400, agreement: 'a1' });
const listed = () => rig.exchange.listings.receipts(all, { limit: 1000 });
const keys = () => rig.context.keys.all();

type Line = {
  readonly receipt?: Signed<Receipt>;
  readonly manifest?: Signed<BatchManifest>;
  readonly delivery?: Signed<Delivery>;
};
const archived = (): Line[] =>
  readdirSync(folder())
    .sort()
    .flatMap((file) => readFileSync(join(folder(), file), 'utf8').trimEnd().split('\n').slice(1))
    .map((line) => JSON.parse(line));
const documents = <K extends keyof Line>(kind: K) => archived().flatMap((line) => line[kind] ?? []);

describe('evidence that is old enough', () => {
  it('stays for as long as it is kept, to the end of its month', async () => {
    await exchangeSome('s1');
    rig.advanceDays(199);
    await exchangeSome('s2');
    expect(await run()).toMatchObject({ archived: 0 });
    expect(await counted('batches', 'deliveries', 'receipts')).toEqual([10, 10, 20]);
  });

  it('leaves the tables for a file, and sums, usage and chains are as before', async () => {
    await exchangeSome('s1');
    rig.advanceDays(300);
    await exchangeSome('s2');
    const before = { sums: await sums(), usage: await usage(), receipts: await listed() };
    expect(before.sums).toMatchObject([{ balanced: true }]);
    const { archived: moved } = await run();
    expect(await counted('batches', 'deliveries', 'receipts')).toEqual([5, 5, 10]);
    expect(moved).toBe(5 + 5 + 10);

    expect(await sums()).toEqual(before.sums);
    expect(await usage()).toEqual(before.usage);
    const kept = await listed();
    const begins = await listBegins(rig.context.db, all, {});
    expect(begins.map(({ issuer, seqTo }) => [issuer, seqTo])).toEqual(
      expect.arrayContaining([
        ['platform', 5],
        ['sw-1', 5],
      ]),
    );
    expect(checkReceipts(kept, await keys(), begins)).toEqual({ verified: 10, problems: [] });
    expect(checkReceipts(kept, await keys()).problems.map(({ code }) => code)).toContain('chain-broken');
    const whole = [...documents('receipt'), ...kept];
    expect(whole).toEqual(before.receipts);
    expect(checkReceipts(whole, await keys(), begins)).toEqual({ verified: 20, problems: [] });

    const next = JSON.parse((await rig.context.db('batches').orderBy('seq').first('manifest')).manifest);
    expect(next.body.previous).toBe(documentDigest(documents('manifest').at(-1)!, intlSuite));
    const [archive] = await rig.context.db('evidence_archives');
    const content = readFileSync(join(folder(), archive.file));
    expect(archive.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(await rig.audited()).toContainEqual({
      action: 'evidence.archive',
      outcome: 'done',
      code: undefined,
    });
    expect(await run()).toMatchObject({ archived: 0 });
  });

  it('goes on in a further file, and both sides go on where they are', async () => {
    for (const [at, snapshot] of ['s1', 's2', 's3'].entries()) {
      if (at > 0) rig.advanceDays(300);
      await exchangeSome(snapshot);
      await run();
    }
    expect(readdirSync(folder())).toHaveLength(2);
    expect(await counted('batches', 'deliveries')).toEqual([5, 5]);
    const whole = [...documents('receipt'), ...(await listed())];
    expect(checkReceipts(whole, await keys())).toEqual({ verified: 30, problems: [] });
    const [found] = await sums();
    expect(found).toMatchObject({
      balanced: true,
      read: 24,
      stored: 15,
      deliveries: [{ sent: 15, confirmed: 15 }],
    });
    rig.grant('a2', { validTo: new Date(Date.now() + 2000 * 86_400_000).toISOString() });
    const late = createConsumer(rig);
    const poll = { agreement: 'a2' };
    expect((await late.poll(poll)).map(({ body }) => body.manifest.body.seq)).toEqual([11, 12, 13, 14, 15]);
  });

  it('keeps what is not final, however old', async () => {
    await rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows: [row('U', 1)] }));
    await consumer.all();
    rig.advanceDays(300);
    await rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows: [row('U', 2)] }));
    await run();
    expect(await counted('batches', 'deliveries')).toEqual([2, 1]);
  });

  it('keeps the newest receipt of each chain, also of one agent under several agreements', async () => {
    rig.grant('a2');
    const sides = ['a1', 'a2'].map((agreement) => ({ agreement, side: createConsumer(rig) }));
    const exchangeOne = async (n: number) => {
      await rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows: [row('U', n)] }));
      for (const { agreement, side } of sides) {
        const [delivery] = await side.poll({ agreement });
        expect(await side.acknowledge(side.receipt([delivery!], { issuedAt: now() }))).toBe(1);
      }
    };
    await exchangeOne(1);
    await exchangeOne(2);
    rig.advanceDays(300);
    await run();
    expect(documents('receipt').map(({ body }) => [body.issuer, body.seqTo])).toEqual([
      ['platform', 1],
      ['sw-1', 1],
      ['sw-1', 1],
    ]);
    await exchangeOne(3);
    expect(checkReceipts([...documents('receipt'), ...(await listed())], await keys()).problems).toEqual([]);
  });
});

describe('what is in an archive', () => {
  beforeEach(async () => {
    await exchangeSome('s1');
    rig.advanceDays(300);
    await exchangeSome('s2');
    await run();
  });

  it('is known when its receipts are handed in again, and nothing else is taken for it', async () => {
    const rows = await counted('receipts');
    expect(await rig.exchange.acknowledge(rig.consumer.caller, given.slice(0, 5))).toBe(5);
    expect(await counted('receipts')).toEqual(rows);
    const { body } = given[2]!;
    const counts = { ...body.counts!, inserted: 0, unchanged: 1 };
    const other = consumer.receipt(await fake(body), { ...body, id: 'other', counts });
    await expect(rig.exchange.acknowledge(rig.consumer.caller, [other])).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RECEIPT_CONFLICT',
    });
    const anew = consumer.receipt(await fake(body), { ...body, id: 'anew' });
    expect(await rig.exchange.acknowledge(rig.consumer.caller, [anew])).toBe(1);
    expect(await sums()).toMatchObject([{ balanced: true }]);
  });

  it('is read between transactions, and only where the receipts are that were asked for', async () => {
    const [file] = readdirSync(folder());
    const path = join(folder(), file!);
    const content = readFileSync(path, 'utf8');
    const { offset, length } = await rig.context.db('evidence_places').where({ issuer: 'sw-1' }).first();
    const [before, after] = [Number(offset), Number(offset) + Number(length)];
    const bytes = Buffer.from(content);
    bytes.fill('#', 0, before).fill('#', after);
    writeFileSync(path, bytes);
    let transactions = 0;
    const found = await withArchived(rig.context, [given[0]!.body], (archive) =>
      rig.context.db.transaction((trx) => {
        transactions++;
        return archive.like(trx, given[0]!.body);
      }),
    );
    expect(found).toEqual([given[0]]);
    expect(transactions).toBe(2);
  });

  it('is not read for a receipt about something else', async () => {
    rmSync(folder(), { recursive: true });
    const { body } = given.at(-1)!;
    const counts = { ...body.counts!, inserted: 0, unchanged: 1 };
    const other = signDocument({ ...body, id: 'other', previous: 'nothing', counts }, rig.consumer.key);
    await expect(rig.exchange.acknowledge(rig.consumer.caller, [other])).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RECEIPT_CONFLICT',
    });
  });

  const fake = async ({ subject }: Receipt) => {
    const delivery = 'delivery' in subject ? subject.delivery : undefined;
    return [
      { body: { delivery, seq: 1, manifest: { body: { rows: 0, rowsDigest: '' } } } },
    ] as unknown as Signed<Delivery>[];
  };

  it('is not delivered to a target that went back so far', async () => {
    const back = createConsumer(rig);
    await expect(back.poll()).rejects.toMatchObject({ code: 'QZ_PLATFORM_DELIVERY_EXPIRED' });
  });
});

describe('a platform killed while it archives', () => {
  it.each(['archive:appended', 'archive:removed'] as const)(
    'at %s goes on and ends with the same file',
    async (point) => {
      await exchangeSome('s1');
      rig.advanceDays(300);
      await exchangeSome('s2');
      const before = await listed();
      const context = rig.context as { failpoint?: (name: PlatformFailpoint) => void };
      for (let passed = 0; passed < 3; passed++) {
        context.failpoint = (name) => {
          if (name === point) throw new Error('killed');
        };
        await expect(run()).rejects.toThrow('killed');
        delete context.failpoint;
        await rig.restart();
      }
      await run();
      expect(await counted('batches', 'deliveries', 'receipts')).toEqual([5, 5, 10]);
      expect([...documents('receipt'), ...(await listed())]).toEqual(before);
      expect(documents('manifest').map(({ body }) => body.seq)).toEqual([1, 2, 3, 4, 5]);
      expect(documents('delivery').map(({ body }) => body.seq)).toEqual([1, 2, 3, 4, 5]);
      expect(await sums()).toMatchObject([
        { balanced: true, read: 16, deliveries: [{ sent: 10, confirmed: 10 }] },
      ]);
    },
  );
});
