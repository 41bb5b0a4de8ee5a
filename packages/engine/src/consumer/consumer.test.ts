import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Delivery, Receipt, Signed } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platformDoubleErrors, targetDoubleErrors } from '../doubles/errors.js';
import { failAt, type Rig, runNow, until } from '../doubles/rig.js';
import { createWaitingRig, receiptsOf } from '../doubles/waiting.js';
import type { Failpoint } from '../options.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createWaitingRig();
});
afterEach(() => rig.cleanup());

const receipts = () => receiptsOf(rig);
const equal = () => expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());

describe('a crash of the consuming agent', () => {
  const points: Failpoint[] = ['apply:before', 'apply:after', 'apply:receipt-stored'];
  const places = points.flatMap((point) => [
    ...[1, 4, 5].map((nth) => ({ point, nth, sideBySide: false })),
    ...[1, 2, 3, 4].map((nth) => ({ point, nth, sideBySide: true })),
  ]);
  it.each(places)(
    'at $point ($nth), parts side by side $sideBySide, applies everything once and hands in every receipt',
    async ({ point, nth, sideBySide }) => {
      rig.target.sideBySide = sideBySide;
      let crashed = false;
      const crash = failAt(point, nth);
      const first = await rig.consumer({
        failpoint(name) {
          try {
            crash(name);
          } catch (error) {
            crashed = true;
            throw error;
          }
        },
      });
      first.jobs.run('village-in');
      await until('the crash', () => crashed);
      await rig.kill(first);
      const second = await rig.consumer();
      await until('done', () => second.jobs.list().every((job) => job.state === 'done'));
      equal();
      expect(rig.target.writes).toBe(5);
      expect(receipts()).toEqual([
        ['staged', 1, 1, undefined],
        ['staged', 2, 2, undefined],
        ['staged', 3, 3, undefined],
        ['applied', 1, 4, undefined],
        ['applied', 5, 5, undefined],
      ]);
      expect(rig.platform.acknowledged.at(-1)?.body.counts).toMatchObject({
        delivered: 2,
        updated: 1,
        deleted: 1,
      });
    },
  );

  it('that loses its whole state goes on from the ledger', async () => {
    const consumer = await rig.consumer();
    await runNow(consumer, 'village-in');
    await rig.kill(consumer);
    rig.platform.acknowledged.length = 0;
    await rm(join(rig.folder, 'tax-1'), { recursive: true });
    const again = await rig.consumer();
    await runNow(again, 'village-in');
    expect(rig.target.writes).toBe(5);
    expect(receipts().at(-1)).toEqual(['applied', 5, 5, undefined]);
  });

  it('whose target was restored is delivered again what that lost', async () => {
    const consumer = await rig.consumer();
    await runNow(consumer, 'village-in');
    const name = [...rig.target.ledger.keys()][0]!;
    rig.target.ledger.set(name, rig.target.ledger.get(name)!.slice(0, 4));
    rig.target.put('00', '旧名');
    rig.target.put('06', '村6');
    expect(await runNow(consumer, 'village-in')).toMatchObject({ summary: { updated: 1, deleted: 1 } });
    equal();
  });
});

