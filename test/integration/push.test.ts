import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listApiKeys, revokeApiKey } from '../../packages/agent/src/api/keys/api-keys.js';
import { rowsOf } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { type ApiCaller, bulk, createPushSite, type PushSite } from './push-site.js';
import { until } from './until.js';

let rig: PushSite;
let crm: ApiCaller;
const columns = ['code', 'name', 'capital', 'active'];
const received = () => {
  try {
    return rowsOf(rig.site.at('sw.sqlite'), 'firm', columns);
  } catch {
    return [];
  }
};
const arrives = (code: string, name: string | undefined) =>
  until(`${code} is ${name}`, () => received().find(([found]) => found === code)?.[1] === name);

beforeAll(async () => {
  rig = await createPushSite();
  crm = await rig.caller('mz-1', 'crm', 'push:firm');
  await until('it is ordered', () => rig.mz.status().exchanges.length > 0);
  await rig.site.subscribe('sw', 'firm');
});
afterAll(() => rig?.close());

describe.sequential('records that business systems push', () => {
  it('nothing without a key, nothing beyond its scopes, nothing unknown', async () => {
    const bare = await fetch(`${rig.url}/api/v1/resources/firm/records`, { method: 'POST' });
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await bare.json()).toMatchObject({
      code: 'QZ_AGENT_API_UNAUTHORISED',
      texts: { zh: {}, en: {} },
    });
    const reader = await rig.caller('mz-1', 'erp', 'read:firm', 'push:other');
    const record = { code: 'x', name: 'x' };
    expect(await reader.call('POST', '/resources/firm/records', record)).toMatchObject({
      status: 403,
      body: { code: 'QZ_AGENT_API_FORBIDDEN', details: { scope: 'push:firm' } },
    });
    expect(await reader.call('POST', '/resources/other/records', record)).toMatchObject({ status: 404 });
    expect(await crm.call('GET', '/nothing')).toMatchObject({ status: 404 });
    expect((await fetch(`${rig.url}/api/v1/nothing`)).status).toBe(401);
  });

  it('one is taken, and its way is told from acceptance to the receipt; it arrives exactly', async () => {
    await until('it may be pushed', async () => {
      const { status } = await crm.call('GET', '/resources/firm/pushes/none');
      return status === 404 && rig.mz.engine.jobs.list({ state: 'running' }).length > 0;
    });
    const { status, body } = await crm.call('POST', '/resources/firm/records', {
      code: 'a',
      name: '甲\t"公司"',
      capital: '12345678901234567890.5',
      active: true,
    });
    expect([status, body.accepted, body.results]).toEqual([200, 1, [{ record: 1, accepted: true }]]);
    const stored = await until('it is stored', async () => {
      const shown = await crm.call('GET', `/resources/firm/pushes/${body.push}`);
      return shown.body.stage === 'stored' && shown.body;
    });
    const receipts = await rig.mz.engine.receipts.list({ name: 'firm' });
    expect(receipts.map(({ document }) => document.body.id)).toContain(stored.receipt);
    await rig.start('sw-1', 'sw', {
      connectors: { own: { type: 'sqlite', path: rig.site.at('sw.sqlite'), create: true } },
      exchanges: [
        {
          name: 'in',
          consume: 'firm',
          connector: 'own',
          target: { table: 'firm', create: true },
          modeOptions: { continuous: true },
        },
      ],
    });
    await arrives('a', '甲\t"公司"');
    expect(received()[0]!.slice(2).map(String)).toEqual(['12345678901234567890.50', '1']);
    const ended = await until('its consumer’s receipt is known', async () => {
      const shown = await crm.call('GET', `/resources/firm/pushes/${body.push}`);
      return shown.body.consumers?.[0]?.state === 'applied' && shown.body;
    });
    expect(ended.consumers).toEqual([
      {
        agreement: expect.any(String),
        consumer: 'sw',
        state: 'applied',
        rows: 1,
        applied: 1,
        rejected: 0,
        wider: false,
      },
    ]);
  });

  it('a bulk answers for each record; deletes arrive, too', async () => {
    const { status, body } = await crm.call(
      'POST',
      '/resources/firm/bulk',
      bulk(
        { upsert: { code: 'b', name: '乙' } },
        { upsert: { code: 'c' } },
        { upsert: { code: 'b', name: '丙' } },
        { delete: { code: 'a' } },
      ),
    );
    expect([status, body.records, body.accepted, body.refused]).toEqual([200, 4, 3, 1]);
    expect(body.results[1]).toMatchObject({
      accepted: false,
      item: 'name',
      reason: 'required',
      texts: { zh: '必填项为空', en: 'a required value is null' },
    });
    await arrives('b', '丙');
    await arrives('a', undefined);
    expect(received()).toHaveLength(1);
  });

  it('a single record that is refused is told as a problem', async () => {
    const { status, body } = await crm.call('POST', '/resources/firm/records', {
      code: 'secret-code',
      name: 'n'.repeat(41),
    });
    expect([status, body.code, body.details.item, body.details.reason]).toEqual([
      422,
      'QZ_AGENT_API_RECORD_REFUSED',
      'name',
      'too-long',
    ]);
    expect(JSON.stringify(body)).not.toContain('nnnn');
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('the same again over a restart: the same answer and no second record; other content is refused', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const send = (caller: ApiCaller, name: string) =>
      caller.call('POST', '/resources/firm/records', { code: 'd', name }, headers);
    const first = await send(crm, '丁');
    await rig.startMz();
    const again = await rig.caller('mz-1', 'crm', 'push:firm');
    const second = await until('it is served again', async () => {
      const answer = await send(again, '丁');
      return answer.status === 200 && answer;
    });
    expect(second.body).toEqual({ ...first.body, repeated: true });
    expect(await send(again, '戊')).toMatchObject({ status: 409, body: { code: 'QZ_PUSH_KEY_REUSED' } });
    crm = again;
    await arrives('d', '丁');
  });

  it('a bulk that is cut off leaves nothing; repeated it is taken once', async () => {
    const headers = { 'idempotency-key': 'cut-1' };
    const lines = Array.from({ length: 500 }, (_, n) => ({ upsert: { code: `cut${n}`, name: 'x' } }));
    const text = bulk(...lines);
    await new Promise<void>((resolve, reject) => {
      const sending = request(`${rig.url}/api/v1/resources/firm/bulk`, {
        method: 'POST',
        headers: {
          ...headers,
          authorization: `Bearer ${crm.key}`,
          'content-type': 'application/x-ndjson',
          'content-length': text.length,
        },
      });
      sending.once('error', () => resolve());
      sending.once('response', () => reject(new Error('answered')));
      sending.write(text.slice(0, text.length / 2), () => sending.destroy());
    });
    const answer = await crm.call('POST', '/resources/firm/bulk', text, headers);
    expect(answer.body).toMatchObject({ accepted: 500, repeated: false });
    expect((await crm.call('POST', '/resources/firm/bulk', text, headers)).body.repeated).toBe(true);
    await arrives('cut499', 'x');
    expect(received().filter(([code]) => String(code).startsWith('cut'))).toHaveLength(500);
  });

  it('limits of lines, records and characters are kept', async () => {
    const long = bulk({ upsert: { code: 'l', name: 'x'.repeat(1 << 20) } });
    expect(await crm.call('POST', '/resources/firm/bulk', long)).toMatchObject({
      status: 422,
      body: { code: 'QZ_AGENT_API_TOO_LARGE' },
    });
    const response = await crm.call('POST', '/resources/firm/records', {}, { 'content-type': 'text/plain' });
    expect(response).toMatchObject({ status: 400, body: { code: 'QZ_AGENT_API_REQUEST_WRONG' } });
  });

  it('a key is good until it is revoked, and kept as a digest only', async () => {
    const [key] = (await listApiKeys(rig.stateDir('mz-1')))
      .filter(({ system }) => system === 'crm')
      .slice(-1);
    await revokeApiKey(rig.stateDir('mz-1'), key!.id, new Date());
    expect(await crm.call('GET', '/resources/firm/pushes/none')).toMatchObject({ status: 401 });
  });

  it('evidence', () => expectEvidence(rig.site));
});
