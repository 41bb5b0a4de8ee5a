import { randomUUID } from 'node:crypto';
import { signRequest } from '@qianzhi/client';
import {
  API_ROOT,
  agentRoutes,
  type Problem,
  personRoutes,
  type Role,
  type Route,
  roles,
} from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  enrolAgent,
  PASSWORD,
  publish,
  settle,
  startTestPlatform,
  type TestAgent,
  type TestPlatform,
  type Town,
} from './test-platform.js';

let platform: TestPlatform;
let town: Town;
let agent: TestAgent;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  agent = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
  await publish(town);
  const ofDepartment = (role: Role) => !['system-admin', 'security-officer', 'auditor'].includes(role);
  for (const role of roles) {
    const account = `alien-${role}`;
    const department = ofDepartment(role) ? 'ga' : null;
    const body = { account, name: account, department, roles: [role], password: PASSWORD };
    await town.officer.call(personRoutes.createAccount, { body });
    const session = { account, password: PASSWORD };
    tokens.set(role, (await platform.anonymous().call(personRoutes.signIn, { body: session })).token);
  }
});
afterAll(() => platform.remove());

const routes: [string, Route][] = [...Object.entries(agentRoutes), ...Object.entries(personRoutes)];
const publicRoutes = routes.filter(([, route]) => route.access === 'public');
const forAgents = routes.filter(([, route]) => route.access === 'agent');
const forPersons = routes.filter(([, route]) => typeof route.access !== 'string');

function targetOf(route: Route): string {
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    /epoch|seq|grantVersion/.test(name) ? '1' : 'x',
  );
}

async function send(route: Route, headers: Record<string, string> = {}, body?: Uint8Array) {
  const answer = await fetch(`${platform.url}${API_ROOT}${targetOf(route)}`, {
    method: route.method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(route.method === 'GET' ? {} : { body: body ?? new TextEncoder().encode('{}') }),
  });
  return { status: answer.status, problem: (await answer.json()) as Problem };
}

describe('every route of the tables', () => {
  it.each([...forAgents, ...forPersons])('%s refuses a caller without credentials', async (_, route) => {
    const { status, problem } = await send(route);
    expect(status).toBe(401);
    expect(problem.code).toMatch(/^QZ_(CLIENT_SIGNATURE_MISSING|PLATFORM_SESSION_REQUIRED)$/);
    expect(problem.texts.zh.hint).not.toBe('');
    expect(problem.texts.en.hint).not.toBe('');
  });

  it.each(forPersons)('%s refuses a token nobody holds and an agent', async (_, route) => {
    const unknown = await send(route, { authorization: `Bearer ${'x'.repeat(43)}` });
    expect(unknown).toMatchObject({ status: 401, problem: { code: 'QZ_PLATFORM_SESSION_ENDED' } });
    const body = new TextEncoder().encode(route.method === 'GET' ? '' : '{}');
    const outgoing = { method: route.method, target: targetOf(route), contentType: 'application/json', body };
    const { headers } = signRequest(outgoing, agent.key, 'test', platform.now());
    expect(await send(route, { ...headers, 'qz-fence': String(agent.fence) }, body)).toMatchObject({
      status: 401,
      problem: { code: 'QZ_PLATFORM_SESSION_REQUIRED' },
    });
  });

  it.each(forPersons)('%s refuses every role it does not name', async (_, route) => {
    for (const [role, token] of tokens) {
      if ((route.access as readonly Role[]).includes(role)) continue;
      const answer = await send(route, { authorization: `Bearer ${token}` });
      expect(answer, role).toMatchObject({ status: 403, problem: { code: 'QZ_PLATFORM_ROLE_MISSING' } });
    }
  });

  it.each(forAgents)('%s refuses a person, whatever the role', async (_, route) => {
    for (const token of tokens.values()) {
      const { status, problem } = await send(route, { authorization: `Bearer ${token}` });
      expect(status).toBe(401);
      expect(problem.code).toBe('QZ_CLIENT_SIGNATURE_MISSING');
    }
  });

  it.each(publicRoutes)('%s is bound', async (_, route) => {
    const { status, problem } = await send(route);
    if (status !== 200) expect(problem.code).not.toBe('QZ_PLATFORM_ROUTE_UNKNOWN');
  });

  it('is in the published description, and nothing else is', async () => {
    const answer = await fetch(`${platform.url}${API_ROOT}/openapi.json`);
    const document = (await answer.json()) as { paths: Record<string, Record<string, unknown>> };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const declared = routes.map(([, route]) => `${route.method} ${API_ROOT}${route.path}`);
    expect(described.sort()).toEqual(declared.sort());
  });
});

describe('a person of another department', () => {
  const alien = (role: Role) => platform.withToken(tokens.get(role)!);

  it('sees no agents, streams, receipts, agreements or accounts of others', async () => {
    const consumer = await town.person('sw', 'consumer');
    await consumer.call(personRoutes.apply, {
      body: {
        resource: 'social_group',
        items: [],
        purpose: { usage: 'data-check', matter: '核验', legalBasis: '' },
        modes: ['docking'],
      },
    });
    const operator = alien('operator');
    expect(await operator.call(personRoutes.listAgents, {})).toEqual({ agents: [] });
    expect(await operator.call(personRoutes.listStreams, { query: {} })).toEqual({ streams: [] });
    expect(await operator.call(personRoutes.listReceipts, { query: {} })).toEqual({
      receipts: [],
      begins: [],
    });
    expect(await operator.call(personRoutes.listAgreements, { query: {} })).toEqual({
      agreements: [],
      next: null,
    });
    expect(await operator.call(personRoutes.reconciliation, { query: {} })).toEqual({ reconciliations: [] });
    const { accounts } = await alien('department-admin').call(personRoutes.listAccounts, {});
    expect(new Set(accounts.map((account) => account.department))).toEqual(new Set(['ga']));
  });

  it('decides, publishes, reviews and assigns nothing of others', async () => {
    const consumer = await town.person('sw', 'consumer');
    const [agreement] = (await consumer.call(personRoutes.listAgreements, { query: {} })).agreements;
    const params = { id: agreement!.id };
    const approver = alien('approver');
    for (const denied of [
      () => approver.call(personRoutes.approve, { params, body: {} }),
      () => approver.call(personRoutes.refuse, { params, body: { reason: 'x' } }),
      () => approver.call(personRoutes.revoke, { params, body: { reason: 'x' } }),
      () => approver.call(personRoutes.approve, { params: { id: randomUUID() }, body: {} }),
    ]) {
      await expect(denied()).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGREEMENT_UNKNOWN' });
    }
    const code = { code: 'social_group' };
    const { resource } = await consumer.call(personRoutes.showCatalog, { params: code, query: {} });
    for (const denied of [
      () => alien('catalog-editor').call(personRoutes.publishCatalog, { params: code, body: resource }),
      () =>
        alien('catalog-editor').call(personRoutes.assignSupply, { params: code, body: { agent: 'mz-1' } }),
      () =>
        alien('department-admin').call(personRoutes.reviewSecrecy, {
          params: code,
          body: { result: 'passed', note: '' },
        }),
    ]) {
      await expect(denied()).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT', kind: 'denied' });
    }
  });
});
