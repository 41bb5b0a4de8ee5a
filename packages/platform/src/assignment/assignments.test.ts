import { agentRoutes, personRoutes } from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  enrolAgent,
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestAgent,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
let provider: TestAgent;
let consumer: TestAgent;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  provider = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
  consumer = await enrolAgent(platform, town.officer, 'sw-1', 'sw');
  await publish(town);
});
afterAll(() => platform.remove());

const params = { code: 'social_group' };
const purpose = { usage: 'data-check', matter: '核验', legalBasis: '征管法' } as const;

async function assignments(agent: TestAgent) {
  const document = await agent.client.call(agentRoutes.assignments, {});
  verifyDocument(document, agent.platformKeys, document.body.issuedAt);
  return document.body;
}

async function lease(agent: TestAgent) {
  const document = await agent.client.call(agentRoutes.lease, {});
  verifyDocument(document, agent.platformKeys, document.body.issuedAt);
  return document.body;
}

describe('assignments', () => {
  it('carry the supply duty, and rise in version only when their content changes', async () => {
    const before = await assignments(provider);
    expect(before.supply).toEqual([]);
    expect((await assignments(provider)).version).toBe(before.version);
    const editor = await town.person('mz', 'catalog-editor');
    await editor.call(personRoutes.assignSupply, { params, body: { agent: 'mz-1' } });
    const after = await assignments(provider);
    expect(after.version).toBeGreaterThan(before.version);
    const [supply] = after.supply;
    expect(supply).toMatchObject({
      duty: { body: { resource: 'social_group', agent: 'mz-1', department: 'mz' } },
      resource: { schemaVersion: 1 },
    });
    verifyDocument(supply!.duty, provider.platformKeys, after.issuedAt);
  });

  it('say nothing that only the catalog needs, so that agents of an earlier version take them', async () => {
    const editor = await town.person('mz', 'catalog-editor');
    const published = await editor.call(personRoutes.publishCatalog, {
      params: { code: 'social_group' },
      body: { ...socialGroup(), dataRange: '全市', legalBasis: [{ kind: 'law', title: '某法' }] },
    });
    expect(published.resource).toMatchObject({ dataRange: '全市' });
    const [supply] = (await assignments(provider)).supply;
    expect(supply?.resource.code).toBe('social_group');
    for (const field of ['dataRange', 'legalBasis']) expect(supply?.resource).not.toHaveProperty(field);
  });

  it('hold the supply back while a changed schema has no review, and renew it with the review', async () => {
    const editor = await town.person('mz', 'catalog-editor');
    const { items } = socialGroup();
    const body = socialGroup({
      items: [...items, { name: '地址', column: 'address', type: 'C', length: 50 }],
    });
    const [first] = (await assignments(provider)).supply;
    await editor.call(personRoutes.publishCatalog, { params, body });
    expect((await assignments(provider)).supply).toEqual([]);
    await town.officer.call(personRoutes.reviewSecrecy, { params, body: { result: 'passed', note: '' } });
    const [second] = (await assignments(provider)).supply;
    expect(second?.resource.schemaVersion).toBe(2);
    expect(second?.duty.body.secrecyReview).not.toBe(first?.duty.body.secrecyReview);
  });

  it('give the consumer its grants and the granted items only, at every schema version', async () => {
    const person = await town.person('sw', 'consumer');
    const items = ['uscc', 'name'];
    const applied = { resource: 'social_group', items, purpose, modes: ['docking' as const] };
    const { id } = await person.call(personRoutes.apply, { body: applied });
    const { consume, supply } = await assignments(consumer);
    expect(supply).toEqual([]);
    expect(consume).toHaveLength(1);
    expect(consume[0]?.grant.body).toMatchObject({ agreement: id, grantVersion: 1, items });
    expect(consume[0]?.resources.map((r) => [r.schemaVersion, r.items.map((i) => i.column)])).toEqual([
      [1, items],
      [2, items],
    ]);
    expect((await assignments(provider)).consume).toEqual([]);
  });
});

describe('lease', () => {
  it('names what is in force for a minute, and revocation at once', async () => {
    const before = await lease(consumer);
    expect(Date.parse(before.expiresAt) - Date.parse(before.issuedAt)).toBe(60_000);
    expect(before).toMatchObject({ live: [{ grantVersion: 1 }], revoked: [] });
    const { agreement } = before.live[0]!;
    const person = await town.person('sw', 'consumer');
    const more = { resource: 'social_group', items: ['uscc', 'phone'], purpose, modes: ['docking' as const] };
    await person.call(personRoutes.apply, { body: more });
    expect((await lease(consumer)).live).toEqual([{ agreement, grantVersion: 1 }]);
    const approver = await town.person('mz', 'approver');
    await approver.call(personRoutes.approve, { params: { id: agreement }, body: {} });
    expect(await lease(consumer)).toMatchObject({
      live: [{ agreement, grantVersion: 2 }],
      revoked: [{ agreement, grantVersion: 1, reason: 'replaced' }],
    });
    await town.officer.call(personRoutes.revoke, { params: { id: agreement }, body: { reason: '终止' } });
    const after = await lease(consumer);
    expect(after.live).toEqual([]);
    expect(after.revoked).toContainEqual({ agreement, grantVersion: 2, reason: 'revoked' });
    expect((await assignments(consumer)).consume).toEqual([]);
  });

  it('says that a grant whose time is over has expired', async () => {
    const person = await town.person('sw', 'consumer');
    const validTo = new Date(platform.now().getTime() + 600_000).toISOString();
    const body = { resource: 'social_group', items: [], purpose, modes: ['docking' as const], validTo };
    const { id } = await person.call(personRoutes.apply, { body });
    expect((await lease(consumer)).live).toEqual([{ agreement: id, grantVersion: 1 }]);
    platform.advance(601_000);
    const { live, revoked } = await lease(consumer);
    expect(live).toEqual([]);
    expect(revoked).toContainEqual({ agreement: id, grantVersion: 1, reason: 'expired' });
    const auditor = await town.person(null, 'auditor');
    const query = { state: 'expired' };
    await vi.waitFor(
      async () => {
        const { agreements } = await auditor.call(personRoutes.listAgreements, { query });
        expect(agreements).toMatchObject([{ id, grant: null }]);
      },
      { timeout: 5_000 },
    );
    expect((await person.call(personRoutes.apply, { body: { ...body, validTo: undefined } })).id).not.toBe(
      id,
    );
  });
});
