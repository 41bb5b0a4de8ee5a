import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backupAgent, restoreAgent } from '@qianzhi/agent';
import { personRoutes } from '@qianzhi/model';
import { backupPlatform, restorePlatform } from '@qianzhi/platform';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** The provider has a line to the platform, the consumer packages alone. */
let site: FirmSite;
let sw: SiteAgent;
const soon = () => AbortSignal.timeout(20_000);
const gate = (name: string) => site.at(`gate/${name}`);
const never = { everySeconds: 3600, validDays: 7 };

beforeEach(async () => {
  site = await createFirmSite({
    rows: 30,
    platform: (folder) => ({
      packages: {
        in: join(folder, 'gate/to-platform'),
        out: join(folder, 'gate/from-platform'),
        agents: ['sw-1'],
        maxMiB: 16,
        ...never,
      },
    }),
  });
  sw = await site.consumer('sw-1', 'sw');
  await site.subscribe('sw', 'firm');
  await sw.carry({ in: gate('to-sw'), out: gate('from-sw'), ...never });
  await site.mz.start();
  await sw.start();
});
afterEach(() => site?.close());

function carry(from: string, to: string): void {
  mkdirSync(gate(to), { recursive: true });
  for (const name of readdirSync(gate(from)).filter((one) => one.endsWith('.qzp')))
    renameSync(join(gate(from), name), join(gate(to), name));
}

async function thereAndBack(): Promise<void> {
  await sw.packages.export(undefined);
  carry('from-sw', 'to-platform');
  await site.officer.call(personRoutes.runPackages, { body: { agent: 'sw-1' } });
  carry('from-platform', 'to-sw');
  await sw.packages.import(undefined);
}

async function supplied(): Promise<void> {
  await site.mz.done('out');
  await thereAndBack();
  const job = sw.engine.jobs.run('in');
  await until('the run ended', () => sw.engine.jobs.status(job.id).state === 'done');
  await thereAndBack();
}

it('both sides restored from backups go on with their packages, without a word of a person', async () => {
  const place = { dataDir: site.dataDir, database: { kind: 'sqlite' } } as const;
  await supplied();
  await backupPlatform(place, site.at('platform-backup'), soon());
  await backupAgent(sw.stateDir, site.at('agent-backup'), soon());
  expect(readdirSync(site.at('platform-backup/packages/sw-1'))).toContain('book.json');
  expect(readdirSync(site.at('agent-backup/packages'))).toContain('book.json');
  sql(site.legacy, "UPDATE firm SET name = 'after the backup' WHERE code = 'c0001'");
  await supplied();

  await sw.kill();
  await site.stopPlatform();
  for (const folder of [site.dataDir, sw.stateDir]) await rm(folder, { recursive: true });
  await restorePlatform(site.at('platform-backup'), place, soon());
  await restoreAgent(site.at('agent-backup'), sw.stateDir, soon());
  await site.startPlatform();
  await site.signInAgain();
  await sw.start();
  sql(site.legacy, "DELETE FROM firm WHERE code = 'c0002'");
  await supplied();

  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
  expect((await sw.packages.status()).refused).toEqual([]);
  await expectEvidence(site);
});
