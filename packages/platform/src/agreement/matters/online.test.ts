import { randomUUID } from 'node:crypto';
import { agentRoutes, noCounts, personRoutes, type Receipt } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  enrolAgent,
  settle,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';
import { at, code, createParties, HUIZHOU, type Parties, supplyRow } from './test-parties.js';

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  platform = await startTestPlatform({ policy: { profile: HUIZHOU } });
  town = await settle(platform);
  to = createParties(town);
});
afterAll(() => platform.remove());

it('R079 application, review, feedback, sharing and use go by the API alone, each in its turn and not before', {
  timeout: 120_000,
}, async () => {
  const provider = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
  const consumer = await enrolAgent(platform, town.officer, 'sw-1', 'sw');
  // 申请
  const { id, resource, state } = await to.apply();
  expect(state).toBe('applied');
  await supplyRow(town, provider, resource);
  const poll = async () => {
    const asked = { resource, after: [], waitMs: 0, limit: 1 };
    return (await consumer.client.call(agentRoutes.pollDeliveries, { body: asked })).deliveries;
  };
  // nothing is handed out before it is granted
  await expect(poll()).rejects.toMatchObject({ kind: 'denied' });
  // 审核, with what has to be signed first
  await expect(to.approve(id)).rejects.toMatchObject(code('PLATFORM_CONFIDENTIALITY_UNSIGNED'));
  await (await to.mz()).call(personRoutes.returnApplication, {
    ...at(id),
    body: { missing: '请签保密协议' },
  });
  // 反馈
  expect(await to.matterOf(id)).toMatchObject({ stage: 'completion' });
  await (await to.sw()).call(personRoutes.completeApplication, { ...at(id), body: { note: '已签' } });
  await to.sign(id);
  expect(await to.approve(id)).toMatchObject({ state: 'granted' });
  const { events } = await to.matterOf(id);
  expect(events.map(({ act }) => act)).toEqual(['apply', 'return', 'complete', 'sign', 'grant']);
  // 共享
  const [delivery] = await poll();
  const { delivery: stream, seq, manifest } = delivery!.body;
  const { rows, rowsDigest } = manifest.body;
  expect([stream.agreement, rows]).toEqual([id, 1]);
  // 应用
  const receipt: Receipt = {
    type: 'receipt',
    version: 1,
    id: randomUUID(),
    stage: 'applied',
    subject: { delivery: stream },
    issuer: consumer.agent,
    seqFrom: seq,
    seqTo: seq,
    rowsDigests: [rowsDigest],
    rows,
    counts: { ...noCounts, delivered: rows, inserted: rows },
    previous: null,
    issuedAt: platform.now().toISOString(),
  };
  const receipts = [signDocument(receipt, consumer.key)];
  expect(await consumer.client.call(agentRoutes.acknowledge, { body: { receipts } })).toEqual({
    accepted: 1,
  });
  const admin = await town.person('mz', 'department-admin');
  const list = await admin.call(personRoutes.listReceipts, { query: { limit: 10 } });
  expect(list.receipts.map(({ body }) => body.stage)).toContain('applied');
});
