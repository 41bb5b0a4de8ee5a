import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platformDoubleErrors } from '../doubles/memory-platform.js';
import {
  createRig,
  deadline,
  failAt,
  manualMode,
  type Rig,
  runNow,
  supplyVillage,
  until,
  village,
} from '../doubles/rig.js';
import { engineErrors } from '../errors.js';
import type { Failpoint } from '../options.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const small = { batchRows: 2, blockBytes: 1 };
let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

const stored = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body);
const held = () => stored().reduce((sum, batch) => sum + batch.rows, 0);

describe('a crash of the supplying agent', () => {
  const points: Failpoint[] = [
    'seal:file-written',
    'seal:file-renamed',
    'seal:committed',
    'send:before',
    'send:after',
    'receipt:before-commit',
    'receipt:committed',
    'confirm:after',
  ];
  for (const point of points) {
    for (const nth of point === 'confirm:after' ? [1] : [1, 3]) {
      it(`at ${point} (${nth}) loses and doubles nothing`, async () => {
        rig.source.onConfirm = (checkpoint) => {
          const { phase, position } = JSON.parse(checkpoint) as { phase: string; position: number };
          expect(held()).toBeGreaterThanOrEqual(phase === 'snapshot' ? position : 9);
        };
        let crashed = false;
        const crash = failAt(point, nth);
        const first = await rig.provider({
          limits: small,
          failpoint(name) {
            try {
              crash(name);
            } catch (error) {
              crashed = true;
              throw error;
            }
          },
        });
        first.jobs.run('village-out');
        await until('the crash', () => crashed);
        await rig.kill(first);

        const second = await rig.provider({ limits: small });
        await until('no job open', () => second.jobs.list().every((job) => job.state === 'done'));
        await runNow(second, 'village-out');
        expect(stored().map((batch) => batch.seq)).toEqual(stored().map((_, index) => index + 1));
        expect(held()).toBe(9);
        expect(stored().map(({ snapshot }) => snapshot?.part)).toEqual([1, 2, 3, 4, 5]);
        expect(new Set(stored().map(({ snapshot }) => snapshot?.id)).size).toBe(1);
        expect(stored().at(-1)?.snapshot).toMatchObject({ last: true, totals: { parts: 5, rows: 9 } });
        expect(second.streams.show('village')).toMatchObject({ state: 'running', receiptedSeq: 5 });
        const consumer = await rig.consumer();
        await runNow(consumer, 'village-in');
        expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());
      });
    }
  }
});

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
    expect(provider.receipts.list()).toHaveLength(1);
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

describe('rows that do not fit the catalog', () => {
  it('are left out, kept, counted, and sent once the catalog fits them', async () => {
    rig.source.put('99', '一个长得放不进二十个字符的村庄名称超过限制');
    const provider = await rig.provider();
    const done = await runNow(provider, 'village-out');
    expect(done.summary).toMatchObject({ read: 10, stored: 9, rejected: 1 });
    expect(stored()[0]).toMatchObject({ read: 10, rows: 9, rejected: 1 });
    expect(provider.quarantine.list()).toMatchObject([
      { exchange: 'village-out', item: 'name', reason: 'too-long', op: 'S', seen: 1 },
    ]);
    expect(JSON.stringify(provider.quarantine.list())).not.toContain('村庄');
    expect(provider.streams.show('village').staleKeys).toBe(1);

    const wider = structuredClone(village) as Writable<typeof village>;
    wider.schemaVersion = 2;
    wider.items[1]!.length = 40;
    rig.platform.setResource(wider);
    expect(await runNow(provider, 'village-out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_SCHEMA_CHANGED' },
    });
    expect(provider.streams.show('village')).toMatchObject({
      state: 'paused',
      restart: 'qianzhi stream accept-schema village',
    });
    await provider.streams.acceptSchema('village', deadline());
    await until('idle', () => provider.jobs.list().every((job) => job.state !== 'running'));
    expect(await provider.quarantine.retry('village-out', deadline())).toEqual({
      sent: 1,
      stillRejected: 0,
      superseded: 0,
    });
    expect(stored().at(-1)).toMatchObject({ kind: 'delta', rows: 1, schemaVersion: 2 });
    expect(provider.quarantine.list()).toEqual([]);
    expect(provider.streams.show('village').staleKeys).toBe(0);
  });

  it('stop the exchange past the limit before anything leaves; resume goes on', async () => {
    for (let i = 0; i < 5; i++) rig.source.put(`9${i}`, '长'.repeat(30));
    const strict = [{ ...supplyVillage, rejectLimit: 0.2 }];
    const provider = await rig.provider({ exchanges: strict });
    const ended = await runNow(provider, 'village-out');
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_REJECT_LIMIT' } });
    expect(stored()).toEqual([]);
    expect(provider.exchanges.list()).toMatchObject([
      { state: 'stopped', restart: 'qianzhi job resume village-out' },
    ]);
    expect(() => provider.jobs.run('village-out')).toThrowError(
      expect.objectContaining({ code: 'QZ_ENGINE_REJECT_LIMIT' }),
    );
    for (let i = 0; i < 5; i++) rig.source.put(`9${i}`, '短');
    provider.jobs.resume('village-out');
    await until('it is sent', () => held() === 14);
  });

  it('stop the exchange when the quarantine is full, until it is exported', async () => {
    for (let i = 0; i < 3; i++) rig.source.put(`9${i}`, '长'.repeat(30));
    const provider = await rig.provider({ limits: { quarantineRows: 2 } });
    expect(await runNow(provider, 'village-out')).toMatchObject({
      problem: { code: 'QZ_ENGINE_QUARANTINE_FULL' },
    });
    rig.source.rows.delete('92');
    rig.source.rows.delete('91');
    provider.jobs.resume('village-out');
    await until('it is sent', () => held() === 9);
    const file = join(rig.folder, 'export.jsonl');
    expect(await provider.quarantine.export({}, file, deadline())).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('长'.repeat(30));
    await expect(provider.quarantine.export({}, file, deadline())).rejects.toMatchObject({
      code: 'QZ_ENGINE_EXPORT_FAILED',
    });
  });
});

