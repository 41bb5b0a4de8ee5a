import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listApiKeys, revokeApiKey } from '../../packages/agent/src/api/keys/api-keys.js';
import { readEvents } from './event-reader.js';
import { type ApiCaller, bulk, createPushSite, inboxConfig, type PushSite } from './push-site.js';
import { until } from './until.js';

let rig: PushSite;
let crm: ApiCaller;
let erp: ApiCaller;
let url: string;
let agreement: string;
const push = (...changes: object[]) => crm.call('POST', '/resources/firm/bulk', bulk(...changes));
const upsert = (code: string, name = 'n') => ({ upsert: { code, name } });
const events = (last?: string, query = '') =>
  readEvents(`${url}/api/v1/feeds/firm/events${query}`, erp.key, last);

beforeAll(async () => {
  // renewed after 16 s at the earliest: what ends sooner was told by the platform
  rig = await createPushSite({ leaseSeconds: 60 });
  agreement = (await rig.site.subscribe('sw', 'firm')).id;
  crm = await rig.caller('mz-1', 'crm', 'push:firm');
  const agent = await rig.start('sw-1', 'sw', inboxConfig);
  url = agent.status().api!.url;
  erp = await rig.caller('sw-1', 'erp', 'read:firm');
  await until('it may be pushed', async () => (await push(upsert('a'))).status === 200);
  await until(
    'it has arrived',
    async () => (await erp.call('GET', '/feeds/firm/changes')).body.records?.length > 0,
  );
}, 60_000);
afterAll(() => rig?.close());

describe.sequential('received records over HTTP', () => {
  it('pages go on by their cursor, each change once, a key can be looked up', async () => {
    await push(...Array.from({ length: 25 }, (_, n) => upsert(`p${100 + n}`)), { delete: { code: 'a' } });
    await until(
      'all is there',
      async () => (await erp.call('POST', '/feeds/firm/lookups', { code: 'a' })).status === 404,
    );
    const codes: string[] = [];
    let after = '';
    for (let end = false; !end; ) {
      const { body } = await erp.call('GET', `/feeds/firm/changes?limit=10${after}`);
      codes.push(...body.records.map((record: { key: { code: string } }) => record.key.code));
      after = `&after=${encodeURIComponent(body.next)}`;
      end = body.end;
    }
    expect(codes.filter((code) => code.startsWith('p')).toSorted()).toEqual(
      Array.from({ length: 25 }, (_, n) => `p${100 + n}`),
    );
    expect(await erp.call('POST', '/feeds/firm/lookups', { code: 'p101' })).toMatchObject({
      status: 200,
      body: { op: 'upsert', values: { code: 'p101', name: 'n', capital: null, active: null } },
    });
  });

  it('asks for key and scope; a cursor that is none is told', async () => {
    expect((await readEvents(`${url}/api/v1/feeds/firm/events`, 'none')).status).toBe(401);
    const other = await rig.caller('sw-1', 'other', 'read:other');
    expect(await other.call('GET', '/feeds/firm/changes')).toMatchObject({ status: 403 });
    expect(await erp.call('GET', '/feeds/firm/changes?after=nonsense')).toMatchObject({ status: 409 });
    const misshapen = {
      status: 422,
      body: {
        code: 'QZ_AGENT_API_SHAPE_WRONG',
        texts: { en: { hint: expect.stringContaining('/api/v1/openapi.json') } },
      },
    };
    expect(await erp.call('GET', '/feeds/firm/changes?other=1')).toMatchObject(misshapen);
    expect(await erp.call('POST', '/feeds/firm/lookups', { code: 1 })).toMatchObject(misshapen);
  });

  it('a stream that is cut goes on behind its last event: nothing is lost, nothing comes twice', async () => {
    const seen: string[] = [];
    const first = await events(undefined, '?from=now');
    await push(upsert('s1'), upsert('s2'));
    seen.push(...(await first.next(2)).map(({ data }) => data.key.code));
    const last = first.events.at(-1)!.id!;
    first.cut();
    await push(upsert('s3'), { delete: { code: 's1' } });
    const second = await events(last);
    await push(upsert('s4'));
    await second.next(3);
    seen.push(...second.events.map(({ event, data }) => `${event} ${data.key.code}`));
    expect(seen).toEqual(['s1', 's2', 'upsert s3', 'delete s1', 'upsert s4']);
    second.cut();
    await until('it is closed here, too', () => rig.agent('sw-1').status().api!.streams === 0);
  });

  it('over a restart of the agent, by the same event id', async () => {
    const first = await events(undefined, '?from=now');
    await push(upsert('r1'));
    const last = (await first.next(1))[0]!.id!;
    await rig.start('sw-1', 'sw', inboxConfig);
    await until('the stream ends', first.ended);
    url = rig.agent('sw-1').status().api!.url;
    await push(upsert('r2'));
    const second = await events(last);
    expect((await second.next(1)).map(({ data }) => data.key.code)).toEqual(['r2']);
    second.cut();
  });

  it('ends within a second when its key is revoked', async () => {
    const before = erp;
    erp = await rig.caller('sw-1', 'short', 'read:firm');
    const stream = await events(undefined, '?from=now');
    const [key] = (await listApiKeys(rig.stateDir('sw-1'))).filter(({ system }) => system === 'short');
    const revokedAt = Date.now();
    await revokeApiKey(rig.stateDir('sw-1'), key!.id, new Date());
    const [closed] = await stream.next(1);
    expect(Date.now() - revokedAt).toBeLessThan(1_000);
    expect(closed).toMatchObject({ event: 'closed', data: { code: 'QZ_AGENT_API_UNAUTHORISED' } });
    await until('it ends', stream.ended);
    erp = before;
  });

  it('ends when the agreement is revoked, seconds before the lease is renewed, and shows nothing any more', async () => {
    const stream = await events(undefined, '?from=now');
    await rig.site.revoke(agreement);
    const revokedAt = Date.now();
    const closed = await until('it is told', () => stream.events.find(({ event }) => event === 'closed'));
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
    expect(closed.data).toMatchObject({ kind: 'denied' });
    expect(await erp.call('GET', '/feeds/firm/changes')).toMatchObject({ status: 403 });
    await push(upsert('late'));
    expect(stream.events.filter(({ event }) => event === 'upsert')).toEqual([]);
  });
});
