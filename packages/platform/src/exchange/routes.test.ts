import { agentRoutes, type Grant, noCounts, personRoutes, type Receipt, type Signed } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import { bytesDigest, decodeRows, decompress } from '@qianzhi/rows';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestAgent, type TestPlatform, type Town } from '../server/test-platform.js';
import type { Sealed, Sealer } from './test-sealer.js';
import { settleExchange } from './test-settled.js';

let platform: TestPlatform;
let town: Town;
let provider: TestAgent;
let consumer: TestAgent;
let sealer: Sealer;
let grant: Signed<Grant>;

beforeAll(async () => {
  platform = await startTestPlatform({ monitor: { host: '127.0.0.1', port: 0 } });
  ({ town, provider, consumer, sealer, grant } = await settleExchange(platform));
});
afterAll(() => platform.remove());

const send = (agent: TestAgent, { path, headers, bytes }: Sealed) =>
  agent.client.call(agentRoutes.sendBatch, {
    params: { ...path },
    headers: headers as Record<string, string>,
    body: bytes,
    bodyDigest: bytesDigest(bytes),
  });
const poll = (agent: TestAgent, waitMs = 0, seq = 0) => {
  const { agreement, grantVersion } = grant.body;
  const delivery = { agreement, grantVersion, stream: sealer.stream };
  const after = seq > 0 ? [{ delivery, seq }] : [];
  const body = { resource: 'social_group', after, waitMs, limit: 16 };
  return agent.client.call(agentRoutes.pollDeliveries, { body, waitMs });
};
const bytesOf = (agent: TestAgent, seq: number) => {
  const { agreement, grantVersion } = grant.body;
  const params = { agreement, grantVersion, ...sealer.stream, seq };
  return agent.client.call(agentRoutes.deliveryBytes, { params });
};

describe('the exchange through the real server', () => {
  it('takes batches, delivers the granted items, takes receipts and reconciles', async () => {
    const group = ['91350100M000100Y43', '市民政协会', '王五', '13800138000', '内部'];
    const first = await sealer.next({ rows: [['U', ...group]], rejected: 2 });
    const receipt = await send(provider, first);
    expect(receipt.body).toMatchObject({ stage: 'stored', rows: 1 });
    expect(await send(provider, first)).toEqual(receipt);

    const { deliveries } = await poll(consumer);
    expect(deliveries).toHaveLength(1);
    const { manifest } = deliveries[0]!.body;
    const bytes = await bytesOf(consumer, 1);
    const raw = await decompress(bytes, { rawBytes: manifest.body.rawBytes });
    expect([...decodeRows(raw)]).toEqual([{ op: 'U', fields: group.slice(0, 2) }]);

    const body: Receipt = {
      type: 'receipt',
      version: 1,
      id: 'r-1',
      stage: 'applied',
      subject: { delivery: deliveries[0]!.body.delivery },
      issuer: 'sw-1',
      seqFrom: 1,
      seqTo: 1,
      rowsDigests: [manifest.body.rowsDigest],
      rows: 1,
      counts: { ...noCounts, delivered: 1, inserted: 1 },
      previous: null,
      issuedAt: platform.now().toISOString(),
    };
    const receipts = [signDocument(body, consumer.key)];
    expect(await consumer.client.call(agentRoutes.acknowledge, { body: { receipts } })).toEqual({
      accepted: 1,
    });

    const operator = await town.person('mz', 'operator');
    const { reconciliations } = await operator.call(personRoutes.reconciliation, { query: {} });
    expect(reconciliations).toMatchObject([
      { read: 3, rejected: 2, stored: 1, balanced: true, deliveries: [{ sent: 1, confirmed: 1 }] },
    ]);
  });

  it('passes coded refusals to the agent, in both languages', async () => {
    const sealed = await sealer.peek({ rows: [['U', '1', '2']] });
    await expect(send(provider, sealed)).rejects.toMatchObject({
      code: 'QZ_ROWS_MALFORMED',
      kind: 'integrity',
    });
    await expect(send(consumer, sealed)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_STREAM_OF_OTHER',
      texts: { zh: { message: expect.stringContaining('无权写入') } },
    });
    await expect(bytesOf(provider, 1)).rejects.toMatchObject({ code: 'QZ_PLATFORM_DELIVERY_UNKNOWN' });
    await expect(poll(provider)).rejects.toMatchObject({ code: 'QZ_PLATFORM_NO_AGREEMENT', kind: 'denied' });
  });

  it('shows a department its own side only, and the auditor all', async () => {
    const seen = async (department: string | null, role: 'operator' | 'auditor') => {
      const person = await town.person(department, role);
      const { streams } = await person.call(personRoutes.listStreams, { query: {} });
      const { receipts } = await person.call(personRoutes.listReceipts, { query: { limit: 200 } });
      return [streams.length, receipts.map(({ body }) => body.stage)];
    };
    expect(await seen('mz', 'operator')).toEqual([1, ['stored', 'applied']]);
    expect(await seen('sw', 'operator')).toEqual([0, ['applied']]);
    expect(await seen('ga', 'operator')).toEqual([0, []]);
    expect(await seen(null, 'auditor')).toEqual([1, ['stored', 'applied']]);
    const batches = async (department: string) => {
      const person = await town.person(department, 'operator');
      return person.call(personRoutes.listBatches, {
        params: { ...sealer.stream },
        query: { after: 0, limit: 10 },
      });
    };
    expect((await batches('mz')).manifests).toHaveLength(1);
    await expect(batches('sw')).rejects.toMatchObject({ code: 'QZ_PLATFORM_STREAM_UNKNOWN' });
  });

  it('wakes a long poll with a batch, and ends one with the revocation', async () => {
    const waiting = poll(consumer, 20_000, 1);
    await send(provider, await sealer.next({ rows: [['D', '91350100M000100Y43', null, null, null, null]] }));
    expect((await waiting).deliveries).toHaveLength(1);
    const denied = { code: 'QZ_PLATFORM_GRANT_NOT_LIVE', details: { agreement: grant.body.agreement } };
    const idle = expect(poll(consumer, 20_000, 2)).rejects.toMatchObject(denied);
    const approver = await town.person('mz', 'approver');
    const params = { id: grant.body.agreement };
    await approver.call(personRoutes.revoke, { params, body: { reason: '用途不符' } });
    await idle;
    await expect(bytesOf(consumer, 2)).rejects.toMatchObject(denied);
  });

  it('answers heads and receipts lost on the way', async () => {
    const { streams } = await provider.client.call(agentRoutes.heads, { body: { streams: [] } });
    expect(streams).toMatchObject([{ stream: sealer.stream, head: { seq: 2 } }]);
    const params = { resource: 'social_group', epoch: 1 };
    const query = { after: 1, limit: 10 };
    const { receipts } = await provider.client.call(agentRoutes.storedReceipts, { params, query });
    expect(receipts.map(({ body }) => body.seqFrom)).toEqual([2]);
  });
});