describe('drift and lost state', () => {
  it('pauses when the table no longer fits, and resume goes on after it was put back', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    rig.source.sourceError = () => engineErrors.STRATEGY_MISSING({ exchange: 'x', strategy: 'column gone' });
    expect(await runNow(provider, 'village-out')).toMatchObject({ problem: { code: 'QZ_ENGINE_DRIFT' } });
    expect(provider.streams.show('village')).toMatchObject({ state: 'paused' });
    rig.source.sourceError = undefined;
    rig.source.put('00', '改');
    provider.streams.resume('village');
    await until('it is sent', () => held() === 10);
  });

  it('opens a new epoch for a change that needs one', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    const narrower = structuredClone(village) as Writable<typeof village>;
    narrower.schemaVersion = 2;
    narrower.items[1]!.length = 10;
    rig.platform.setResource(narrower);
    await runNow(provider, 'village-out');
    expect(await provider.streams.acceptSchema('village', deadline())).toMatchObject({
      stream: { epoch: 2 },
    });
    await until('a new snapshot', () => rig.platform.batchesOf('civil-1', 2).length > 0);
    expect(rig.platform.batchesOf('civil-1', 2)[0]?.manifest.body).toMatchObject({
      seq: 1,
      kind: 'snapshot',
      schemaVersion: 2,
    });
  });

  it('finds that its state was lost, and recover opens an epoch with a snapshot', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    await rig.kill(provider);
    await rm(join(rig.folder, 'civil-1'), { recursive: true });
    const restored = await rig.provider();
    expect(await runNow(restored, 'village-out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_STATE_BEHIND', kind: 'integrity' },
    });
    expect(restored.streams.show('village')).toMatchObject({ restart: 'qianzhi agent recover' });
    expect(restored.streams.resume('village')).toMatchObject([{ state: 'stopped' }]);
    await restored.streams.recover({ reason: 'disk replaced' }, deadline());
    await until('a new snapshot', () => rig.platform.batchesOf('civil-1', 2).length === 1);
  });

  it('sends again what a restored platform lost', async () => {
    const provider = await rig.provider({ limits: small });
    await runNow(provider, 'village-out');
    const digests = stored().map((batch) => batch.rowsDigest);
    await rig.kill(provider);
    rig.platform.forgetAfter(2);
    const again = await rig.provider({ limits: small });
    await runNow(again, 'village-out');
    expect(stored().map((batch) => batch.rowsDigest)).toEqual(digests);
    expect(again.streams.show('village')).toMatchObject({ receiptedSeq: 5, state: 'running' });
  });

  it('takes a whole copy again when told', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    provider.streams.resnapshot('village');
    await runNow(provider, 'village-out');
    expect(stored().map(({ kind, snapshot }) => [kind, snapshot?.last])).toEqual([
      ['snapshot', true],
      ['snapshot', true],
    ]);
  });
});
