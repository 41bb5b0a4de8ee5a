import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { enrol } from '@qianzhi/agent';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyFolder } from '../fixtures/copy-folder.js';
import { query, rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

let site: FirmSite;
let sw: SiteAgent;
const soon = () => AbortSignal.timeout(15_000);

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

/** A day's work: rows changed, added and removed, all of it applied. */
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

describe('the supplier’s state of yesterday', () => {
  beforeEach(async () => {
    await site.mz.stop();
    await copyFolder(site.mz.stateDir, site.at('yesterday'));
    await site.mz.start({ limits: smallBatches });
    await workOn(1);
    await site.mz.stop();
    await copyFolder(site.at('yesterday'), site.mz.stateDir);
    await site.mz.start({ limits: smallBatches });
  });

  it('stops the stream; recover opens the next epoch and source equals target again', async () => {
    sql(site.legacy, "UPDATE firm SET name = 'after' WHERE code = 'c0003'");
    expect(await site.mz.run('out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_STATE_BEHIND' },
      restart: expect.stringContaining('qianzhi agent recover'),
    });
    await site.mz.engine.streams.recover({ reason: '恢复了昨天的备份' }, soon());
    expect(site.mz.engine.streams.show('firm')).toMatchObject({ stream: { epoch: 2 } });
    await site.mz.done('out');
    await sw.done('in');
    equal();
    await workOn(2);
    equal();
    await expectEvidence(site);
  });
});

it('the supplier’s state lost entirely: enrolled anew, recovered, equal again', async () => {
  await workOn(1);
  await site.mz.stop();
  await rm(site.mz.stateDir, { recursive: true });
  const token = await site.invite('mz-1', 'mz');
  await enrol({ stateDir: site.mz.stateDir, token, url: site.url });
  await site.mz.start();
  expect(await site.mz.run('out')).toMatchObject({ problem: { code: 'QZ_ENGINE_STATE_BEHIND' } });
  await site.mz.engine.streams.recover({ reason: '磁盘更换' }, soon());
  await site.mz.done('out');
  await sw.done('in');
  equal();
  await workOn(2);
  equal();
  await expectEvidence(site);
});

describe('the platform’s folder of yesterday', () => {
  it('agents send again what they keep, consumers go on without a row twice or lost', async () => {
    await site.stopPlatform();
    await copyFolder(site.dataDir, site.at('yesterday'));
    await site.startPlatform();
    await workOn(1);
    await workOn(2);
    await site.stopPlatform();
    await copyFolder(site.at('yesterday'), site.dataDir);
    await site.startPlatform();
    for (const agent of [site.mz, sw]) {
      await agent.stop();
      await agent.start();
    }
    sql(site.legacy, "UPDATE firm SET name = 'after' WHERE code = 'c0003'");
    await site.mz.done('out');
    const job = await sw.done('in');
    expect(job.summary).toMatchObject({ rejected: 0 });
    equal();
    await workOn(4);
    equal();
    await expectEvidence(site);
  });

  it('the same while the agents keep running', async () => {
    await site.stopPlatform();
    await copyFolder(site.dataDir, site.at('yesterday'));
    await site.startPlatform();
    // claims a fence that the restored platform never gave
    await sw.stop();
    await sw.start();
    await workOn(1);
    await site.stopPlatform();
    await copyFolder(site.at('yesterday'), site.dataDir);
    await site.startPlatform();
    await until('the agent is taken for the live one again', () =>
      sw.sync().then(
        () => true,
        () => false,
      ),
    );
    sql(site.legacy, "UPDATE firm SET name = 'after' WHERE code = 'c0003'");
    await site.mz.done('out');
    await sw.done('in');
    equal();
    await expectEvidence(site);
  });
});

it('the target of yesterday is delivered again from its ledger', async () => {
  await sw.stop();
  await cp(site.targetOf('sw-1'), site.at('yesterday.sqlite'));
  await sw.start();
  await workOn(1);
  await workOn(2);
  await sw.stop();
  for (const suffix of ['-wal', '-shm']) await rm(site.targetOf('sw-1') + suffix, { force: true });
  await cp(site.at('yesterday.sqlite'), site.targetOf('sw-1'));
  await sw.start();
  await sw.done('in');
  equal();
  await workOn(3);
  equal();
  await expectEvidence(site);
});

it('the consumer’s state lost entirely: enrolled anew it goes on from the target’s ledger, nothing is applied twice', async () => {
  await workOn(1);
  await sw.stop();
  await rm(sw.stateDir, { recursive: true });
  await enrol({ stateDir: sw.stateDir, token: await site.invite('sw-1', 'sw'), url: site.url });
  await sw.start();
  await workOn(2);
  equal();
  const repeats = query(
    join(site.dataDir, 'platform.sqlite'),
    "SELECT issuer, seq_from FROM receipts WHERE stage = 'applied' AND again = 0 GROUP BY agreement, grant_version, agent, epoch, seq_from HAVING count(*) > 1",
  );
  expect(repeats).toEqual([]);
  await expectEvidence(site);
});
