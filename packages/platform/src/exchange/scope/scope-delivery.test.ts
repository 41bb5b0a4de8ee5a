import type { Delivery, Signed } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, village } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer, sendAll, type TestRow } from '../test-sealer.js';

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

const rows = "name = '内' and phone is not null";
const S = (n: number, name: string): TestRow => ['S', `11${n}`, name, '1'];
const U = (n: number, name: string): TestRow => ['U', `11${n}`, name, '1'];
const D = (n: number): TestRow => ['D', `11${n}`, null, null];
const delta = async (...list: TestRow[]) =>
  rig.exchange.sendBatch(rig.provider.caller, await sealer.next({ rows: list }));
const snapshot = async (id: string, ...parts: TestRow[][]) =>
  sendAll(rig.exchange, rig.provider.caller, await sealer.snapshot(id, ...parts));
const shown = async (deliveries: readonly Signed<Delivery>[]) => {
  const lists: string[][] = [];
  for (const one of deliveries) lists.push(await consumer.rows(one));
  return lists;
};

describe('a delivery under a row scope', () => {
  it('mentions a row only as far as the agreement holds it', async () => {
    rig.grant('a1', { rows });
    await delta(U(1, '内'), U(2, '外'), D(3));
    await delta(U(1, '外'), U(2, '外'), U(3, '内'));
    await delta(U(1, '外'), D(2), D(3));
    await delta(D(3), U(2, '外'));
    const deliveries = await consumer.all();
    expect(await shown(deliveries)).toEqual([
      ['U 111 内 1'],
      ['D 111 NULL NULL', 'U 113 内 1'],
      ['D 113 NULL NULL'],
      [],
    ]);
    expect(deliveries.map(({ body }) => body.manifest.body.rows)).toEqual([1, 2, 1, 0]);
    expect(deliveries.every(({ body }) => body.projected)).toBe(true);
  });

  it('has the rows of a snapshot that are in scope, with totals of its own, and what was held before is gone', async () => {
    rig.grant('a1', { rows, items: ['code', 'name'], masks: { code: 'pseudonym' } });
    await delta(U(1, '内'), U(2, '内'));
    const early = await consumer.all();
    await snapshot('s1', [S(1, '内'), S(2, '外')], [S(3, '外')], [S(4, '内')]);
    await delta(U(1, '外'), U(2, '外'), U(4, '外'));
    const deliveries = [...early, ...(await consumer.all())];
    const counts = deliveries.map(({ body }) => body.manifest.body.rows);
    expect(counts).toEqual([2, 1, 0, 1, 2]);
    expect(deliveries[3]!.body.manifest.body.snapshot).toEqual({
      id: 's1',
      part: 3,
      last: true,
      totals: { parts: 3, rows: 2 },
    });
    const [, first, , last, removed] = await shown(deliveries);
    const names = [first![0]!, last![0]!].map((row) => row.split(' ')[1]);
    expect(removed).toEqual(names.map((name) => `D ${name} NULL`));
  });

  it('an aborted snapshot leaves what was held', async () => {
    rig.grant('a1', { rows });
    await snapshot('s1', [S(1, '内')]);
    await sendAll(rig.exchange, rig.provider.caller, [
      await sealer.next({ rows: [S(2, '内')], snapshot: { id: 's2', part: 1, last: false } }),
    ]);
    await consumer.all();
    await snapshot('s3', [S(3, '内')]);
    await delta(U(1, '外'), U(2, '外'), U(3, '外'));
    expect((await shown(await consumer.all())).at(-1)).toEqual(['D 113 NULL NULL']);
    await rig.exchange.runRetention(rig.context.now());
    expect(await rig.context.db('held_sets').pluck('state')).toEqual(['held']);
    expect(await rig.context.db('held_keys')).toEqual([]);
  });

  it('goes on after a restart, and is made again alike after its bytes were dropped', async () => {
    rig.grant('a1', { rows });
    await delta(U(1, '内'), U(2, '内'));
    const [first] = await consumer.poll();
    await rig.restart();
    await delta(U(1, '外'), U(3, '外'), D(2));
    const [second] = await consumer.poll();
    const before = await shown([first!, second!]);
    expect(before[1]).toEqual(['D 111 NULL NULL', 'D 112 NULL NULL']);
    await consumer.acknowledge(consumer.receipt([first!, second!]));
    await rig.exchange.runRetention(rig.context.now());
    expect(await rig.context.db('deliveries').whereNotNull('bytes_id')).toEqual([]);
    expect(await shown([first!, second!])).toEqual(before);
  });

  it.each([
    ['all rows', {}],
    ['other rows', { rows: "name = '外'" }],
  ])('under a new version takes back what the one before had brought: %s', async (_, earlier) => {
    rig.grant('a1', earlier);
    await delta(U(1, '外'), U(2, '内'));
    await consumer.all();
    rig.grant('a1', { rows });
    await rig.exchange.runRetention(rig.context.now());
    await delta(U(3, '外'));
    const lists = await shown(await consumer.all());
    expect(lists).toEqual([['D 111 NULL NULL', 'U 112 内 1'], []]);
  });

  it('refuses a delta of a resource without a key, and delivers its snapshots', async () => {
    const { items, ...rest } = village();
    rig.publish({ ...rest, schemaVersion: 2, items: items.map(({ key, ...item }) => item) });
    rig.grant('a1', { rows });
    await sendAll(rig.exchange, rig.provider.caller, [
      await sealer.next({
        rows: [S(1, '内'), S(1, '外'), S(1, '内')],
        schemaVersion: 2,
        snapshot: { id: 's1', part: 1, last: true, totals: { parts: 1, rows: 3 } },
      }),
    ]);
    expect(await shown(await consumer.all())).toEqual([['S 111 内 1', 'S 111 内 1']]);
    await rig.exchange.sendBatch(
      rig.provider.caller,
      await sealer.next({ rows: [U(1, '内')], schemaVersion: 2 }),
    );
    await expect(consumer.poll()).rejects.toMatchObject({ code: 'QZ_PLATFORM_SCOPE_NEEDS_KEY' });
  });

  it('what was held is forgotten with the agreement', async () => {
    rig.grant('a1', { rows });
    await delta(U(1, '内'));
    await consumer.all();
    expect(await rig.context.db('held_keys')).toHaveLength(1);
    rig.revoke('a1');
    await rig.exchange.runRetention(rig.context.now());
    expect([...(await rig.context.db('held_keys')), ...(await rig.context.db('held_sets'))]).toEqual([]);
  });

  it('and with the next epoch, once that was begun', async () => {
    rig.grant('a1', { rows });
    await delta(U(1, '内'));
    const [first] = await consumer.all();
    const { db } = rig.context;
    const log = await db('delivery_streams').first();
    await db('delivery_streams').insert({ ...log, epoch: 2, seq: 0 });
    await rig.exchange.runRetention(rig.context.now());
    expect(await db('held_keys')).toHaveLength(1);
    await db('delivery_streams').where({ epoch: 2 }).update({ seq: first!.body.seq });
    await rig.exchange.runRetention(rig.context.now());
    expect([...(await db('held_keys')), ...(await db('held_sets'))]).toEqual([]);
  });

  it('keys as long as may be are told apart', async () => {
    const long = 'k'.repeat(5_000);
    rig.grant('a1', { rows });
    await delta(['U', `${long}1`, '内', '1'], ['U', `${long}2`, '内', '1']);
    await delta(['D', `${long}2`, null, null], ['U', `${long}1`, '外', '1'], ['D', long, null, null]);
    const [, second] = await shown(await consumer.all());
    expect(second).toEqual([`D ${long}2 NULL NULL`, `D ${long}1 NULL NULL`]);
  });

  it('at the end of any history holds the rows in scope and no other, and never heard of others', async () => {
    rig.grant('a1', { rows });
    const source = new Map<number, string>();
    let dice = 7;
    const roll = (sides: number) => {
      dice = (dice * 48_271) % 2_147_483_647;
      return dice % sides;
    };
    const held = new Set<string>();
    const target = new Map<string, string>();
    let snapshots = 0;
    for (let batch = 0; batch < 60; batch++) {
      const changed = new Set(Array.from({ length: 1 + roll(8) }, () => roll(20)));
      for (const n of changed) {
        if (roll(4) === 0) source.delete(n);
        else source.set(n, roll(2) === 0 ? '内' : '外');
      }
      const all = [...source].map(([n, name]) => S(n, name));
      if (roll(10) === 0) await snapshot(`s${++snapshots}`, all.slice(0, 5), all.slice(5));
      else await delta(...[...changed].map((n) => (source.has(n) ? U(n, source.get(n)!) : D(n))));
      if (roll(15) === 0) await rig.restart();
      for (const delivery of await consumer.all()) {
        const { snapshot: part } = delivery.body.manifest.body;
        if (part?.part === 1) target.clear();
        for (const row of await consumer.rows(delivery)) {
          const [op, code, name] = row.split(' ');
          expect(op === 'D' ? target.has(code!) : name === '内').toBe(true);
          if (op === 'D') target.delete(code!);
          else target.set(code!, name!);
          held.add(code!);
        }
      }
      const wanted = [...source].filter(([, name]) => name === '内').map(([n]) => `11${n}`);
      expect([...target.keys()].sort()).toEqual(wanted.sort());
    }
    expect(held.size).toBeGreaterThan(10);
    expect(snapshots).toBeGreaterThan(2);
  });
});
