import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platformDoubleErrors, targetDoubleErrors } from '../doubles/errors.js';
import { consumeVillage, manualMode, type Rig, runNow, until } from '../doubles/rig.js';
import { createWaitingRig, receiptsOf } from '../doubles/waiting.js';

/** Parts 1 to 4 of a snapshot and a delta wait; 2 and 3 may be loaded side by side. */
let rig: Rig;
beforeEach(async () => {
  rig = await createWaitingRig();
  rig.target.sideBySide = true;
});
afterEach(() => rig.cleanup());

const equal = () => expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());
const ledgerSeqs = () => [...rig.target.ledger.values()].flat().map((row) => row.seq);

/** Holds part 2 back until part 3 is being loaded, too. */
function holdSecond(): void {
  rig.target.loadError = async ({ seq }) => {
    if (seq === 2) await until('part 3 is loaded beside it', () => rig.target.ahead.includes('load 3'));
    return undefined;
  };
}

describe('parts side by side', () => {
  it('are committed in their order, and the receipts are those of parts one after another', async () => {
    holdSecond();
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'done', summary: { batches: 5 } });
    expect(rig.target.ahead).toEqual(['load 2', 'load 3', 'commit 2', 'commit 3']);
    equal();
    expect(receiptsOf(rig)).toEqual([
      ['staged', 1, 1, undefined],
      ['staged', 2, 2, undefined],
      ['staged', 3, 3, undefined],
      ['applied', 1, 4, undefined],
      ['applied', 5, 5, undefined],
    ]);
  });

  it('go back when the one before is refused, and are loaded again', async () => {
    holdSecond();
    rig.target.writeError = ({ seq }) => (seq === 2 ? targetDoubleErrors.POISON() : undefined);
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_TARGET_DOUBLE_POISON' },
    });
    expect(rig.target.ahead).toEqual(['load 2', 'load 3', 'back 2', 'back 3']);
    expect(ledgerSeqs()).toEqual([1]);
    rig.target.writeError = undefined;
    consumer.streams.resume('village');
    await until('applied', () => rig.target.writes === 5);
    equal();
  });

  it('go back when the one before meets a target that is away, however long the next delivery is waited for', async () => {
    holdSecond();
    let away = true;
    rig.target.writeError = ({ seq }) => (away && seq === 2 ? platformDoubleErrors.DOWN() : undefined);
    const consumer = await rig.consumer({
      mode: () => ({
        ...manualMode,
        run: (_job, ports, signal) =>
          ports.consume(ports.exchange as typeof consumeVillage, { waitMs: 600_000 }, signal),
      }),
    });
    const job = consumer.jobs.run('village-in');
    await until('it waits', () => consumer.jobs.status(job.id).state === 'waiting');
    expect(rig.target.ahead.slice(0, 4)).toEqual(['load 2', 'load 3', 'back 2', 'back 3']);
    expect(ledgerSeqs()).toEqual([1]);
    away = false;
    await until('applied', () => rig.target.writes === 5);
    equal();
  });

  it('that cannot be loaded fail at their turn, after the one before is applied', async () => {
    rig.target.loadError = ({ seq }) => (seq === 3 ? targetDoubleErrors.POISON() : undefined);
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      problem: { code: 'QZ_TARGET_DOUBLE_POISON' },
    });
    expect(ledgerSeqs()).toEqual([1, 2]);
    expect(receiptsOf(rig)).toHaveLength(2);
  });

  it('go back when the grant is revoked meanwhile', async () => {
    rig.target.loadError = async ({ seq }) => {
      if (seq === 2) await until('part 3 is loaded beside it', () => rig.target.ahead.includes('load 3'));
      if (seq === 2) rig.platform.revoke();
      return undefined;
    };
    // part 2 is looked at before it is committed, and part 3 is loaded by then
    rig.target.writeError = ({ seq }) => (seq === 2 ? new Error('it was committed') : undefined);
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({ problem: { code: 'QZ_ENGINE_REVOKED' } });
    expect(rig.target.ahead.filter((what) => what.startsWith('commit'))).toEqual([]);
    expect(rig.target.staged.size).toBe(0);
    expect(ledgerSeqs()).toEqual([]);
    await until('closed', () => receiptsOf(rig).some(([stage]) => stage === 'rejected'));
  });

  it('are not loaded while the lease is not in force', async () => {
    rig.target.writeError = ({ seq }) => {
      if (seq === 1) rig.platform.setLeaseMs(-1);
      return undefined;
    };
    const consumer = await rig.consumer();
    const job = consumer.jobs.run('village-in');
    await until('it waits', () => consumer.jobs.status(job.id).state === 'waiting');
    expect(rig.target.ahead).toEqual([]);
    expect(ledgerSeqs()).toEqual([1]);
  });

  it('count their refused rows in order, against the limit of the exchange', async () => {
    holdSecond();
    rig.target.refuse = '村3';
    const consumer = await rig.consumer({ exchanges: () => [{ ...consumeVillage, rejectLimit: 0 }] });
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      problem: { code: 'QZ_ENGINE_REJECT_LIMIT' },
    });
    expect(rig.target.ahead).toEqual(['load 2', 'load 3', 'back 2', 'back 3']);
    expect(ledgerSeqs()).toEqual([1]);
  });

  it('are finished when the agent stops', async () => {
    holdSecond();
    const consumer = await rig.consumer();
    consumer.jobs.run('village-in');
    await until('both are loaded', () => rig.target.ahead.includes('load 3'));
    await consumer.stop();
    expect(rig.target.ahead.slice(0, 4)).toEqual(['load 2', 'load 3', 'commit 2', 'commit 3']);
    expect(ledgerSeqs().slice(0, 3)).toEqual([1, 2, 3]);
  });
});
