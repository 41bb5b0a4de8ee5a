import type { Channel } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

let site: FirmSite;
let sw: SiteAgent;
let job: string;

/** Deliveries are received, then the platform is down until the lease has run out: the job waits, nothing is applied. */
beforeEach(async () => {
  site = await createFirmSite();
  sw = await site.consumer('sw-1', 'sw');
  await site.subscribe('sw', 'firm');
  await site.mz.start({ limits: smallBatches });
  await site.mz.done('out');
  await site.mz.stop();
  let fetched = 0;
  let apply = () => {};
  const held = new Promise<void>((resolve) => {
    apply = resolve;
  });
  const channel = (http: Channel): Channel => ({
    ...http,
    async *receive(request, signal) {
      for await (const incoming of http.receive(request, signal)) {
        yield {
          ...incoming,
          async bytes(inner) {
            const bytes = await incoming.bytes(inner);
            fetched++;
            await held;
            return bytes;
          },
        };
      }
    },
  });
  // no attempt comes by itself in the time of a test: what goes on was woken or told
  await sw.start({ channel, limits: { backoffFirstMs: 600_000, backoffCapMs: 600_000 } });
  await sw.sync();
  job = sw.engine.jobs.run('in').id;
  await until('all is fetched', () => fetched === 10);
  await site.stopPlatform();
  await until('the lease has run out', () => Date.parse(sw.link.lease()!.expiresAt) < Date.now());
  apply();
  await until('it waits', () => sw.engine.jobs.status(job).state === 'waiting');
});
afterEach(() => site?.close());

const waits = () =>
  expect(sw.engine.jobs.status(job)).toMatchObject({
    state: 'waiting',
    problem: { code: 'QZ_ENGINE_LEASE_EXPIRED', kind: 'unavailable' },
    restart: `qianzhi job retry ${job}`,
  });

async function goesOn(): Promise<void> {
  expect(await sw.engine.jobs.ended(job, AbortSignal.timeout(20_000))).toMatchObject({ state: 'done' });
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
  await expectEvidence(site);
}

describe('a platform that is away for longer than a lease', () => {
  it('makes the consumer wait with nothing applied; it goes on by itself when the platform is back', async () => {
    waits();
    expect(sw.engine.exchanges.list()).toMatchObject([
      { state: 'waiting', restart: `qianzhi job retry ${job}` },
    ]);
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual([]);
    await site.startPlatform();
    await goesOn();
  });

  it('is waited for again when the job is retried too early; the command named goes on at once after it', async () => {
    sw.engine.jobs.retry(job);
    await until('it waits again', () => sw.engine.jobs.status(job).state === 'waiting');
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual([]);
    await site.startPlatform();
    await until('the lease is in force', () => Date.parse(sw.link.lease()!.expiresAt) > Date.now());
    const { state } = sw.engine.jobs.status(job);
    if (state === 'waiting') sw.engine.jobs.retry(job);
    await goesOn();
  });
});