describe('what a consumer refuses', () => {
  /** Signed by the platform itself, so that only the one check can find it. */
  const changed = (change: (body: Delivery) => Delivery) => (document: Signed<Delivery>) =>
    signDocument(change(document.body), rig.platform.key);
  const spoils: [string, string, () => void][] = [
    [
      'a delivery of another signature',
      'QZ_MODEL_SIGNATURE_WRONG',
      () => {
        rig.platform.faults.spoil = (one) => ({
          ...one,
          body: { ...one.body, policyDigest: 'sha-256:1111111111111111' },
        });
      },
    ],
    [
      'a gap',
      'QZ_ENGINE_DELIVERY_GAP',
      () => {
        rig.platform.faults.spoil = changed((body) => ({ ...body, seq: body.seq + 1 }));
      },
    ],
    [
      'a broken chain',
      'QZ_ENGINE_DELIVERY_WRONG',
      () => {
        rig.platform.faults.spoil = changed((body) =>
          body.seq === 2 ? { ...body, previous: 'sha-256:1111111111111111' } : body,
        );
      },
    ],
    [
      'another grant',
      'QZ_ENGINE_DELIVERY_WRONG',
      () => {
        rig.platform.faults.spoil = changed((body) => ({ ...body, grantDigest: 'sha-256:1111111111111111' }));
      },
    ],
    [
      'a manifest that the provider did not sign',
      'QZ_ENGINE_DELIVERY_WRONG',
      () => {
        rig.platform.faults.spoil = changed((body) => ({
          ...body,
          manifest: signDocument(body.manifest.body, rig.platform.key),
        }));
      },
    ],
    [
      'a flipped byte',
      'QZ_ENGINE_DELIVERY_WRONG',
      () => {
        rig.platform.faults.spoilBytes = (bytes) => {
          const copy = Uint8Array.from(bytes);
          copy[copy.length - 1]! ^= 1;
          return copy;
        };
      },
    ],
    [
      'a missing byte',
      'QZ_ENGINE_DELIVERY_WRONG',
      () => {
        rig.platform.faults.spoilBytes = (bytes) => bytes.subarray(1);
      },
    ],
  ];
  for (const [name, code, spoil] of spoils) {
    it(`${name} stops the stream before anything of it is applied, and resume goes on`, async () => {
      spoil();
      const consumer = await rig.consumer();
      expect(await runNow(consumer, 'village-in')).toMatchObject({
        state: 'failed',
        problem: { code, kind: 'integrity' },
      });
      // in Chinese nothing is said in English
      expect(consumer.streams.list()[0]!.problem!.texts.zh.message).not.toMatch(/\bits? /);
      expect(rig.target.rows.size).toBe(0);
      expect(consumer.streams.list()).toMatchObject([
        { state: 'stopped', restart: 'qianzhi stream resume village', problem: { code } },
      ]);
      expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'failed', problem: { code } });
      rig.platform.faults.spoil = undefined;
      rig.platform.faults.spoilBytes = undefined;
      consumer.streams.resume('village');
      await until('applied', () => rig.target.writes === 5);
      equal();
    });
  }

  it('a byte that a line changed once is fetched again, and nobody has to do anything', async () => {
    let changed = 0;
    rig.platform.faults.spoilBytes = (bytes) => {
      if (changed++ > 0) return bytes;
      const copy = Uint8Array.from(bytes);
      copy[copy.length >> 1]! ^= 1;
      return copy;
    };
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'done' });
    expect(changed).toBe(6);
    equal();
  });

  it('a poison batch stops its stream alone', async () => {
    rig.target.writeError = (batch) => (batch.seq === 5 ? targetDoubleErrors.POISON() : undefined);
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      problem: { code: 'QZ_TARGET_DOUBLE_POISON' },
    });
    rig.platform.grant(2);
    expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'failed' });
    const states = consumer.streams
      .list()
      .map((one) => [one.delivery?.grantVersion, one.state, one.head.seq]);
    expect(states).toEqual([
      [1, 'stopped', 4],
      [2, 'stopped', 4],
    ]);
    rig.target.writeError = undefined;
    consumer.streams.resume('village');
    await until('both applied', () => consumer.streams.list().every((one) => one.head.seq === 5));
    equal();
  });
});

describe('receipts the platform refuses', () => {
  it('hold up no other stream, and go through when it takes them', async () => {
    const refuse = (receipts: readonly Signed<Receipt>[]) => {
      const first = receipts.some(
        ({ body }) => 'delivery' in body.subject && body.subject.delivery.grantVersion === 1,
      );
      if (first) throw platformDoubleErrors.WRONG({ what: 'receipt' });
    };
    rig.platform.grant(2);
    rig.platform.faults.refuseReceipts = refuse;
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_PLATFORM_DOUBLE_WRONG' },
    });
    expect(receipts()).toHaveLength(5);
    rig.platform.faults.refuseReceipts = undefined;
    expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'done' });
    expect(receipts()).toHaveLength(10);
  });
});
