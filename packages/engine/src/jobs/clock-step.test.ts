import { defineErrors } from '@qianzhi/model';
import type { ExchangeMode } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, deadline, manualMode, type Rig, runNow, supplyVillage, until } from '../doubles/rig.js';
import { newCounts } from '../provider/run-counts.js';

const testErrors = defineErrors('CLOCK_TEST', {
  LATER: {
    kind: 'unavailable',
    zh: { message: '稍后', hint: '稍后' },
    en: { message: 'later', hint: 'later' },
  },
});

const HOUR = 3_600_000;

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.cleanup());

/** One run in each hour of the clock. */
const hourly: ExchangeMode = {
  ...manualMode,
  plan({ name }, { lastPlanned }, now) {
    const slot = new Date(Math.floor(now.getTime() / HOUR) * HOUR);
    if (lastPlanned && slot <= lastPlanned) return [];
    return [{ id: `${name}@${slot.toISOString()}`, exchange: name, dueAt: slot, cause: 'schedule' }];
  },
  run: async () => newCounts(),
};

it('a schedule planned by a clock a day ahead goes on with the next hour once it is right', async () => {
  const engine = await rig.provider({ mode: () => hourly });
  const done = () => engine.jobs.list({ state: 'done' }).length;
  await until('the hour’s run', () => done() === 1);
  rig.clock.offsetMs = 24 * HOUR;
  engine.wake();
  await until('a run of tomorrow', () => done() === 2);
  rig.clock.offsetMs = 0;
  await runNow(engine, 'village-out');
  rig.clock.offsetMs = HOUR;
  engine.wake();
  await until('the next hour’s run', () => done() === 4);
});

it('a slot that a clock a day ahead had run is run again in its own time', async () => {
  const engine = await rig.provider({ mode: () => hourly });
  const done = () => engine.jobs.list({ state: 'done' }).length;
  await until('the hour’s run', () => done() === 1);
  rig.clock.offsetMs = 24 * HOUR;
  engine.wake();
  await until('a run of tomorrow', () => done() === 2);
  rig.clock.offsetMs = 0;
  await runNow(engine, 'village-out');
  rig.clock.offsetMs = 24 * HOUR;
  engine.wake();
  await until('tomorrow’s run', () => done() === 4);
  engine.wake();
  await runNow(engine, 'village-out');
  expect(done()).toBe(5);
});

it('a job that waits by a clock a day ahead is tried again once it is right', async () => {
  const other = { ...supplyVillage, name: 'other' };
  const mode = (): ExchangeMode => ({
    ...manualMode,
    async run(job) {
      if (job.exchange === 'village-out' && job.attempt === 1) throw testErrors.LATER();
      return newCounts();
    },
  });
  const limits = { backoffFirstMs: 60_000, backoffCapMs: 60_000 };
  const engine = await rig.provider({ mode, exchanges: () => [supplyVillage, other], limits });
  rig.clock.offsetMs = 24 * HOUR;
  const { id } = engine.jobs.run('village-out');
  await until('it waits', () => engine.jobs.status(id).state === 'waiting');
  rig.clock.offsetMs = 0;
  await runNow(engine, 'other');
  expect(await engine.jobs.ended(id, deadline())).toMatchObject({ state: 'done', attempt: 2 });
});

it('a clock before what the platform has signed: nothing is read or applied, and all goes on when it is right', async () => {
  rig.source.put('01', '村');
  const { assignments, lease } = { assignments: rig.platform.assignments('civil-1'), lease: undefined };
  const lateKeys = assignments!.keys.map((key) => ({ ...key, validFrom: new Date().toISOString() }));
  const provider = await rig.provider({
    assignments: () => ({ ...assignments!, keys: lateKeys }),
    lease: () => lease,
  });
  rig.clock.offsetMs = -24 * HOUR;
  const { id } = provider.jobs.run('village-out');
  await until('it waits', () => provider.jobs.status(id).state === 'waiting');
  expect(provider.jobs.status(id)).toMatchObject({
    problem: { code: 'QZ_ENGINE_CLOCK_BEHIND', details: { seconds: expect.closeTo(86_400, -2) } },
  });
  expect(rig.platform.acknowledged).toEqual([]);
  rig.clock.offsetMs = 0;
  provider.wake();
  expect(await provider.jobs.ended(id, deadline())).toMatchObject({ state: 'done' });

  const now = rig.platform.lease('tax-1');
  rig.clock.offsetMs = -24 * HOUR;
  const consumer = await rig.consumer({ lease: () => now });
  const pull = consumer.jobs.run('village-in');
  await until('it waits', () => consumer.jobs.status(pull.id).state === 'waiting');
  expect(consumer.jobs.status(pull.id).problem?.code).toBe('QZ_ENGINE_CLOCK_BEHIND');
  expect(rig.target.writes).toBe(0);
});
