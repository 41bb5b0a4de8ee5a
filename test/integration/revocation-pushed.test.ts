import { readdirSync } from 'node:fs';
import { describeWithSshd, type Sshd, startSshd } from '@qianzhi/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIdentity } from '../../packages/agent/src/identity/identity-file.js';
import { createPlatformLink } from '../../packages/agent/src/link/platform-link.js';
import { createDocumentSite, type DocumentSite, licences } from './documents.js';
import { until } from './until.js';

/** Renewed after 16 s at the earliest: what an agent knows before that, it was told by the request the platform holds. */
const leaseSeconds = 60;
const RENEWAL_MS = 16_000;
/** On a machine whose cores are all at work; of several times the fastest shows what the way itself takes. */
const LOADED_MS = 5_000;

let site: DocumentSite;
let agreement: string;
const consumed = () => site.sw.link.assignments()!.consume.map(({ grant }) => grant.body.agreement);
const granted = () => consumed().includes(agreement);

async function open(): Promise<void> {
  site = await createDocumentSite({ leaseSeconds });
  agreement = site.agreement;
}

/** From the platform's answer, with which the revocation stands, to when the agent had lease and orders that say so; ms, by its own clock. */
async function revokeAndHear(): Promise<number> {
  const { lease } = site.sw.link;
  const renewed = Date.parse(lease()!.issuedAt);
  expect(granted()).toBe(true);
  await site.revoke(agreement);
  const revokedAt = Date.now();
  const ended = () => lease()!.revoked.some((one) => one.agreement === agreement);
  // the orders may be there a moment before the lease: what the platform held back was answered as the agreement ended
  await until('the agent knows', () => !granted() && ended());
  const known = Date.now();
  expect(lease()!.revoked).toContainEqual({ agreement, grantVersion: 1, reason: 'revoked' });
  expect(known - renewed).toBeLessThan(RENEWAL_MS);
  expect(known - revokedAt).toBeLessThan(LOADED_MS);
  return known - revokedAt;
}

describe('an agent that nothing runs at', () => {
  beforeEach(open);
  afterEach(() => site?.close());

  it('hears within a second that its agreement was revoked', async () => {
    await site.sw.start();
    const heard = [await revokeAndHear()];
    while (heard.length < 3) {
      agreement = (await site.subscribe('sw', 'licences')).id;
      await until('it is granted anew', granted);
      heard.push(await revokeAndHear());
    }
    expect(Math.min(...heard)).toBeLessThan(1_000);
  });

  it('hears that another instance of its identity took its place', async () => {
    const { sw } = site;
    await sw.start();
    const problem = () => sw.link.status().problem;
    expect(problem()).toBeUndefined();
    const other = createPlatformLink({
      identity: (await readIdentity(sw.stateDir))!,
      url: site.url,
      stateDir: site.folder,
      version: 'other',
      now: () => new Date(),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      onChange() {},
      onFenced() {},
    });
    await other.refresh(AbortSignal.timeout(15_000));
    const since = Date.now();
    await until('it is told', () => problem()?.code === 'QZ_PLATFORM_INSTANCE_FENCED', LOADED_MS);
    expect(Date.parse(sw.link.status().problemSince!) - since).toBeLessThan(LOADED_MS);
    await other.close();
  });

  it('hears of a new agreement and of a new order, too', async () => {
    await site.sw.start();
    await revokeAndHear();
    const since = Date.now();
    const { id } = await site.subscribe('sw', 'licences');
    await until('it knows', () => consumed().includes(id));
    await site.publish({ ...licences, code: 'permits' });
    await site.mz.start();
    const orders = () => site.mz.link.assignments()!.supply.map(({ resource }) => resource.code);
    expect(orders()).toEqual(['licences']);
    await site.supply('permits', 'mz-1');
    await until('it knows', () => orders().includes('permits'));
    expect(Date.now() - since).toBeLessThan(RENEWAL_MS);
  });
});

/** 前置机共享 to an SFTP server of the consumer. */
describeWithSshd('a revoked agreement, delivered to an SFTP server', () => {
  let sshd: Sshd;
  beforeEach(async () => {
    sshd = await startSshd();
    await open();
    const { port, user, folder, privateKey, fingerprint: hostFingerprint } = sshd;
    const server = { type: 'sftp', host: '127.0.0.1', port, user, folder, privateKey, hostFingerprint };
    await site.sw.configure({
      connectors: { server: { ...server, path: site.at('mirror') } },
      exchanges: [
        { name: 'in', consume: 'licences', connector: 'server', mode: 'sftp', target: { name: 'licences' } },
      ],
    });
  });
  afterEach(async () => {
    await site?.close();
    await sshd?.[Symbol.asyncDispose]();
  });

  it('ends at once: what comes later does not reach the server', async () => {
    await site.mz.start();
    await site.sw.start();
    const shown = () => readdirSync(sshd.folder).filter((name) => name.endsWith('.pdf'));
    site.put('before.pdf', 'one');
    await site.mz.done('out');
    await site.sw.done('in');
    expect(shown()).toEqual(['before.pdf']);
    site.put('after.pdf', 'two');
    await site.mz.done('out');
    await revokeAndHear();
    const job = site.sw.engine.jobs.run('in');
    const ended = await site.sw.engine.jobs.ended(job.id, AbortSignal.timeout(15_000));
    expect(ended).toMatchObject({ state: 'failed', problem: { kind: 'denied' } });
    expect(shown()).toEqual(['before.pdf']);
  });
});
