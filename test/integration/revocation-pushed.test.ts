import { readdirSync } from 'node:fs';
import { describeWithSshd, type Sshd, startSshd } from '@qianzhi/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocumentSite, type DocumentSite, licences } from './documents.js';
import { until } from './until.js';

/** Renewed after 16 s at the earliest: what an agent knows before that, it was told by the request the platform holds. */
const leaseSeconds = 60;
const RENEWAL_MS = 16_000;

let site: DocumentSite;
const granted = () => JSON.stringify(site.sw.link.assignments()?.consume).includes(site.agreement);

/** From the platform's answer, with which the revocation stands, to when the agent had lease and orders that say so; ms, by its own clock. */
async function revokeAndHear(): Promise<number> {
  const { lease, status } = site.sw.link;
  const renewed = Date.parse(lease()!.issuedAt);
  await site.revoke(site.agreement);
  const revokedAt = Date.now();
  await until('the agent knows', () => !granted());
  const known = Date.parse(status().lastContactAt!);
  expect(lease()!.revoked).toContainEqual({ agreement: site.agreement, grantVersion: 1, reason: 'revoked' });
  expect(known - renewed).toBeLessThan(RENEWAL_MS);
  return known - revokedAt;
}

describe('an agent that nothing runs at', () => {
  beforeEach(async () => {
    site = await createDocumentSite({ leaseSeconds });
  });
  afterEach(() => site?.close());

  it('hears within a second that its agreement was revoked', async () => {
    await site.sw.start();
    expect(granted()).toBe(true);
    expect(await revokeAndHear()).toBeLessThan(1_000);
  });

  it('hears of a new agreement and of a new order, too', async () => {
    await site.sw.start();
    await revokeAndHear();
    const since = Date.now();
    const { id } = await site.subscribe('sw', 'licences');
    await until('it knows', () => JSON.stringify(site.sw.link.assignments()!.consume).includes(id));
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
    site = await createDocumentSite({ leaseSeconds });
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

  it('ends within a second: what comes later does not reach the server', async () => {
    await site.mz.start();
    await site.sw.start();
    const shown = () => readdirSync(sshd.folder).filter((name) => name.endsWith('.pdf'));
    site.put('before.pdf', 'one');
    await site.mz.done('out');
    await site.sw.done('in');
    expect(shown()).toEqual(['before.pdf']);
    site.put('after.pdf', 'two');
    await site.mz.done('out');
    expect(granted()).toBe(true);
    expect(await revokeAndHear()).toBeLessThan(1_000);
    const job = site.sw.engine.jobs.run('in');
    const ended = await site.sw.engine.jobs.ended(job.id, AbortSignal.timeout(15_000));
    expect(ended).toMatchObject({ state: 'failed', problem: { kind: 'denied' } });
    expect(shown()).toEqual(['before.pdf']);
  });
});
