import { afterAll, beforeAll, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { sql } from '../fixtures/tables.js';
import { createShiftedClock } from './shifted-clock.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

let site: Site;
let mz: SiteAgent;

const catalogued = (updateCycle: 'realtime' | 'irregular', code = 'town') =>
  resourceOf(code, [{ column: 'code' }, { column: 'name' }], { updateCycle });

beforeAll(async () => {
  site = await createSite();
  sql(site.at('legacy.sqlite'), 'CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT)');
  await site.publish(catalogued('irregular'));
  await site.publish(catalogued('realtime', 'lane'));
  const town = { supply: 'town', connector: 'legacy', strategy: 'diff', source: { table: 'town' } };
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: site.at('legacy.sqlite') } },
    exchanges: [
      { ...town, name: 'out-town', schedule: undefined },
      { ...town, supply: 'lane', name: 'by-hand' },
    ],
  });
  for (const code of ['town', 'lane']) await site.supply(code, 'mz-1');
});
afterAll(() => site?.close());

it('a supply without a schedule runs by the update cycle of its resource, and follows when the catalog changes it', async () => {
  const clock = createShiftedClock();
  await mz.start({ clock });
  const planned = () => mz.engine.jobs.list().filter(({ cause }) => cause !== 'manual');
  await mz.done('by-hand');
  clock.aheadMs += 61_000;
  mz.engine.wake();
  await until('a look at the schedules', () => mz.engine.exchanges.list().length === 2);
  expect(planned()).toEqual([]);
  await site.publish(catalogued('realtime'));
  await site.supply('town', 'mz-1');
  await mz.sync();
  clock.aheadMs += 61_000;
  mz.engine.wake();
  const [job] = await until('a scheduled run', () => planned().length > 0 && planned());
  expect(job).toMatchObject({ exchange: 'out-town' });
  await until('its good end', () => planned().some(({ state }) => state === 'done'));
  expect(planned().every(({ exchange }) => exchange === 'out-town')).toBe(true);
});
