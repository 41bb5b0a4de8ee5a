import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { query, sql } from '../fixtures/tables.js';
import { createFirmSite, type FirmSite } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const none = { missing: 0, extra: 0, changed: 0, stale: 0, unsettled: 0 };
let site: FirmSite;
let sw: SiteAgent;
beforeEach(async () => {
  site = await createFirmSite({ rows: 40 });
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { inbox: { type: 'inbox' } },
    exchanges: [{ name: 'in', consume: 'firm', connector: 'inbox', target: {} }],
  });
  await site.subscribe('sw', 'firm', { items: ['code', 'name'], masks: { name: 'name' } });
  await Promise.all([site.mz.start(), sw.start()]);
  await site.mz.done('out');
  await sw.done('in');
});
afterEach(() => site?.close());

async function reconcile(repair: boolean) {
  const order = { resource: 'firm', repair };
  const [begun] = await sw.reconciler.begin(order, AbortSignal.timeout(20_000));
  const { session } = begun!;
  for (const agent of [site.mz, sw]) {
    await until(
      `${agent.name} at rest`,
      () => agent.reconciler.running().some((one) => one.session === session && one.state !== 'running'),
      60_000,
    );
  }
  const ended = sw.reconciler.running().find((one) => one.session === session);
  expect(ended, JSON.stringify(ended)).toMatchObject({ state: 'done' });
  return sw.reconciler.results('firm').find((one) => one.session === session)!;
}

it('an inbox is compared with its source, and what it lost comes back through the normal path', async () => {
  expect((await reconcile(false)).report).toMatchObject({
    rows: { provider: 40, consumer: 40 },
    found: none,
    complete: true,
  });
  sql(
    site.legacy,
    `UPDATE firm SET name = '改名' WHERE code = 'c0001'`,
    `DELETE FROM firm WHERE code = 'c0002'`,
  );
  expect((await reconcile(false)).report).toMatchObject({ rows: { consumer: 39 }, found: none });

  const inbox = join(sw.stateDir, 'received', 'in.db');
  await sw.stop();
  sql(inbox, 'DELETE FROM change WHERE cursor = (SELECT min(cursor) FROM change WHERE current = 1)');
  await sw.start();
  const { report, keys } = await reconcile(true);
  expect(report).toMatchObject({ found: { ...none, missing: 1 }, repaired: { sent: 1, deleted: 0 } });
  expect(report!.remaining).toEqual(none);
  expect(keys).toEqual([]);
  expect(query(inbox, 'SELECT count(*) FROM change WHERE current = 1')).toEqual([{ 'count(*)': 39 }]);
});
