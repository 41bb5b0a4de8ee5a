import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineErrors, type SupplyExchange } from '@qianzhi/model';
import type { ExchangeMode } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, deadline, manualMode, type Rig, runNow, supplyVillage, until } from '../doubles/rig.js';
import { newCounts } from '../provider/run-counts.js';

const testErrors = defineErrors('JOB_TEST', {
  LATER: {
    kind: 'unavailable',
    zh: { message: '稍后', hint: '稍后' },
    en: { message: 'later', hint: 'later' },
  },
  NEVER: {
    kind: 'config',
    zh: { message: '配置', hint: '改' },
    en: { message: 'config', hint: 'correct it' },
  },
});

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

function modeThat(run: (attempt: number, signal: AbortSignal) => Promise<void> | void): () => ExchangeMode {
  return () => ({
    ...manualMode,
    async run(job, _ports, signal) {
      await run(job.attempt, signal);
      return newCounts();
    },
  });
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

describe('a job', () => {
  it('that fails by a passing cause waits and is tried until it works', async () => {
    const mode = modeThat((attempt) => {
      if (attempt < 12) throw testErrors.LATER();
    });
    const engine = await rig.provider({ mode });
    expect(await runNow(engine, 'village-out')).toMatchObject({ state: 'done', attempt: 12 });
  });

  it('that fails by an internal cause is tried a limited number of times', async () => {
    const mode = modeThat(() => {
      throw new TypeError('value 张三');
    });
    const engine = await rig.provider({ mode, limits: { internalAttempts: 3 } });
    const job = await runNow(engine, 'village-out');
    expect(job).toMatchObject({ state: 'failed', attempt: 3, problem: { code: 'QZ_ENGINE_UNEXPECTED' } });
    expect(job.restart).toBe(`qianzhi job retry ${job.id}`);
    expect(JSON.stringify([job, engine.jobs.log(job.id)])).not.toContain('张三');
  });

  it('that fails by the configuration is not tried again until told', async () => {
    let healed = false;
    const mode = modeThat(() => {
      if (!healed) throw testErrors.NEVER();
    });
    const engine = await rig.provider({ mode });
    const job = await runNow(engine, 'village-out');
    expect(job).toMatchObject({ state: 'failed', attempt: 1 });
    healed = true;
    engine.jobs.retry(job.id);
    expect(await engine.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done', attempt: 2 });
    expect(engine.jobs.log(job.id).map((line) => line.message)).toContain('job done');
  });

  it('is cancelled while it runs', async () => {
    const engine = await rig.provider({ mode: modeThat((_, signal) => untilAborted(signal)) });
    const job = engine.jobs.run('village-out');
    await until('it runs', () => engine.jobs.status(job.id).state === 'running');
    engine.jobs.cancel(job.id);
    expect(await engine.jobs.ended(job.id, deadline())).toMatchObject({
      state: 'cancelled',
      restart: `qianzhi job retry ${job.id}`,
    });
    expect(() => engine.jobs.cancel(job.id)).toThrowError(
      expect.objectContaining({ code: 'QZ_ENGINE_JOB_NOT_CANCELLED' }),
    );
  });

  it('stops after its batch when the exchange is paused, and goes on at resume', async () => {
    const sealed = () => rig.platform.batchesOf('civil-1').length;
    let blocks = 0;
    const engine = await rig.provider({ limits: { batchRows: 2, blockBytes: 1 } });
    rig.source.beforeBlock = () => {
      if (++blocks === 2) engine.jobs.pause('village-out');
    };
    const job = engine.jobs.run('village-out');
    await until('it rests', () => blocks >= 2 && engine.jobs.status(job.id).state === 'queued');
    expect(engine.exchanges.list()).toMatchObject([
      { state: 'paused', restart: 'qianzhi job resume village-out' },
    ]);
    expect(() => engine.jobs.run('village-out')).toThrowError(
      expect.objectContaining({ code: 'QZ_ENGINE_EXCHANGE_PAUSED' }),
    );
    engine.jobs.resume('village-out');
    expect(await engine.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done', attempt: 1 });
    expect(sealed()).toBe(5);
  });

  it('that failed is begun again by resuming its exchange, which reads as running at once', async () => {
    let healed = false;
    const mode = modeThat(() => {
      if (!healed) throw testErrors.NEVER();
    });
    const engine = await rig.provider({ mode });
    await runNow(engine, 'village-out');
    expect(engine.exchanges.list()).toMatchObject([{ state: 'stopped' }]);
    engine.jobs.pause('village-out');
    healed = true;
    expect(engine.jobs.resume('village-out')).toMatchObject({ state: 'running', problem: undefined });
    const [next] = engine.jobs.list();
    expect(await engine.jobs.ended(next!.id, deadline())).toMatchObject({ state: 'done', cause: 'manual' });
  });

  it('runs once at a time for an exchange, and is queued by hand once', async () => {
    const engine = await rig.provider({ mode: modeThat((_, signal) => untilAborted(signal)) });
    const first = engine.jobs.run('village-out');
    await until('it runs', () => engine.jobs.status(first.id).state === 'running');
    const second = engine.jobs.run('village-out');
    expect(engine.jobs.run('village-out').id).toBe(second.id);
    expect(engine.jobs.status(second.id).state).toBe('queued');
    engine.jobs.cancel(second.id);
    engine.jobs.cancel(first.id);
    await engine.jobs.ended(first.id, deadline());
  });

  it('of an unknown exchange or id is a coded error', async () => {
    const engine = await rig.provider();
    expect(() => engine.jobs.run('nope')).toThrowError(
      expect.objectContaining({ code: 'QZ_ENGINE_EXCHANGE_UNKNOWN' }),
    );
    expect(() => engine.jobs.status('nope')).toThrowError(
      expect.objectContaining({ code: 'QZ_ENGINE_JOB_UNKNOWN' }),
    );
  });

  it('counts what all its attempts did, read again or not', async () => {
    const limits = { batchRows: 2, blockBytes: 1 };
    rig.source.put('99', '长'.repeat(30));
    rig.platform.faults.holdReceipts = true;
    let failed = false;
    rig.source.beforeBlock = (index) => {
      if (failed || index < 4) return;
      failed = true;
      throw testErrors.LATER();
    };
    const engine = await rig.provider({ limits });
    const { id } = engine.jobs.run('village-out');
    await until('a second attempt', () => failed && engine.jobs.status(id).attempt > 1);
    rig.platform.releaseReceipts();
    const job = await engine.jobs.ended(id, deadline());
    expect(job.summary).toMatchObject({ read: 10, stored: 9, rejected: 1, batches: 5 });

    rig.target.writeError = ({ seq }) => {
      if (seq !== 5 || !failed) return undefined;
      failed = false;
      return testErrors.LATER();
    };
    rig.source.beforeBlock = undefined;
    rig.source.put('10', '村10');
    await runNow(engine, 'village-out');
    const consumer = await rig.consumer();
    const applied = await runNow(consumer, 'village-in');
    expect(applied).toMatchObject({ attempt: 2, summary: { delivered: 10, inserted: 10, batches: 6 } });
  });

  it('reports progress', async () => {
    const engine = await rig.provider();
    const seen: number[] = [];
    engine.on((event) => {
      if (event.kind === 'progress') seen.push(event.progress.rows);
    });
    const job = await runNow(engine, 'village-out');
    await until('progress', () => seen.length > 0);
    expect(job.summary?.read).toBe(9);
    expect(engine.jobs.status(job.id).progress).toMatchObject({ rows: 9, batches: 1 });
  });
});

describe('schedules', () => {
  it('run what a mode plans, once for each slot', async () => {
    const runs: string[] = [];
    const start = Date.now();
    const mode = (): ExchangeMode => ({
      ...manualMode,
      plan(exchange, { lastPlanned }, now) {
        const slot = start + Math.floor((now.getTime() - start) / 30) * 30;
        if (slot <= start || (lastPlanned && slot <= lastPlanned.getTime())) return [];
        return [
          {
            id: `${exchange.name}@${slot}`,
            exchange: exchange.name,
            dueAt: new Date(slot),
            cause: 'schedule',
          },
        ];
      },
      nextDue: (_exchange, _state, now) =>
        new Date(start + (Math.floor((now.getTime() - start) / 30) + 1) * 30),
      async run(job) {
        runs.push(job.id);
        return newCounts();
      },
    });
    const engine = await rig.provider({ mode });
    await until('three runs', () => runs.length >= 3);
    expect(new Set(runs).size).toBe(runs.length);
    expect(engine.exchanges.list()[0]?.lastSuccessAt).toBeDefined();
  });
});

describe('an instance', () => {
  it('is the only one on its state folder', async () => {
    const first = await rig.provider();
    await expect(rig.provider()).rejects.toMatchObject({
      code: 'QZ_ENGINE_ALREADY_RUNNING',
      details: { pid: String(process.pid) },
    });
    await rig.kill(first);
    await rig.provider();
  });

  it('stopped gracefully finishes its batch and goes on after the start', async () => {
    let blocks = 0;
    const engine = await rig.provider({ limits: { batchRows: 2, blockBytes: 1 } });
    const stopping = new Promise<void>((resolve) => {
      rig.source.beforeBlock = () => {
        if (++blocks === 3) resolve(engine.stop());
      };
    });
    const { id } = engine.jobs.run('village-out');
    await stopping;
    const sealed = rig.platform.batchesOf('civil-1').length;
    expect(sealed).toBeLessThan(5);
    const again = await rig.provider({ limits: { batchRows: 2, blockBytes: 1 } });
    expect(await again.jobs.ended(id, deadline())).toMatchObject({ state: 'done', attempt: 1 });
    expect(rig.platform.batchesOf('civil-1')).toHaveLength(5);
  });

  it('ends within its deadline when a run does not listen', async () => {
    const engine = await rig.provider({ mode: modeThat((_, signal) => untilAborted(signal)) });
    const job = engine.jobs.run('village-out');
    await until('it runs', () => engine.jobs.status(job.id).state === 'running');
    await engine.stop({ deadlineMs: 50 });
    const again = await rig.provider();
    expect(await again.jobs.ended(job.id, deadline())).toMatchObject({ state: 'done' });
  });

  it('leaves files it does not know out of the outbox', async () => {
    await mkdir(join(rig.folder, 'civil-1', 'outbox', 'village'), { recursive: true });
    const stray = join(rig.folder, 'civil-1', 'outbox', 'village', 'stray.zst.part');
    await writeFile(stray, 'x');
    await rig.provider();
    await expect(stat(stray)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('exchanges that change while the engine runs', () => {
  it('run when added, end by what they began with, and get no more runs when removed', async () => {
    let exchanges: readonly SupplyExchange[] = [supplyVillage];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const engine = await rig.provider({ exchanges: () => exchanges, mode: modeThat(() => finished) });
    const running = engine.jobs.run('village-out');
    await until('it runs', () => engine.jobs.status(running.id).state === 'running');
    const queued = engine.jobs.run('village-out');

    exchanges = [{ ...supplyVillage, name: 'village-anew', supply: 'other' }];
    engine.wake();
    expect(engine.exchanges.list()).toMatchObject([{ exchange: 'village-anew' }]);
    await until('the queued run is cancelled', () => engine.jobs.status(queued.id).state === 'cancelled');
    expect(engine.jobs.status(running.id).state).toBe('running');
    const added = engine.jobs.run('village-anew');
    expect(() => engine.jobs.run('village-out')).toThrow(/village-out/);

    finish();
    expect(await engine.jobs.ended(running.id, deadline())).toMatchObject({ state: 'done' });
    expect(await engine.jobs.ended(added.id, deadline())).toMatchObject({ state: 'done' });
  });
});
