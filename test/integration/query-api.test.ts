import { personRoutes } from '@qianzhi/model';
import { checkQueryResult } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey, findApiKey, listApiKeys } from '../../packages/agent/src/api/keys/api-keys.js';
import { backupAgent, restoreAgent } from '../../packages/agent/src/backup.js';
import { readQueryLog } from '../../packages/agent/src/queries/query-log.js';
import { callerOf } from './push-site.js';
import { createQuerySite, type QuerySite } from './query-site.js';
import { until } from './until.js';

let rig: QuerySite;
beforeAll(async () => {
  rig = await createQuerySite();
});
afterAll(() => rig?.close());

it('a business system asks by its key: proven, logged, within its scope; OpenAPI names the question', async () => {
  await rig.grant();
  const agent = await rig.start('sw-1', 'sw', { api: { port: 0, requestsPerMinute: 30 } });
  const key = async (...scopes: string[]) => {
    const { text } = await createApiKey(rig.stateDir('sw-1'), { system: 'tax', scopes }, new Date());
    return callerOf(() => agent.status().api!.url, text);
  };
  const tax = await key('query:firm');
  const lookups = [{ uscc: 'U3' }];
  const { status, body } = await tax.call('POST', '/query/firm/by-uscc', { lookups });
  expect([status, body.values, body.complete]).toEqual([200, [['U3', '同名', 'id\t3', '3.50']], true]);
  const { keys } = await rig.consumer.call(personRoutes.keyDirectory, {});
  checkQueryResult(body, keys);
  expect(await readQueryLog(rig.stateDir('sw-1'))).toMatchObject([{ kind: 'asked', id: body.id }]);
  const { paths } = (await tax.call('GET', '/openapi.json')).body;
  expect(paths['/query/firm/by-uscc'].post.requestBody.content['application/json'].schema).toMatchObject({
    properties: { lookups: { items: { required: ['uscc'], properties: { uscc: { maxLength: 18 } } } } },
  });
  const other = await key('query:other');
  expect(await other.call('POST', '/query/firm/by-uscc', { lookups })).toMatchObject({ status: 403 });
  expect(await tax.call('POST', '/query/firm/nothing', { lookups })).toMatchObject({ status: 404 });
  const limited = await until('the rate is used up', async () => {
    const answer = await tax.call('GET', '/openapi.json');
    return answer.status !== 200 && answer;
  });
  expect(limited).toMatchObject({ status: 429, body: { code: 'QZ_AGENT_API_RATE' } });
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
});

it('the keys are part of the agent’s backup', async () => {
  const state = rig.stateDir('sw-1');
  const { key, text } = await createApiKey(state, { system: 'tax', scopes: ['query:firm'] }, new Date());
  const [backup, restored] = [rig.site.at('backup'), rig.site.at('restored')];
  await backupAgent(state, backup, AbortSignal.timeout(30_000));
  await restoreAgent(backup, restored, AbortSignal.timeout(30_000));
  expect(await listApiKeys(restored)).toEqual(await listApiKeys(state));
  expect(await findApiKey(restored, text, new Date())).toEqual(key);
});
