import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isQianzhiError, personRoutes } from '@qianzhi/model';
import type { Channel } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { query, rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** No line joins the agents to the platform: the test carries files between folders, as a 网闸 or a person does. */
let site: FirmSite;
let sw: SiteAgent;
let agreement: string;
/** Up to this sequence batches are in a package; one that is sealed may not be yet. */
let packed: number;
const packing = (channel: Channel): Channel => ({
  ...channel,
  async send(batch, signal) {
    await channel.send(batch, signal);
    packed = Math.max(packed, batch.manifest.body.seq);
  },
});
const untilPacked = (seq: number) => until(`${seq} batches are packed`, () => packed === seq);

const platformFolder = (which: 'in' | 'out') => site.at(`gate/platform-${which}`);
const agentFolder = (agent: string, which: 'in' | 'out') => site.at(`gate/${agent}-${which}`);

async function open(validDays = 7): Promise<void> {
  site = await createFirmSite({
    platform: (folder) => ({
      packages: {
        in: join(folder, 'gate/platform-in'),
        out: join(folder, 'gate/platform-out'),
        agents: ['mz-1', 'sw-1'],
        everySeconds: 3600,
        maxMiB: 16,
        validDays,
      },
    }),
  });
  sw = await site.consumer('sw-1', 'sw');
  ({ id: agreement } = await site.subscribe('sw', 'firm'));
  for (const agent of [site.mz, sw]) {
    await agent.carry({
      in: agentFolder(agent.name, 'in'),
      out: agentFolder(agent.name, 'out'),
      everySeconds: 3600,
      validDays,
    });
  }
  packed = 0;
  await site.mz.start({ limits: smallBatches, channel: packing });
  await sw.start();
}
beforeEach(() => open());
afterEach(() => site?.close());

/** Moves what lies in a folder for a party; answers the names. */
function move(from: string, to: string, party: string): string[] {
  const names = readdirSync(from).filter((name) => name.includes(party) && name.endsWith('.qzp'));
  mkdirSync(to, { recursive: true });
  for (const name of names) renameSync(join(from, name), join(to, name));
  return names.sort();
}

const toPlatform = (agent: SiteAgent) =>
  move(agentFolder(agent.name, 'out'), platformFolder('in'), `-${agent.name}-platform-`);
const toAgent = (agent: SiteAgent) =>
  move(platformFolder('out'), agentFolder(agent.name, 'in'), `-platform-${agent.name}-`);

async function platformRun(agent: string, more: object = {}) {
  return site.officer.call(personRoutes.runPackages, { body: { agent, ...more } });
}
async function platformStatus(agent: string) {
  const { agents } = await site.officer.call(personRoutes.listPackages, {});
  return agents.find(({ peer }) => peer === agent)!;
}

/** The platform's orders first; then a run that fills packages, which are carried there and back. */
async function exchangeOnce(agent: SiteAgent): Promise<void> {
  await agent.packages.export(undefined);
  toPlatform(agent);
  await platformRun(agent.name);
  toAgent(agent);
  await agent.packages.import(undefined);
}

async function supplied(): Promise<void> {
  const job = site.mz.engine.jobs.run('out');
  await untilPacked(BATCHES);
  await exchangeOnce(site.mz);
  await until('the run has its receipts', () => site.mz.engine.jobs.status(job.id).state === 'done');
}

async function applied(): Promise<void> {
  const job = sw.engine.jobs.run('in');
  await until('the run ended', () => sw.engine.jobs.status(job.id).state === 'done');
}

async function begin(): Promise<void> {
  for (const agent of [site.mz, sw]) await exchangeOnce(agent);
}

/** A hundred rows in tens. */
const BATCHES = 10;

const codeOf = (error: unknown) => (isQianzhiError(error) ? error.code : String(error));
const storedBatches = () =>
  query<{ seq: number }>(join(site.dataDir, 'platform.sqlite'), 'SELECT seq FROM batches ORDER BY seq')
    .length;

const recorded = (action: string, agent: string) =>
  query<{ details: string }>(
    join(site.dataDir, 'platform.sqlite'),
    `SELECT details FROM audit WHERE action = '${action}' AND object = '${agent}' ORDER BY seq`,
  ).map(({ details }) => JSON.parse(details) as Record<string, unknown>);

describe('packages', () => {
  it('carry rows from department to department, and the receipts of both', async () => {
    await begin();
    await supplied();
    await exchangeOnce(sw);
    await applied();
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
    sql(
      site.legacy,
      "UPDATE firm SET name = '改' WHERE code = 'c0007'",
      "DELETE FROM firm WHERE code = 'c0009'",
    );
    const job = site.mz.engine.jobs.run('out');
    await untilPacked(BATCHES + 1);
    await exchangeOnce(site.mz);
    await until('it has its receipt', () => site.mz.engine.jobs.status(job.id).state === 'done');
    await exchangeOnce(sw);
    await applied();
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
    await exchangeOnce(sw);
    await expectEvidence(site);
    expect((await sw.packages.status()).missing).toEqual([]);
    // every package either way is in the platform's operation records, one laid out again as well
    await platformRun('sw-1', { anew: true });
    const { taken, sent, sent: again } = await platformStatus('sw-1');
    await platformRun('sw-1', { again });
    expect(recorded('package.take', 'sw-1')).toHaveLength(taken);
    expect(recorded('package.send', 'sw-1')).toHaveLength(sent + 1);
    expect(recorded('package.send', 'sw-1').at(-1)).toMatchObject({ again });
  });

  it('that are damaged or half copied are refused whole, and taken when they come right', async () => {
    await begin();
    site.mz.engine.jobs.run('out');
    await untilPacked(BATCHES);
    await site.mz.packages.export(undefined);
    const [name] = toPlatform(site.mz);
    const path = join(platformFolder('in'), name!);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 100));
    expect(await platformRun('mz-1')).toEqual({ taken: [], sent: [] });
    expect(await platformStatus('mz-1')).toMatchObject({ waiting: [name], refused: [] });
    const altered = Buffer.from(whole);
    altered[Math.floor(whole.length / 3)]! ^= 1;
    writeFileSync(path, altered);
    expect((await platformRun('mz-1')).taken).toEqual([]);
    expect((await platformStatus('mz-1')).refused).toMatchObject([
      { file: name, problem: { code: 'QZ_PACKAGE_ALTERED' } },
    ]);
    expect(storedBatches()).toBe(0);
    const { number } = (await site.mz.packages.status()).outstanding.at(-1)!;
    await site.mz.packages.export(number);
    toPlatform(site.mz);
    expect((await platformRun('mz-1')).taken).toMatchObject([{ number }]);
    expect(storedBatches()).toBe(BATCHES);
  });

  it('are taken in order and once: a gap waits and is told, a replay is refused', async () => {
    await begin();
    const before = (await platformStatus('mz-1')).taken;
    for (const _ of [1, 2]) await site.mz.packages.export(undefined);
    const [lost, late] = toPlatform(site.mz).map((name) => join(platformFolder('in'), name));
    const kept = site.at('kept.qzp');
    copyFileSync(lost!, kept);
    renameSync(lost!, site.at('lost.qzp'));
    expect((await platformRun('mz-1')).taken).toEqual([]);
    expect(await platformStatus('mz-1')).toMatchObject({ missing: [before + 1], taken: before });
    // what is missing is named in the next package, and laid out again by itself
    await platformRun('mz-1', { anew: true });
    await site.subscribe('rs', 'firm');
    await site.mz.packages.export(before + 1);
    toPlatform(site.mz);
    expect((await platformRun('mz-1')).taken.map(({ number }) => number)).toEqual([before + 1, before + 2]);
    expect(readdirSync(platformFolder('in'))).not.toContain(late);
    copyFileSync(kept, lost!);
    await platformRun('mz-1');
    expect(await platformStatus('mz-1')).toMatchObject({ taken: before + 2, waiting: [], refused: [] });
    await expect(sw.packages.import(kept)).rejects.toSatisfy(
      (error) => codeOf(error) === 'QZ_PACKAGE_FORGED',
    );
  });

  it('say what was revoked: nothing of it is applied any more', async () => {
    await begin();
    await supplied();
    await exchangeOnce(sw);
    await site.revoke(agreement);
    await exchangeOnce(sw);
    const job = sw.engine.jobs.run('in');
    const ended = await until('the run ended', () => {
      const { state, problem } = sw.engine.jobs.status(job.id);
      return (state === 'failed' || state === 'done') && { state, problem };
    });
    expect(ended).toMatchObject({ state: 'failed', problem: { kind: 'denied' } });
    expect(existsSync(site.targetOf('sw-1'))).toBe(false);
  });

  it('end: what came too late is not applied', async () => {
    await site.close();
    await open(0.00005); // 4 s
    await begin();
    await supplied();
    await platformRun('sw-1');
    const names = toAgent(sw);
    expect(names.length).toBeGreaterThan(0);
    const madeAt = Date.now();
    await until('they ended', () => Date.now() > madeAt + 5_000);
    const late = sw.packages.import(join(agentFolder('sw-1', 'in'), names[0]!));
    await expect(late).rejects.toSatisfy((error) => codeOf(error) === 'QZ_PACKAGE_EXPIRED');
    expect(existsSync(site.targetOf('sw-1'))).toBe(false);
  });

  it('are exactly once over a kill of either agent and of the platform', async () => {
    await begin();
    site.mz.engine.jobs.run('out');
    await untilPacked(BATCHES);
    await site.mz.packages.export(undefined);
    toPlatform(site.mz);
    await site.mz.kill();
    await platformRun('mz-1');
    await site.stopPlatform();
    await site.startPlatform();
    toAgent(site.mz);
    await site.mz.start({ limits: smallBatches });
    await site.mz.packages.import(undefined);
    await until('the receipts are committed', async () => {
      await exchangeOnce(site.mz);
      return site.mz.engine.streams.list()[0]?.receiptedSeq === BATCHES;
    });
    await exchangeOnce(sw);
    await sw.kill();
    await sw.start();
    await applied();
    await sw.kill();
    await sw.start();
    await exchangeOnce(sw);
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
    expect(storedBatches()).toBe(BATCHES);
    await expectEvidence(site);
  });

  it('begin at 1 again where an agent lost its folder of them', async () => {
    await begin();
    await supplied();
    await exchangeOnce(sw);
    await sw.kill();
    rmSync(join(sw.stateDir, 'packages'), { recursive: true });
    await sw.start();
    await platformRun('sw-1', { restart: true });
    await exchangeOnce(sw);
    await applied();
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
    expect((await sw.packages.status()).refused).toEqual([]);
  });
});
