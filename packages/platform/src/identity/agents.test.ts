import { createClient, signRequest } from '@qianzhi/client';
import { API_ROOT, agentRoutes, fromProblem, type Problem, personRoutes } from '@qianzhi/model';
import { canonicalBytes, intlSuite } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allText } from '../database/test-database.js';
import {
  agentClient,
  enrolAgent,
  newKey,
  redeemBody,
  settle,
  startTestPlatform,
  type TestAgent,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
});
afterAll(() => platform.remove());

const invite = async (agent: string, department = 'mz', minutes = 30) =>
  (await town.officer.call(personRoutes.invite, { body: { agent, department, minutes } })).token;
const redeem = (body: ReturnType<typeof redeemBody>) =>
  platform.anonymous().call(agentRoutes.enrol, { body });

describe('enrolment', () => {
  it('gives one of two concurrent callers the identity', async () => {
    const token = await invite('racing');
    const both = await Promise.allSettled([redeem(redeemBody(token)), redeem(redeemBody(token))]);
    const lost = both.find((one) => one.status === 'rejected');
    expect(both.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect(lost).toMatchObject({ reason: { code: 'QZ_PLATFORM_TOKEN_SPENT' } });
    await expect(redeem(redeemBody(token))).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOKEN_SPENT' });
  });

  it('names an unknown, an expired and a foreign token apart', async () => {
    const unknown = { ...redeemBody(await invite('late')), secret: 'x'.repeat(43) };
    await expect(redeem(unknown)).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOKEN_UNKNOWN' });
    const token = await invite('late', 'mz', 1);
    platform.advance(61_000);
    await expect(redeem(redeemBody(token))).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOKEN_EXPIRED' });
    await expect(invite('late', 'sw')).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGENT_NAME_TAKEN' });
    await expect(invite('platform')).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGENT_NAME_TAKEN' });
  });

  it('wants proof of the private key, and a wrong one does not spend the token', async () => {
    const token = await invite('proving');
    const body = redeemBody(token);
    await expect(redeem({ ...body, publicKey: newKey().publicKey })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_PROOF_WRONG',
    });
    await expect(redeem(body)).resolves.toMatchObject({
      agent: 'proving',
      department: 'mz',
      departmentName: '民政局',
      audience: 'test',
    });
  });

  it('voids an earlier token for the same agent', async () => {
    const earlier = await invite('twice');
    await invite('twice');
    await expect(redeem(redeemBody(earlier))).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOKEN_EXPIRED' });
  });
});

