import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platformDoubleErrors } from '../doubles/errors.js';
import { createRig, deadline, manualMode, type Rig, runNow, supplyVillage, until } from '../doubles/rig.js';

const small = { batchRows: 2, blockBytes: 1 };
let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

const stored = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body);
const held = () => stored().reduce((sum, batch) => sum + batch.rows, 0);

describe('sending', () => {
  it('commits receipts in order, whatever order they come in', async () => {
    rig.platform.faults.reverseReceipts = true;
    rig.source.put('09', '村9');
    rig.source.put('10', '村10');
    rig.source.put('11', '村11'); // 12 rows of the snapshot: six batches, two groups of three receipts
    const confirmed: number[] = [];
    rig.source.onConfirm = (checkpoint) => {
      confirmed.push((JSON.parse(checkpoint) as { position: number }).position);
    };
    const provider = await rig.provider({ limits: small });
    expect(await runNow(provider, 'village-out')).toMatchObject({ state: 'done', summary: { stored: 12 } });
    expect(provider.streams.show('village').receiptedSeq).toBe(6);
  });

  it('keeps several batches in flight, and no more than the window', async () => {
    rig.platform.faults.holdReceipts = true;
    const provider = await rig.provider({ limits: { ...small, windowBatches: 3 } });
    const job = provider.jobs.run('village-out');
    await until('three are there', () => stored().length === 3);
    await until('all is sealed', () => provider.streams.show('village').head.seq === 5);
    expect(stored()).toHaveLength(3);
    rig.platform.releaseReceipts();
    expect(await provider.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done' });
    expect(held()).toBe(9);
  });

  it('refuses a forged receipt and still takes the true one', async () => {
    rig.platform.faults.holdReceipts = true;
    const provider = await rig.provider();
    const alarms: string[] = [];
    provider.on((event) => {
      if (event.kind === 'alarm') alarms.push(event.problem.code);
    });
    const job = provider.jobs.run('village-out');
    await until('it is stored', () => stored().length === 1);
    const receipt = rig.platform.batchesOf('civil-1')[0]!.receipt;
    rig.platform.pushReceipt('civil-1', {
      ...receipt,
      body: { ...receipt.body, id: 'forged', rows: 1 },
    });
    rig.platform.releaseReceipts();
    expect(await provider.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done' });
    expect(alarms).toEqual(['QZ_MODEL_SIGNATURE_WRONG']);
    expect(await provider.receipts.list()).toHaveLength(1);
  });

  it('waits while the platform does not answer, says so, and goes on by itself', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    rig.source.put('00', '改');
    rig.platform.faults.down = true;
    const job = provider.jobs.run('village-out');
    await until('it waits', () => provider.jobs.status(job.id).state === 'waiting');
    expect(provider.jobs.status(job.id)).toMatchObject({
      problem: { code: 'QZ_ENGINE_RECEIPT_MISSING', kind: 'unavailable' },
      restart: `qianzhi job retry ${job.id}`,
    });
    rig.platform.faults.down = false;
    expect(await provider.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done' });
    expect(held()).toBe(10);
  });

  it('pauses reading while the outbox is full, and goes on', async () => {
    const provider = await rig.provider({ limits: { ...small, outboxBytes: 200 } });
    await runNow(provider, 'village-out');
    for (let i = 0; i < 20; i++) rig.source.put(`1${i}`, `新${i}`);
    rig.platform.faults.down = true;
    const job = provider.jobs.run('village-out');
    await until('it waits', () => provider.jobs.status(job.id).problem?.code === 'QZ_ENGINE_OUTBOX_FULL');
    expect(provider.streams.show('village').head.seq).toBeLessThan(15);
    rig.platform.faults.down = false;
    expect(await provider.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done' });
    expect(held()).toBe(29);
  });

  it('neither reads nor sends without a duty, also what is queued', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    rig.source.put('00', '改');
    rig.platform.faults.down = true;
    const job = provider.jobs.run('village-out');
    await until('it waits', () => provider.jobs.status(job.id).state === 'waiting');
    rig.platform.setDuty(undefined);
    rig.platform.faults.down = false;
    const before = rig.platform.sends();
    provider.wake();
    const ended = await provider.jobs.ended(job.id, deadline());
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_NO_DUTY', kind: 'denied' } });
    expect(rig.platform.sends()).toBe(before);
    rig.platform.setDuty('civil-1');
    provider.wake();
    expect(await runNow(provider, 'village-out')).toMatchObject({ state: 'done' });
    expect(stored().at(-1)).toMatchObject({ kind: 'delta', rows: 1 });
  });

  it('stops the stream when the platform refuses a batch, and resume goes on', async () => {
    const provider = await rig.provider();
    rig.platform.faults.refuseSend = () => platformDoubleErrors.WRONG({ what: 'test' });
    const ended = await runNow(provider, 'village-out');
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'QZ_PLATFORM_DOUBLE_WRONG' } });
    expect(provider.streams.show('village')).toMatchObject({
      state: 'stopped',
      restart: 'qianzhi stream resume village',
    });
    rig.platform.faults.refuseSend = undefined;
    provider.streams.resume('village');
    await until('it is stored', () => held() === 9);
  });
});

describe('batches', () => {
  it('are cut at the age the mode asks for, while the source gives nothing', async () => {
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    rig.source.beforeBlock = (index) => (index === 2 ? gate : undefined);
    const mode = () => ({
      ...manualMode,
      run: ((_job, ports, signal) =>
        ports.supply(supplyVillage, { maxBatchAgeMs: 20 }, signal)) as typeof manualMode.run,
    });
    const provider = await rig.provider({ mode });
    const job = provider.jobs.run('village-out');
    await until('the first rows are sent', () => held() === 4);
    go();
    expect(await provider.jobs.ended(job.id, deadline())).toMatchObject({ summary: { batches: 2, read: 9 } });
  });

  it('hold each key once, and a block over the limits is split and sealed as one', async () => {
    const provider = await rig.provider({ limits: { batchRows: 4 } });
    await runNow(provider, 'village-out');
    rig.source.blockRows = 20;
    for (let i = 0; i < 9; i++) rig.source.put(`1${i}`, '初');
    for (let i = 0; i < 9; i++) rig.source.put(`1${i}`, '终');
    expect(await runNow(provider, 'village-out')).toMatchObject({
      summary: { read: 9, stored: 9, repeated: 9, batches: 3 },
    });
    await runNow(await rig.consumer(), 'village-in');
    expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());
  });
});

describe('snapshots', () => {
  it('sends an empty table as one empty last part', async () => {
    rig.source.rows.clear();
    const provider = await rig.provider();
    expect(await runNow(provider, 'village-out')).toMatchObject({ state: 'done', summary: { batches: 1 } });
    expect(stored()).toMatchObject([
      { rows: 0, snapshot: { part: 1, last: true, totals: { parts: 1, rows: 0 } } },
    ]);
  });

  it('begins anew under another id when the source restarts, and the target ends equal', async () => {
    let reads = 0;
    rig.source.beforeBlock = (index) => {
      if (index === 3 && reads++ === 0) throw platformDoubleErrors.DOWN();
    };
    const provider = await rig.provider({ limits: small });
    rig.source.restartNext = false;
    const job = provider.jobs.run('village-out');
    await until('it waits', () => provider.jobs.status(job.id).attempt >= 1 && reads === 1);
    rig.source.restartNext = true;
    expect(await provider.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done' });
    const ids = new Set(stored().map(({ snapshot }) => snapshot?.id));
    expect(ids.size).toBe(2);
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({ state: 'done', summary: { delivered: 9 } });
    expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());
  });
});
