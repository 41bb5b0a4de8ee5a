import type { Channel } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandsIn } from '../e2e/hints.js';
import { copyFolder } from '../fixtures/copy-folder.js';
import { resourceOf } from '../fixtures/resource.js';
import { rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { columns, createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** What the platform refuses only because something changed between an agent's own check and its request. */
let site: FirmSite;
let sw: SiteAgent;
beforeEach(async () => {
  site = await createFirmSite({ rows: 40 });
  sw = await site.consumer('sw-1', 'sw');
});
afterEach(() => site?.close());

const equal = () => expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
const soon = () => AbortSignal.timeout(15_000);

/** `between` happens once, when the agent has found itself entitled and is about to ask. */
function justBefore(between: () => Promise<void>): (http: Channel) => Channel {
  let happened: Promise<void> | undefined;
  return (http) => ({
    ...http,
    async *receive(request, signal) {
      happened ??= between();
      await happened;
      yield* http.receive(request, signal);
    },
  });
}

describe('a grant revoked between the agent’s check and its poll', () => {
  it.each([
    ['before anything was delivered', 'QZ_PLATFORM_NO_AGREEMENT', false],
    ['of a delivery that has begun', 'QZ_PLATFORM_GRANT_NOT_LIVE', true],
  ])('%s: denied, and on by the commands that it names', async (_what, code, begun) => {
    await site.mz.start({ limits: smallBatches });
    const { id } = await site.subscribe('sw', 'firm');
    if (begun) {
      await site.mz.done('out');
      await sw.start();
      await sw.done('in');
      await sw.stop();
    }
    await sw.start({ channel: justBefore(() => site.revoke(id)) });
    const job = await sw.run('in');
    expect(job, JSON.stringify(job)).toMatchObject({ state: 'failed', problem: { code, kind: 'denied' } });
    const commands = commandsIn(job.problem!.texts.en.hint);
    expect(commands).toContain('qianzhi agreement apply firm --matter MATTER');
    expect(commands).toContain('qianzhi job retry');
    expect(job.restart).toBe(`qianzhi job retry ${job.id}`);
    await site.subscribe('sw', 'firm');
    await sw.sync();
    await site.mz.done('out');
    sw.engine.jobs.retry(job.id);
    expect(await sw.engine.jobs.ended(job.id, soon())).toMatchObject({ state: 'done' });
    equal();
    await expectEvidence(site);
  });
});

describe('a platform restored to before a schema version that batches are sealed under', () => {
  it('refuses them, and all goes on by the commands it names', async () => {
    await site.mz.start({ limits: smallBatches });
    await sw.start();
    await site.subscribe('sw', 'firm');
    await site.mz.done('out');
    await sw.done('in');
    await site.stopPlatform();
    await copyFolder(site.dataDir, site.at('yesterday'));
    await site.startPlatform();
    const wider = resourceOf(
      'firm',
      [...columns, 'grade'].map((column) => ({ column })),
    );
    sql(site.legacy, 'ALTER TABLE firm ADD COLUMN grade TEXT');
    await site.publish(wider);
    await site.mz.run('out');
    await site.mz.engine.streams.acceptSchema('firm', soon());
    sql(site.legacy, "UPDATE firm SET grade = 'A' WHERE code = 'c0001'");
    await site.mz.done('out');
    await site.stopPlatform();
    await copyFolder(site.at('yesterday'), site.dataDir);
    await site.startPlatform();
    // the catalog went back, too, and is published again: under duties the batches do not know
    await site.publish(wider);
    await until('the agent has its orders again', () =>
      site.mz.sync().then(
        () => true,
        () => false,
      ),
    );
    sql(site.legacy, "UPDATE firm SET name = 'after' WHERE code = 'c0002'");
    const job = await site.mz.run('out');
    expect(job, JSON.stringify(job)).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_PLATFORM_DUTY_DIFFERS' },
    });
    expect(commandsIn(job.problem!.texts.en.hint)).toContain('qianzhi agent recover --resource firm');
    await site.mz.engine.streams.recover({ resource: 'firm', reason: '平台由备份恢复' }, soon());
    await site.mz.done('out');
    await site.subscribe('sw', 'firm', { items: ['grade'] });
    await sw.done('in');
    expect(rowsOf(site.targetOf('sw-1'), 'firm', [...columns, 'grade'])).toEqual(
      rowsOf(site.legacy, 'firm', [...columns, 'grade']),
    );
    await expectEvidence(site);
  });
});
