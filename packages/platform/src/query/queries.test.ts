import type { QueryService } from '@qianzhi/model';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Rig, village } from '../exchange/test-exchange.js';
import { createQueries, type QueryPorts } from './queries.js';
import type { Tunnel } from './tunnel.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

const byCode = {
  name: 'by-code',
  summary: '',
  parameters: [{ name: 'code', item: 'code', required: true }],
  items: ['code', 'name'],
  maxRows: 10,
} as unknown as QueryService;

it('a grant that ends before the question is sent is not asked under', async () => {
  rig.publish({ ...village(2), queries: [byCode] });
  rig.grant('a1', { modes: ['online-query'] });
  let asked = 0;
  const tunnel = {
    caller: rig.provider.caller,
    nonce: 't',
    ask: () => {
      asked += 1;
      return Promise.reject(new Error('asked'));
    },
  } as unknown as Tunnel;
  const usage: QueryPorts['usage'] = {
    ...rig.ports.usage,
    async begin(grant) {
      rig.revoke('a1');
      return rig.ports.usage.begin(grant);
    },
  };
  const tunnels = { offering: () => [tunnel] } as unknown as QueryPorts['tunnels'];
  const queries = createQueries(rig.context, {
    ...rig.ports,
    usage,
    tunnels,
    states: {} as QueryPorts['states'],
  });
  const place = { resource: 'village', service: 'by-code' };
  const body = { lookups: [{ code: '1' }], timeoutMs: 1_000 };
  await expect(
    queries.ask(rig.consumer.caller, place, body, '127.0.0.1', new AbortController().signal),
  ).rejects.toMatchObject({ code: 'QZ_PLATFORM_QUERY_REVOKED' });
  expect(asked).toBe(0);
});
