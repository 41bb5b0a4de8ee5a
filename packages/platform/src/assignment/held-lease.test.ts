import { agentRoutes, type CatalogResource, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  agentClient,
  enrolAgent,
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestAgent,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

/** Far beyond the time of a test: what is answered was answered for its news. */
const waitMs = 60_000;
const params = { code: 'social_group' };
const purpose = { usage: 'data-check', matter: '核验', legalBasis: '征管法' } as const;

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

async function ask(agent: TestAgent, query: { waitMs?: number; known?: string | undefined } = {}) {
  const input = query.waitMs === undefined ? {} : { waitMs: query.waitMs };
  return (await agent.client.call(agentRoutes.lease, { query, ...input })).body;
}

/** What comes of a request that is held while the news is made: the answer, or the code it was refused with. */
async function heldOver<T>(agent: TestAgent, news: () => Promise<T>) {
  const { state } = await ask(agent, { waitMs: 0 });
  const answer = ask(agent, { waitMs, known: state }).catch((error: { code: string }) => error.code);
  // it is there when one that came behind it has been answered
  await ask(agent, { waitMs: 0 });
  const made = await news();
  const told = await answer;
  if (typeof told !== 'string') expect(told.state).not.toBe(state);
  return { told, made };
}

const endedIn = (told: Awaited<ReturnType<typeof ask>> | string) =>
  typeof told === 'string' ? told : told.revoked;

async function apply(change: object = {}) {
  const body = { resource: 'social_group', items: ['uscc', 'name'], purpose, modes: ['docking' as const] };
  const person = await town.person('sw', 'consumer');
  return (await person.call(personRoutes.apply, { body: { ...body, ...change } })).id;
}
const revoke = (id: string) =>
  town.officer.call(personRoutes.revoke, { params: { id }, body: { reason: '终止' } });
const review = () =>
  town.officer.call(personRoutes.reviewSecrecy, { params, body: { result: 'passed', note: '' } });
async function change(resource: CatalogResource) {
  const editor = await town.person('mz', 'catalog-editor');
  await editor.call(personRoutes.publishCatalog, { params, body: resource });
}

it('an agent that does not ask to wait is answered at once, with a lease as it knows it', async () => {
  expect(await ask(consumer)).not.toHaveProperty('state');
});

it('what is known already is held for the time asked for, and then renewed; anything else is answered at once', async () => {
  const first = await ask(consumer, { waitMs: 0 });
  const again = await ask(consumer, { waitMs: 50, known: first.state });
  expect(again.state).toBe(first.state);
  expect(Date.parse(again.issuedAt) - Date.parse(first.issuedAt)).toBeGreaterThanOrEqual(45);
  expect((await ask(consumer, { waitMs, known: 'another' })).state).toBe(first.state);
});

describe('a request that is held is answered', () => {
  let agreement: string;

  it('with a grant, with the one that takes its place, and with the revocation', async () => {
    const granted = await heldOver(consumer, () => apply());
    agreement = granted.made;
    expect(granted.told).toMatchObject({ live: [{ agreement, grantVersion: 1 }], revoked: [] });
    await apply({ items: ['uscc', 'phone'] });
    const approver = await town.person('mz', 'approver');
    const replaced = await heldOver(consumer, () =>
      approver.call(personRoutes.approve, { params: { id: agreement }, body: {} }),
    );
    expect(replaced.told).toMatchObject({
      live: [{ agreement, grantVersion: 2 }],
      revoked: [{ agreement, grantVersion: 1, reason: 'replaced' }],
    });
    const revoked = await heldOver(consumer, () => revoke(agreement));
    expect(revoked.told).toMatchObject({ live: [] });
    expect(endedIn(revoked.told)).toContainEqual({ agreement, grantVersion: 2, reason: 'revoked' });
  });

  it('when a grant ends by time', async () => {
    const id = await apply({ validTo: new Date(platform.now().getTime() + 2_500).toISOString() });
    const { told } = await heldOver(consumer, async () => undefined);
    expect(told).toMatchObject({ live: [] });
    expect(endedIn(told)).toContainEqual({ agreement: id, grantVersion: 1, reason: 'expired' });
  });

  it('with an order to supply, for the provider', async () => {
    const editor = await town.person('mz', 'catalog-editor');
    await heldOver(provider, () =>
      editor.call(personRoutes.assignSupply, { params, body: { agent: 'mz-1' } }),
    );
    const { body } = await provider.client.call(agentRoutes.assignments, {});
    expect(body.supply).toHaveLength(1);
  });

  it('with a changed resource for both sides, and with its review for the provider', async () => {
    await apply();
    const { items } = socialGroup();
    const address = { name: '地址', column: 'address', type: 'C', length: 50 } as const;
    const { state } = await ask(consumer, { waitMs: 0 });
    const told = ask(consumer, { waitMs, known: state });
    await heldOver(provider, () => change(socialGroup({ items: [...items, address] })));
    expect((await told).state).not.toBe(state);
    await heldOver(provider, review);
    const { body } = await provider.client.call(agentRoutes.assignments, {});
    expect(body.supply).toMatchObject([{ resource: { schemaVersion: 2 } }]);
  });

  it('with the refusal of an instance whose place another took', async () => {
    const before = consumer.fence;
    const frozen = {
      ...consumer,
      client: agentClient(platform, consumer.key, consumer.platformKeys, () => before),
    };
    const body = { instance: 'another', version: '0' };
    const { told, made } = await heldOver(frozen, () =>
      consumer.client.call(agentRoutes.claimInstance, { body }),
    );
    expect(told).toBe('QZ_PLATFORM_INSTANCE_FENCED');
    consumer.fence = made.fence;
    await frozen.client.close();
  });

  it('with the refusal of an agent that was revoked', async () => {
    const other = await enrolAgent(platform, town.officer, 'sw-2', 'sw');
    const body = { reason: '停用' };
    const { told } = await heldOver(other, () =>
      town.officer.call(personRoutes.revokeAgent, { params: { agent: 'sw-2' }, body }),
    );
    expect(told).toBe('QZ_PLATFORM_AGENT_REVOKED');
  });

  it('when the platform stops, with what it has', async () => {
    const { state } = await ask(consumer, { waitMs: 0 });
    const told = ask(consumer, { waitMs, known: state });
    await ask(consumer, { waitMs: 0 });
    await platform.stop();
    expect((await told).state).toBe(state);
  });
});