describe('what monitoring asks of the platform', () => {
  const ask = async (path: string) => {
    const answer = await fetch(`${platform.monitorUrl}${path}`);
    return [answer.status, await answer.text()] as const;
  };

  it('is counted once for a batch, and measured', async () => {
    await expect(send(provider, await sealer.peek({ rows: [['U', '1', '2']] }))).rejects.toThrow();
    const [status, text] = await ask('/metrics');
    expect(status).toBe(200);
    const value = (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`qianzhi_platform_${name} `))
          ?.split(' ')
          .at(-1),
      );
    expect(value('batches_stored_total{department="mz"}')).toBe(2);
    expect(value('rows_stored_total{department="mz"}')).toBe(2);
    expect(value('rows_rejected_total{side="supply"}')).toBe(2);
    expect(value('deliveries_made_total{department="sw"}')).toBe(2);
    expect(value('rows_applied_total')).toBe(1);
    expect(value('receipts_total{stage="applied"}')).toBe(1);
    expect(value('batches_refused_total{code="QZ_ROWS_MALFORMED"}')).toBeGreaterThan(0);
    expect(value('database_up')).toBe(1);
    expect(value('store_bytes')).toBeGreaterThan(0);
    expect(value('agents{state="enrolled"}')).toBe(2);
    expect(Date.now() / 1000 - value('agent_last_seen_timestamp_seconds{agent="mz-1"}')).toBeLessThan(120);
    for (const secret of ['市民政协会', '13800138000', grant.body.agreement])
      expect(text).not.toContain(secret);
  });

  it('is ready while database and store can be believed', async () => {
    const [status, text] = await ask('/readyz');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        ready: true,
        parts: [
          { part: 'database', ready: true },
          { part: 'store', ready: true },
        ],
      },
    ]);
    expect((await ask('/livez'))[0]).toBe(200);
    expect((await fetch(`${platform.url}/metrics`)).status).toBe(404);
  });

  it('finds a batch in the log by its id', () => {
    const lines = platform.log.map((line) => JSON.parse(line));
    const stored = lines.find(({ route, status }) => route?.includes('batches') && status === 200);
    expect(stored).toMatchObject({
      batch: expect.stringMatching(/./),
      stream: 'social_group/mz-1/1',
      seq: 1,
      rows: 1,
    });
    const polled = lines.find(({ batches }) => batches?.length > 0);
    expect(polled).toMatchObject({ resource: 'social_group', caller: expect.stringContaining('sw-1') });
  });
});
