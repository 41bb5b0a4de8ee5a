import type { SupplyExchange } from '@qianzhi/model';
import { isSupply } from '@qianzhi/model';
import type { Channel, ExchangeMode, PlannedBefore } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platformDoubleErrors } from '../doubles/errors.js';
import { createRig, deadline, manualMode, type Rig, runNow, supplyVillage, until } from '../doubles/rig.js';
import type { Engine } from '../surface.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

/** Always has a run, which lasts so long; one by hand ends by itself. */
function lasting(runMs = 60_000): () => ExchangeMode {
  return () => ({
    ...manualMode,
    lasts: () => true,
    plan({ name }, { newest }, now) {
      if (newest && (newest.state === 'open' || now.getTime() < againAt(newest))) return [];
      const id = `${name}@after-${newest?.endedAt?.toISOString() ?? 'nothing'}`;
      return [{ id, exchange: name, dueAt: now, cause: 'continuous' }];
    },
    nextDue: (_exchange, { newest }, now) =>
      newest === undefined ? now : newest.state === 'open' ? undefined : new Date(againAt(newest)),
    run({ cause }, ports, signal) {
      const continuous = cause === 'manual' ? undefined : { runMs, pollMs: 5 };
      return isSupply(ports.exchange)
        ? ports.supply(ports.exchange, { continuous }, signal)
        : ports.consume(ports.exchange, { waitMs: continuous ? runMs : 0, continuous }, signal);
    },
  });
}

const againAt = ({ endedAt }: PlannedBefore) => endedAt!.getTime() + 20;

const running = (engine: Engine) => engine.jobs.list({ state: 'running' })[0];
const confirmed = () => JSON.parse(rig.source.confirmed.at(-1) ?? '{}');
const targetNames = () => [...rig.target.rows.values()].map((row) => row[1]).sort();

describe('runs that stay open', () => {
  it('carry each change as it comes, confirm it, and keep one job meanwhile', async () => {
    const provider = await rig.provider({ mode: lasting() });
    const consumer = await rig.consumer({ mode: lasting() });
    await until('the copy is there', () => rig.target.rows.size === 9);
    const jobs = [running(provider)?.id, running(consumer)?.id];
    for (let n = 0; n < 3; n++) {
      rig.source.put('00', `改${n}`);
      await until('a change is there', () => rig.target.rows.get('00')?.[1] === `改${n}`);
    }
    rig.source.remove('08');
    await until('a delete is there', () => !rig.target.rows.has('08'));
    // no block follows that would bring it
    await until('it is confirmed while the read stays open', () => confirmed().log === rig.source.log.length);
    expect([running(provider)?.id, running(consumer)?.id]).toEqual(jobs);
  });

  it('are over after their time, with counts that balance, and followed by another one', async () => {
    const provider = await rig.provider({ mode: lasting(30) });
    const done = () => provider.jobs.list({ state: 'done' });
    await until('several ran', () => done().length >= 3);
    rig.source.put('00', '改');
    const stored = () => done().reduce((sum, job) => sum + job.summary!.stored, 0);
    await until('the change is in one of them', () => stored() === 10);
    for (const { summary } of done()) expect(summary!.read).toBe(summary!.stored + summary!.rejected);
  });

  it('give way to a job by hand, which reads all there is and ends', async () => {
    const provider = await rig.provider({ mode: lasting() });
    await until('it runs', () => running(provider) !== undefined);
    const lasted = running(provider)!.id;
    rig.source.put('00', '改');
    const job = await runNow(provider, 'village-out');
    expect(job).toMatchObject({ state: 'done', cause: 'manual' });
    expect(provider.jobs.status(lasted)).toMatchObject({ state: 'done' });
    expect(provider.streams.show('village').waitingBatches).toBe(0);
    await until('the next one runs', () => running(provider)?.cause === 'continuous');
  });

  it('end when their exchange is another one, and the next run goes by that', async () => {
    const other: SupplyExchange = { ...supplyVillage, rejectLimit: 0.1 };
    let exchanges = [supplyVillage];
    const provider = await rig.provider({ mode: lasting(), exchanges: () => exchanges });
    await until('it runs', () => running(provider) !== undefined);
    const before = running(provider)!.id;
    exchanges = [other];
    provider.wake();
    await provider.jobs.ended(before, deadline());
    await until('the next one runs', () => running(provider) !== undefined);
    exchanges = [];
    provider.wake();
    await until('nothing runs', () => running(provider) === undefined);
    expect(provider.jobs.list({ state: 'done' })).toHaveLength(2);
  });

  it('end at once by cancel and pause, and without the duty', async () => {
    const provider = await rig.provider({ mode: lasting() });
    await until('it runs', () => running(provider) !== undefined);
    const first = running(provider)!.id;
    provider.jobs.cancel(first);
    expect(await provider.jobs.ended(first, deadline())).toMatchObject({ state: 'cancelled' });
    await until('the next one runs', () => running(provider) !== undefined);
    provider.jobs.pause('village-out');
    await until('it is paused', () => running(provider) === undefined);
    provider.jobs.resume('village-out');
    await until('it goes on', () => running(provider) !== undefined);
    rig.platform.setDuty('other');
    provider.wake();
    await until('it has failed', () => provider.jobs.list({ state: 'failed' }).length > 0);
    expect(provider.jobs.list({ state: 'failed' })[0]?.problem?.code).toBe('QZ_ENGINE_NO_DUTY');
  });

  it('end when their stream is stopped, though nothing changes any more', async () => {
    const channel = rig.platform.channel('civil-1');
    let refuses = false;
    const send: Channel['send'] = async (batch, signal) => {
      if (refuses) throw platformDoubleErrors.WRONG({ what: 'test' });
      await channel.send(batch, signal);
    };
    const provider = await rig.provider({ mode: lasting(), channel: { ...channel, send } });
    await until('the copy is confirmed', () => confirmed().phase === 'delta');
    refuses = true;
    rig.source.put('00', '改');
    await until('the stream is stopped', () => provider.streams.show('village').state === 'stopped');
    await until('its run is over', () => running(provider) === undefined);
    const { code } = platformDoubleErrors.WRONG({ what: 'test' });
    expect(provider.jobs.list({ state: 'failed' })[0]?.problem).toMatchObject({ code });
  });

  it('leave the places of other jobs alone', async () => {
    const more = [1, 2, 3].map((n) => ({ ...supplyVillage, name: `village-${n}` }));
    const mode = (type: string) => (type === 'manual' ? lasting()() : manualMode);
    const byHand = { ...supplyVillage, name: 'by-hand', mode: 'hand' };
    const exchanges = [...more, byHand];
    const provider = await rig.provider({ mode, exchanges: () => exchanges, limits: { concurrentJobs: 1 } });
    await until('all run', () => provider.jobs.list({ state: 'running' }).length === 3);
    expect(provider.jobs.run('by-hand').state).toBe('queued');
    await until('one more runs', () => provider.jobs.list({ exchange: 'by-hand' })[0]?.state === 'running');
  });

  it('go on after a crash, with nothing lost or doubled', async () => {
    let provider = await rig.provider({ mode: lasting() });
    await rig.consumer({ mode: lasting() });
    await until('the copy is there', () => rig.target.rows.size === 9);
    await rig.kill(provider);
    rig.source.put('09', '新');
    provider = await rig.provider({ mode: lasting(), limits: { outboxFileFromBytes: 16_384 } });
    await until('the row is there', () => rig.target.rows.size === 10);
    expect(targetNames()).toEqual([...rig.source.rows.values()].map((row) => row[1]).sort());
  });
});
