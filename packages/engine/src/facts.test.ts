import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, runNow, until } from './doubles/rig.js';
import { createWaitingRig } from './doubles/waiting.js';
import type { BatchEvent, Engine } from './surface.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 5; i++) rig.source.put(`0${i}`, `村${i}`);
  rig.source.put('99', '长'.repeat(30));
});
afterEach(() => rig.cleanup());

function batchesOf(engine: Engine): BatchEvent[] {
  const events: BatchEvent[] = [];
  engine.on((event) => {
    if (event.kind === 'batch') events.push(event);
  });
  return events;
}

function total(events: readonly BatchEvent[], stage: BatchEvent['stage'], of: 'rows' | 'rejected'): number {
  return events.filter((event) => event.stage === stage).reduce((sum, event) => sum + event[of], 0);
}

describe('facts for monitoring', () => {
  it('tell of each batch once for each stage, with what it refused', async () => {
    const provider = await rig.provider({ limits: { batchRows: 2 } });
    const events = batchesOf(provider);
    let rejected = 0;
    provider.on((event) => {
      if (event.kind === 'rejected') rejected += event.rows;
    });
    await runNow(provider, 'village-out');
    expect(rejected).toBe(1);
    expect([total(events, 'sealed', 'rows'), total(events, 'sent', 'rows')]).toEqual([5, 5]);
    expect(total(events, 'sealed', 'rejected')).toBe(1);
    const ids = (stage: string) => events.filter((one) => one.stage === stage).map(({ batch }) => batch);
    expect(ids('sealed')).toEqual(ids('sent'));
    expect(new Set(ids('sent')).size).toBe(rig.platform.batchesOf('civil-1').length);

    const consumer = await rig.consumer();
    const applied = batchesOf(consumer);
    await runNow(consumer, 'village-in');
    expect(total(applied, 'applied', 'rows')).toBe(5);
    expect(applied.at(-1)).toMatchObject({ exchange: 'village-in', resource: 'village', rejected: 0 });
  });

  it('give the oldest batch without receipt and its bytes while the link is down', async () => {
    const provider = await rig.provider();
    expect(provider.facts()).toMatchObject({ outboxBytes: 0, oldestUnreceipted: [], halted: undefined });
    rig.platform.faults.down = true;
    const before = new Date().toISOString();
    provider.jobs.run('village-out');
    await until('a sealed batch', () => provider.facts().outboxBytes > 0);
    const [oldest] = provider.facts().oldestUnreceipted;
    expect(oldest).toMatchObject({ resource: 'village' });
    expect(oldest!.sealedAt >= before).toBe(true);
    rig.platform.faults.down = false;
    provider.wake();
    await until('receipts', () => provider.facts().oldestUnreceipted.length === 0);
  });

  it('date the data by its newest batch with rows, not by the last run', async () => {
    const provider = await rig.provider();
    const dataAt = () => provider.facts().exchanges[0]!.dataAt;
    expect(dataAt()).toBeUndefined();
    await runNow(provider, 'village-out');
    const first = dataAt()!;
    expect(provider.facts().exchanges[0]).toMatchObject({ exchange: 'village-out', quarantined: 1 });
    rig.clock.offsetMs = 3_600_000;
    await runNow(provider, 'village-out');
    expect(dataAt()).toBe(first);
    rig.source.put('00', '改名');
    await runNow(provider, 'village-out');
    expect(Date.parse(dataAt()!) - Date.parse(first)).toBeGreaterThan(3_000_000);
    expect(provider.facts().jobs).toEqual({
      queued: 0,
      running: 0,
      waiting: 0,
      done: 3,
      failed: 0,
      cancelled: 0,
    });
  });

  it('date what a target holds by when the provider sealed it, over a restart', async () => {
    const waiting = await createWaitingRig();
    try {
      const sealed = waiting.platform.batchesOf('civil-1').at(-1)!.manifest.body.sealedAt;
      const consumer = await waiting.consumer();
      await runNow(consumer, 'village-in');
      await waiting.kill(consumer);
      expect((await waiting.consumer()).facts().exchanges[0]!.dataAt).toBe(sealed);
    } finally {
      await waiting.cleanup();
    }
  });

  it('log lines of a run name the job, of a batch its id', async () => {
    const lines: Record<string, unknown>[] = [];
    const keep = (facts: object, message: string) => void lines.push({ ...facts, message });
    const log = { debug: keep, info: keep, warn: keep, error: keep };
    const provider = await rig.provider({ log });
    const job = await runNow(provider, 'village-out');
    const id = rig.platform.batchesOf('civil-1')[0]!.manifest.body.id;
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'batch sealed', job: job.id, batch: id }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ message: 'batch sent', batch: id }));
    expect(JSON.stringify(lines)).not.toContain('村');
  });
});
