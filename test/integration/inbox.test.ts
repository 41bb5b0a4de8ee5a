import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rowsOf } from '../fixtures/tables.js';
import { collectReceipts, expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import { createShiftedClock } from './shifted-clock.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

const everything = { inboxFromBytes: 0 };

let site: FirmSite;
let sw: SiteAgent;
let agreement: string;
let fetched: number[];

/** Ten deliveries are received, none is applied, and the consumer is killed. */
beforeEach(async () => {
  site = await createFirmSite();
  sw = await site.consumer('sw-1', 'sw');
  agreement = (await site.subscribe('sw', 'firm')).id;
  await site.mz.start({ limits: smallBatches });
  await site.mz.done('out');
  const clock = createShiftedClock();
  const channel = fetchingFirst(async () => {
    await until('the others are received', () => received().length === 9);
    // the lease has run out when the first can be applied
    clock.aheadMs = 6_000;
  });
  await sw.start({ limits: everything, channel, clock });
  expect(await sw.run('in', 'waiting')).toMatchObject({ problem: { code: 'QZ_ENGINE_LEASE_EXPIRED' } });
  await sw.kill();
  expect(received()).toHaveLength(10);
  fetched = [];
});
afterEach(() => site?.close());

const received = () => {
  try {
    const names = readdirSync(join(sw.stateDir, 'inbox'), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.zst'));
  } catch {
    return [];
  }
};

function fetchingFirst(before: () => Promise<unknown>) {
  return (http: Channel): Channel => ({
    ...http,
    async *receive(request, signal) {
      for await (const incoming of http.receive(request, signal)) {
        const { seq } = incoming.delivery.body;
        yield {
          ...incoming,
          async bytes(inner) {
            if (seq === 1) await before();
            fetched?.push(seq);
            return incoming.bytes(inner);
          },
        };
      }
    },
  });
}

it('what was received before a kill is applied without fetching it again', async () => {
  await sw.start({ limits: everything, channel: fetchingFirst(async () => undefined) });
  await sw.done('in');
  expect(fetched).toEqual([]);
  expect(received()).toEqual([]);
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
  await expectEvidence(site);
});

it('revoked while the agent was down: erased unapplied, and a receipt closes every sequence', async () => {
  await site.revoke(agreement);
  await sw.start({ limits: everything });
  await until('it is erased', () => received().length === 0);
  const [closing] = await until('the closing receipt is held', async () => {
    const { receipts } = await collectReceipts(site);
    const found = receipts.filter(({ body }) => body.stage === 'rejected');
    return found.length > 0 && found;
  });
  expect(closing!.body).toMatchObject({ seqFrom: 1, seqTo: 10, rows: 100, reason: 'revoked' });
  expect(sw.engine.streams.list()).toMatchObject([{ state: 'revoked' }]);
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual([]);
  await expectEvidence(site);
});
