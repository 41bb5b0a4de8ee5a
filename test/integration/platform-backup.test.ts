import { rm } from 'node:fs/promises';
import { backupPlatform, restorePlatform } from '@qianzhi/platform';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

let site: FirmSite;
let sw: SiteAgent;
const soon = () => AbortSignal.timeout(20_000);

beforeEach(async () => {
  site = await createFirmSite({ rows: 40 });
  await site.mz.start({ limits: smallBatches });
  sw = await site.consumer('sw-1', 'sw');
  await sw.start();
  await site.subscribe('sw', 'firm');
  await site.mz.done('out');
  await sw.done('in');
});
afterEach(() => site?.close());

const equal = () => expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));

async function workOn(day: number): Promise<void> {
  sql(
    site.legacy,
    `UPDATE firm SET name = 'day ${day}' WHERE code = 'c000${day}'`,
    `INSERT INTO firm VALUES ('d${day}', 'new', '1')`,
    `DELETE FROM firm WHERE code = 'c001${day}'`,
  );
  await site.mz.done('out');
  await sw.done('in');
}

it('a platform backed up while it works and restored later goes on: nothing twice, nothing lost', async () => {
  const place = { dataDir: site.dataDir, database: { kind: 'sqlite' } } as const;
  const during = workOn(1);
  await backupPlatform(place, site.at('backup'), soon());
  await during;
  await workOn(2);

  await site.stopPlatform();
  await rm(site.dataDir, { recursive: true });
  await restorePlatform(site.at('backup'), place, soon());
  await site.startPlatform();
  await site.signInAgain();
  await until('the agent is taken for the live one again', () =>
    sw.sync().then(
      () => true,
      () => false,
    ),
  );

  sql(site.legacy, "UPDATE firm SET name = 'after' WHERE code = 'c0003'");
  await site.mz.done('out');
  expect((await sw.done('in')).summary).toMatchObject({ rejected: 0 });
  equal();
  await workOn(4);
  equal();
  await expectEvidence(site);
});
