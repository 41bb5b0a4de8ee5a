import { type Application, agentRoutes, personRoutes, type QueryService } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  enrolAgent,
  publish,
  settle,
  socialGroup,
  startTestPlatform,
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

const byUscc: QueryService = {
  name: 'by-uscc',
  summary: '',
  parameters: [{ name: 'uscc', item: 'uscc', required: true }],
  items: ['uscc', 'name'],
  maxRows: 1,
} as QueryService;
const code = (name: string) => ({ code: `QZ_PLATFORM_${name}` });

async function apply(resource: string, change: Partial<Application> = {}) {
  const purpose = { usage: 'data-check', matter: '核验', legalBasis: '' } as const;
  const body: Application = {
    resource,
    items: ['uscc', 'name'],
    purpose,
    modes: ['online-query', 'batch-download'],
    ...change,
  };
  return (await town.person('sw', 'consumer')).call(personRoutes.apply, { body });
}

it('queries and downloads come from the addresses of the grant alone; others are refused and audited', async () => {
  const resource = 'from_office';
  await publish(town, socialGroup({ code: resource, queries: [byUscc] }));
  const { client: agent } = await enrolAgent(platform, town.officer, 'sw-1', 'sw');
  const person = await town.person('sw', 'consumer');
  const params = { resource, service: 'by-uscc' };
  const body = { lookups: [{ uscc: '91350100M000100Y43' }], timeoutMs: 1_000 };
  const asked = () => [
    person.call(personRoutes.query, { params, body }),
    agent.call(agentRoutes.agentQuery, { params, body }),
  ];
  const request = { resource, format: 'csv', encoding: 'utf-8', header: 'columns' } as const;
  const downloaded = () => person.call(personRoutes.requestDownload, { body: request });

  const limited = await apply(resource, { addresses: ['2001:db8::/32', '10.0.0.0/8'] });
  expect(limited).toMatchObject({ state: 'granted', addresses: ['10.0.0.0/8', '2001:db8::/32'] });
  // agents know nothing of it
  expect(limited.grant?.body).not.toHaveProperty('addresses');
  for (const one of asked()) await expect(one).rejects.toMatchObject(code('ADDRESS_NOT_ALLOWED'));
  await expect(downloaded()).rejects.toMatchObject(code('ADDRESS_NOT_ALLOWED'));
  const auditor = await town.person(null, 'auditor');
  const { entries } = await auditor.call(personRoutes.listAudit, { query: { limit: 50 } });
  const denied = entries.filter(({ outcome, details }) => {
    const told = typeof details === 'string' ? details : JSON.stringify(details);
    return outcome === 'denied' && told.includes('ADDRESS_NOT_ALLOWED');
  });
  expect(denied.map(({ actor }) => actor).sort()).toEqual([
    'agent:sw-1',
    'person:sw-consumer',
    'person:sw-consumer',
  ]);

  // a list in force is changed by a decision alone
  const wider = await apply(resource, { addresses: [] });
  expect(wider).toMatchObject({ id: limited.id, state: 'applied' });
  for (const one of asked()) await expect(one).rejects.toMatchObject(code('ADDRESS_NOT_ALLOWED'));
  const approver = await town.person('mz', 'approver');
  const approved = await approver.call(personRoutes.approve, {
    params: { id: wider.id },
    body: { addresses: ['127.0.0.0/8'] },
  });
  expect(approved).toMatchObject({ state: 'granted', addresses: ['127.0.0.0/8'] });
  for (const one of asked()) await expect(one).rejects.toMatchObject(code('QUERY_PROVIDER_OFFLINE'));
  await expect(downloaded()).rejects.toMatchObject(code('STATE_NONE'));
});

it('what is no address is refused, and an agreement without a list says none', async () => {
  await publish(town, socialGroup({ code: 'from_anywhere' }));
  const wrong = apply('from_anywhere', { addresses: ['10.0.0.0/40'] });
  await expect(wrong).rejects.toMatchObject(code('ADDRESS_WRONG'));
  const agreement = await apply('from_anywhere', { addresses: [] });
  expect(agreement.state).toBe('granted');
  expect(agreement).not.toHaveProperty('addresses');
});
