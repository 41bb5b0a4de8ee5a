import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, deadline, type Rig, runNow, supplyVillage, until } from '../doubles/rig.js';
import { inspectExchange } from '../store/inspect-exchange.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  rig.source.put('01', '村1');
});
afterEach(() => rig.cleanup());

const inspect = () => inspectExchange(join(rig.folder, 'civil-1'), supplyVillage);
const stored = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body);

/** A first batch with its receipt, and a second one that the line does not take. */
async function unsent(exchanges = [supplyVillage]) {
  const first = await rig.provider();
  expect(await runNow(first, 'village-out')).toMatchObject({ state: 'done' });
  await rig.kill(first);
  const channel = rig.platform.channel('civil-1');
  const send = async () => {
    throw new Error('the line is down');
  };
  let inForce = exchanges;
  const engine = await rig.provider({ channel: { ...channel, send }, exchanges: () => inForce });
  rig.source.put('02', '村2');
  const job = engine.jobs.run('village-out');
  await until('it is sealed', () => engine.streams.show('village').waitingBatches === 1);
  return { engine, job, removed: () => (inForce = []) };
}

describe('what an exchange that is removed had not sent', () => {
  it('is told, also while the agent runs', async () => {
    expect(inspect()).toMatchObject({ batches: 0, waitingBatches: 0 });
    await unsent();
    const { waitingBytes, ...state } = inspect();
    expect(state).toEqual({ batches: 2, waitingBatches: 1, unheldReceipts: 0, quarantined: 0 });
    expect(waitingBytes).toBeGreaterThan(0);
  });

  it('is given up once no run seals more, and is not sent any more', async () => {
    const { engine, job, removed } = await unsent();
    removed();
    await expect(engine.streams.discard('village', 'village-out')).rejects.toMatchObject({
      code: 'QZ_ENGINE_EXCHANGE_BUSY',
    });
    engine.jobs.cancel(job.id);
    await engine.jobs.ended(job.id, deadline());
    const given = await engine.streams.discard('village', 'village-out');
    expect(given).toMatchObject({
      batches: 1,
      stream: { state: 'stopped', waitingBatches: 0, waitingBytes: 0, restart: 'qianzhi agent recover' },
    });
    expect(given.stream.problem?.code).toBe('QZ_ENGINE_OUTBOX_DISCARDED');
    expect(await engine.streams.discard('village', 'village-out')).toEqual({ ...given, batches: 0 });
    expect(readdirSync(join(rig.folder, 'civil-1', 'outbox')).filter((name) => /2/.test(name))).toEqual([]);
    expect(inspect()).toMatchObject({ waitingBatches: 0 });
    await rig.kill(engine);
    const again = await rig.provider({ exchanges: () => [] });
    await expect(again.streams.discard('nothing', 'nothing')).rejects.toMatchObject({
      code: 'QZ_ENGINE_STREAM_UNKNOWN',
    });
    expect(stored().map(({ seq }) => seq)).toEqual([1]);
  });

  it('is nothing where all has a receipt: the stream goes on as it is', async () => {
    const engine = await rig.provider();
    expect(await runNow(engine, 'village-out')).toMatchObject({ state: 'done' });
    const stream = engine.streams.show('village');
    expect(stream.state).toBe('running');
    expect(await engine.streams.discard('village', 'village-out')).toEqual({ batches: 0, stream });
    rig.source.put('02', '村2');
    expect(await runNow(engine, 'village-out')).toMatchObject({ state: 'done', summary: { stored: 1 } });
  });

  it('comes with a whole copy in a new epoch where the resource is supplied again', async () => {
    const { engine, job, removed } = await unsent();
    removed();
    engine.jobs.cancel(job.id);
    await engine.jobs.ended(job.id, deadline());
    await engine.streams.discard('village', 'village-out');
    await rig.kill(engine);
    const again = await rig.provider();
    expect(await runNow(again, 'village-out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_OUTBOX_DISCARDED' },
    });
    await again.streams.recover({ reason: 'supplied again' }, deadline());
    expect(await runNow(again, 'village-out')).toMatchObject({ state: 'done' });
    const anew = rig.platform.batchesOf('civil-1', 2).map(({ manifest }) => manifest.body);
    expect(anew.map(({ kind, rows, seq }) => [kind, rows, seq])).toEqual([['snapshot', 2, 1]]);
  });
});
