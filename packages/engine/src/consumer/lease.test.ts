import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { targetDoubleErrors } from '../doubles/errors.js';
import { consumeVillage, deadline, type Rig, runNow, until } from '../doubles/rig.js';
import { createWaitingRig, receiptsOf } from '../doubles/waiting.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createWaitingRig();
});
afterEach(() => rig.cleanup());

const receipts = () => receiptsOf(rig);
const equal = () => expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());

describe('leases', () => {
  it('waits while the lease is not in force and goes on by itself', async () => {
    rig.platform.setLeaseMs(-1);
    const consumer = await rig.consumer();
    const job = consumer.jobs.run('village-in');
    await until('it waits', () => consumer.jobs.status(job.id).state === 'waiting');
    expect(consumer.jobs.status(job.id)).toMatchObject({ problem: { code: 'QZ_ENGINE_LEASE_EXPIRED' } });
    expect(rig.target.writes).toBe(0);
    rig.platform.setLeaseMs(60_000);
    expect(await consumer.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done' });
    equal();
  });

  it('erases staged parts and closes what waited when the grant is revoked', async () => {
    rig.target.writeError = (batch) => {
      if (batch.seq === 2) rig.platform.revoke();
      return undefined;
    };
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_REVOKED', kind: 'denied' },
    });
    await until('handed in', () => receipts().length === 3);
    expect(rig.target.rows.size).toBe(0);
    expect(rig.target.staged.size).toBe(0);
    const last = rig.platform.acknowledged.at(-1)!.body;
    expect(last).toMatchObject({ stage: 'rejected', reason: 'revoked', seqFrom: 1 });
    expect(last.seqTo).toBeGreaterThanOrEqual(3);
    expect(consumer.streams.list()).toMatchObject([
      { state: 'revoked', restart: 'qianzhi agreement apply village --matter MATTER' },
    ]);
  });

  it('erases staged parts soon after a revocation, without a scheduled run', async () => {
    rig.target.writeError = (batch) => (batch.seq === 3 ? targetDoubleErrors.POISON() : undefined);
    const consumer = await rig.consumer();
    await runNow(consumer, 'village-in');
    expect(rig.target.staged.size).toBe(1);
    rig.platform.revoke();
    consumer.wake();
    await until('erased', () => rig.target.staged.size === 0);
    await until('closed', () => receipts().some(([stage]) => stage === 'rejected'));
  });
});

describe('rows the target refuses', () => {
  it('are in quarantine before the target commits, and counted', async () => {
    rig.target.refuse = '村3';
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      state: 'done',
      summary: { delivered: 9, rejected: 1, inserted: 6 },
    });
    expect(consumer.quarantine.list()).toMatchObject([
      { direction: 'consume', reason: 'constraint', item: 'name' },
    ]);
    await expect(consumer.quarantine.retry('village-in', deadline())).rejects.toMatchObject({
      code: 'QZ_ENGINE_NOT_SUPPLY',
    });
  });

  it('stop the exchange past the limit', async () => {
    rig.target.refuse = '村3';
    const consumer = await rig.consumer({ exchanges: () => [{ ...consumeVillage, rejectLimit: 0 }] });
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      problem: { code: 'QZ_ENGINE_REJECT_LIMIT' },
    });
    const stopped = { state: 'stopped', restart: 'qianzhi job resume village-in' };
    expect(consumer.exchanges.list()).toMatchObject([stopped]);
    expect(consumer.streams.list()).toMatchObject([stopped]);
    consumer.streams.resume('village');
    expect(consumer.exchanges.list()).toMatchObject([stopped]);
    expect(rig.target.rows.size).toBe(0);
    rig.target.refuse = undefined;
    consumer.jobs.resume('village-in');
    await until('applied', () => rig.target.writes === 5);
    equal();
  });
});