describe('signed requests', () => {
  let agent: TestAgent;
  beforeAll(async () => {
    agent = await enrolAgent(platform, town.officer, 'signing', 'mz');
  });

  const report = { exchanges: [] };

  it('are taken, and answered under the platform key', async () => {
    const { serverTime } = await agent.client.call(agentRoutes.report, { body: report });
    expect(Date.parse(serverTime)).toBeGreaterThan(0);
  });

  it('are refused from a key that is not registered, for another audience, and by a platform that is another', async () => {
    const foreign = agentClient(platform, newKey().key, agent.platformKeys, () => agent.fence);
    await expect(foreign.call(agentRoutes.report, { body: report })).rejects.toMatchObject({
      code: 'QZ_CLIENT_KEY_UNREGISTERED',
    });
    const { key, platformKeys } = agent;
    const other = createClient({
      url: platform.url,
      now: platform.now,
      identity: {
        kind: 'agent',
        key,
        audience: 'other',
        platformKeys: () => platformKeys,
        fence: () => agent.fence,
      },
    });
    await expect(other.call(agentRoutes.report, { body: report })).rejects.toMatchObject({
      code: 'QZ_CLIENT_AUDIENCE_WRONG',
    });
    const untrusting = agentClient(platform, key, [], () => agent.fence);
    await expect(untrusting.call(agentRoutes.report, { body: report })).rejects.toMatchObject({
      code: 'QZ_CLIENT_RESPONSE_UNTRUSTED',
    });
  });

  it.each([
    ['its handler', {}, 'QZ_PLATFORM_NO_AGREEMENT'],
    ['its access', { 'qz-fence': '999' }, 'QZ_PLATFORM_INSTANCE_FENCED'],
  ])(
    'that may come twice have their nonce stored when a refusal of %s is answered',
    async (_, other, code) => {
      const request = { resource: 'unheard', after: [], waitMs: 0, limit: 1 };
      const target = '/agent/deliveries/poll';
      const body = new TextEncoder().encode(JSON.stringify(request));
      const outgoing = { method: 'POST', target, contentType: 'application/json', body };
      const signed = signRequest(outgoing, agent.key, 'test', platform.now());
      const headers = { ...signed.headers, 'qz-fence': String(agent.fence), ...other };
      const answer = await fetch(`${platform.url}${API_ROOT}${target}`, { method: 'POST', headers, body });
      expect(await answer.json()).toMatchObject({ code });
      expect(await allText(platform.dataDir)).toContain(signed.nonce);
    },
  );

  it('are refused when replayed, byte for byte', async () => {
    const body = new TextEncoder().encode(JSON.stringify(report));
    const signed = signRequest(
      { method: 'POST', target: '/agent/reports', contentType: 'application/json', body },
      agent.key,
      'test',
      platform.now(),
    );
    const headers = { ...signed.headers, 'qz-fence': String(agent.fence) };
    const send = () => fetch(`${platform.url}${API_ROOT}/agent/reports`, { method: 'POST', headers, body });
    expect((await send()).status).toBe(200);
    const again = await send();
    expect(again.status).toBe(401);
    expect(again.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await again.json()) as Problem;
    expect(problem).toMatchObject({
      code: 'QZ_PLATFORM_REQUEST_REPLAYED',
      texts: {
        zh: { message: expect.stringContaining('已被使用') },
        en: { message: expect.stringContaining('used') },
      },
    });
    expect(fromProblem(problem).kind).toBe('auth');
    const later = signRequest(
      { method: 'POST', target: '/agent/reports', contentType: 'application/json', body },
      agent.key,
      'test',
      platform.now(),
    );
    const same = { ...later.headers, 'qz-fence': String(agent.fence) };
    const many = await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${platform.url}${API_ROOT}/agent/reports`, { method: 'POST', headers: same, body }),
      ),
    );
    expect(many.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it('tell both clocks when they differ', async () => {
    const body = new TextEncoder().encode(JSON.stringify(report));
    const wrong = new Date(platform.now().getTime() - 3_600_000);
    const { headers } = signRequest(
      { method: 'POST', target: '/agent/reports', contentType: 'application/json', body },
      agent.key,
      'test',
      wrong,
    );
    const answer = await fetch(`${platform.url}${API_ROOT}/agent/reports`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({
      code: 'QZ_CLIENT_CLOCK_SKEW',
      details: { agentTime: expect.stringMatching(/Z$/), platformTime: expect.stringMatching(/Z$/) },
    });
  });

  it('are refused from an instance that was replaced or never claimed', async () => {
    const older = agent.fence!;
    const claim = { instance: 'second', version: '0' };
    agent.fence = (await agent.client.call(agentRoutes.claimInstance, { body: claim })).fence;
    expect(agent.fence).toBeGreaterThan(older);
    const first = agentClient(platform, agent.key, agent.platformKeys, () => older);
    await expect(first.call(agentRoutes.report, { body: report })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_INSTANCE_FENCED',
      details: { current: agent.fence },
    });
    const unclaimed = agentClient(platform, agent.key, agent.platformKeys, () => undefined);
    await expect(unclaimed.call(agentRoutes.report, { body: report })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_INSTANCE_UNCLAIMED',
    });
  });

  it('change the key with a proof by the new one; the old key stays in the directory with its end', async () => {
    const next = newKey();
    const statement = { agent: agent.agent, publicKey: next.publicKey, replaces: agent.key.keyId };
    const proof = intlSuite.sign(next.key.privateKey, canonicalBytes(statement));
    const body = { suite: 'intl', publicKey: next.publicKey, proof };
    await expect(
      agent.client.call(agentRoutes.rotateKey, { body: { ...body, proof: proof.replace(/^../, 'AA') } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_PROOF_WRONG' });
    const { key } = await agent.client.call(agentRoutes.rotateKey, { body });
    expect(key.keyId).toBe(next.key.keyId);
    await expect(agent.client.call(agentRoutes.report, { body: report })).rejects.toMatchObject({
      code: 'QZ_CLIENT_KEY_UNREGISTERED',
    });
    const renewed = agentClient(platform, next.key, agent.platformKeys, () => agent.fence);
    await renewed.call(agentRoutes.report, { body: report });
    const { keys } = await platform.anonymous().call(personRoutes.keyDirectory, {});
    const old = keys.find((record) => record.keyId === agent.key.keyId);
    expect(old?.validTo).toBeDefined();
  });
});

describe('revocation', () => {
  it('refuses the next request and shows what was reported before', async () => {
    const agent = await enrolAgent(platform, town.officer, 'leaving', 'sw');
    const exchanges = [{ exchange: 'x', resource: 'r', direction: 'supply', state: 'running' } as const];
    await agent.client.call(agentRoutes.report, { body: { exchanges } });
    const revoked = await town.officer.call(personRoutes.revokeAgent, {
      params: { agent: 'leaving' },
      body: { reason: '设备报废' },
    });
    expect(revoked).toMatchObject({ state: 'revoked', exchanges, lastSeenAt: expect.any(String) });
    await expect(agent.client.call(agentRoutes.report, { body: { exchanges } })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_AGENT_REVOKED',
      kind: 'denied',
    });
    const operator = await town.person('mz', 'operator');
    const { agents } = await operator.call(personRoutes.listAgents, {});
    expect(new Set(agents.map((one) => one.department))).toEqual(new Set(['mz']));
  });
});
