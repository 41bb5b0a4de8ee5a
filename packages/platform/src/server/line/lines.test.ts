import { once } from 'node:events';
import {
  agentRoutes,
  type Grant,
  type LineAnswer,
  type LineCall,
  type LineWelcome,
  personRoutes,
  type Signed,
} from '@qianzhi/model';
import { agreeOnFrames, createAgreementKey, type Frames, verifyDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Sealed, Sealer } from '../../exchange/test-sealer.js';
import { settleExchange } from '../../exchange/test-settled.js';
import { startTestPlatform, type TestAgent, type TestPlatform, type Town } from '../test-platform.js';

/** An agent of another make, over real connections. */
interface TestLine {
  readonly socket: WebSocket;
  readonly frames: Frames;
  readonly closed: Promise<number>;
  send(call: LineCall, bytes?: Uint8Array): void;
  answer(call: LineCall, bytes?: Uint8Array): Promise<LineAnswer>;
}

let platform: TestPlatform;
let town: Town;
let provider: TestAgent;
let consumer: TestAgent;
let sealer: Sealer;
let grant: Signed<Grant>;
let sockets: WebSocket[];

beforeEach(async () => {
  sockets = [];
  platform = await startTestPlatform();
  ({ town, provider, consumer, sealer, grant } = await settleExchange(platform));
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await platform.remove();
});

async function open(agent: TestAgent): Promise<TestLine> {
  const own = createAgreementKey();
  const { url, headers, nonce } = await agent.client.upgrade(agentRoutes.openLine, { key: own.publicKey });
  const socket = new WebSocket(url, { headers });
  sockets.push(socket);
  const [text] = await once(socket, 'message');
  const welcome: Signed<LineWelcome> = JSON.parse(String(text));
  verifyDocument(welcome, agent.platformKeys, platform.now().toISOString());
  expect(welcome.body).toMatchObject({ agent: agent.agent, line: nonce });
  const frames = agreeOnFrames('agent', own, welcome.body.key, nonce);
  const send: TestLine['send'] = (call, bytes) => socket.send(frames.write(JSON.stringify(call), bytes));
  return {
    socket,
    frames,
    closed: once(socket, 'close').then(([code]) => code as number),
    send,
    async answer(call, bytes) {
      const heard = once(socket, 'message');
      send(call, bytes);
      return frames.read((await heard)[0]).head as LineAnswer;
    },
  };
}

const group = ['91350100M000100Y43', '市民政协会', '王五', '13800138000', '内部'];
const batchCall = (call: number, { path, headers }: Sealed): LineCall => ({
  call,
  at: platform.now().getTime(),
  route: 'sendBatch',
  params: { resource: path.resource, epoch: String(path.epoch), seq: String(path.seq) },
  headers: headers as Record<string, string>,
});
const pollBody = (waitMs: number) => ({
  resource: 'social_group',
  agreement: grant.body.agreement,
  after: [],
  waitMs,
  limit: 16,
});
const poll = (call: number, waitMs = 0): LineCall => ({
  call,
  at: platform.now().getTime(),
  route: 'pollDeliveries',
  body: pollBody(waitMs),
});
/** Refused for its shape. */
const nothing = (call: number): LineCall => ({
  call,
  at: platform.now().getTime(),
  route: 'acknowledge',
  body: { receipts: [] },
});
const VIOLATION = 1008;
const AWAY = 1001;

it('answers as over HTTP: a batch with its receipt, a poll with its deliveries, a refusal with its code', async () => {
  const sealed = await sealer.next({ rows: [['U', ...group]] });
  const [giving, taking] = [await open(provider), await open(consumer)];
  const stored = await giving.answer(batchCall(0, sealed), sealed.bytes);
  const receipt = await provider.client.call(agentRoutes.sendBatch, {
    params: { ...sealed.path },
    headers: sealed.headers as Record<string, string>,
    body: sealed.bytes,
  });
  expect(stored).toEqual({ call: 0, at: expect.any(Number), answer: receipt });
  expect(receipt.body).toMatchObject({ stage: 'stored', rows: 1 });

  const found = await taking.answer(poll(0));
  const overHttp = await consumer.client.call(agentRoutes.pollDeliveries, { body: pollBody(0) });
  expect(found).toEqual({ call: 0, at: expect.any(Number), answer: overHttp });
  expect(overHttp.deliveries).toHaveLength(1);

  expect(await giving.answer(poll(1))).toMatchObject({
    call: 1,
    problem: { code: 'QZ_PLATFORM_GRANT_NOT_LIVE' },
  });
  expect(await giving.answer(nothing(2))).toMatchObject({
    call: 2,
    problem: { code: 'QZ_MODEL_SHAPE_WRONG' },
  });
  const lines = platform.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request');
  expect(lines.filter(({ route }) => /PUT .*batches/.test(route))).toMatchObject([
    { caller: 'agent:mz-1', status: 200, seq: 1, rows: 1 },
    { caller: 'agent:mz-1', status: 200, seq: 1, rows: 1 },
  ]);
});

it('a poll waits, and is taken back', async () => {
  const line = await open(consumer);
  line.send(poll(0, 60_000));
  line.send({ call: 0, cancel: true });
  line.send(poll(1, 60_000));
  const heard = once(line.socket, 'message');
  const sealed = await sealer.next({ rows: [['U', ...group]] });
  await provider.client.call(agentRoutes.sendBatch, {
    params: { ...sealed.path },
    headers: sealed.headers as Record<string, string>,
    body: sealed.bytes,
  });
  expect(line.frames.read((await heard)[0]).head).toMatchObject({ call: 1, answer: { deliveries: [{}] } });
});

it('a frame that was changed or sent again ends the line before anything is done', async () => {
  const sealed = await sealer.next({ rows: [['U', ...group]] });
  const changed = await open(provider);
  const frame = changed.frames.write(JSON.stringify(batchCall(0, sealed)), sealed.bytes);
  frame[frame.length - 1]! ^= 1;
  changed.socket.send(frame);
  expect(await changed.closed).toBe(VIOLATION);
  expect(platform.log.join('\n')).toContain('QZ_MODEL_FRAME_WRONG');

  const again = await open(provider);
  const sent = again.frames.write(JSON.stringify({ call: 0, cancel: true }));
  again.socket.send(sent);
  again.socket.send(sent);
  expect(await again.closed).toBe(VIOLATION);
  const operator = await town.person('mz', 'operator');
  expect((await operator.call(personRoutes.listReceipts, { query: {} })).receipts).toEqual([]);
});

it('ends with its agent: revoked, or another instance of it claimed', async () => {
  const fenced = await open(provider);
  const claim = { instance: 'other', version: '0' };
  await provider.client.call(agentRoutes.claimInstance, { body: claim });
  fenced.send(poll(0));
  expect(await fenced.closed).toBe(VIOLATION);

  const revoked = await open(consumer);
  await town.officer.call(personRoutes.revokeAgent, { params: { agent: 'sw-1' }, body: { reason: '停用' } });
  revoked.send(poll(0));
  expect(await revoked.closed).toBe(VIOLATION);
});

it.each([
  ['ahead', 61],
  ['behind', -361],
])('ends where the clock of its agent is %s: without it that is told', async (_, seconds) => {
  const line = await open(consumer);
  line.send({ ...poll(0), at: platform.now().getTime() + seconds * 1000 } as LineCall);
  expect(await line.closed).toBe(VIOLATION);
});

it('the second line of an agent ends the first', async () => {
  const first = await open(provider);
  const second = await open(provider);
  expect(await first.closed).toBe(AWAY);
  expect(await second.answer(poll(0))).toMatchObject({ problem: { code: 'QZ_PLATFORM_GRANT_NOT_LIVE' } });
});

it('a platform that stops answers what waits, and ends the line', async () => {
  const line = await open(consumer);
  line.send(poll(0, 60_000));
  expect(await line.answer(nothing(1))).toMatchObject({ call: 1 });
  const heard = once(line.socket, 'message');
  await platform.stop();
  expect(line.frames.read((await heard)[0]).head).toMatchObject({ call: 0, answer: { deliveries: [] } });
  expect(await line.closed).toBe(AWAY);
});

it('says what is wrong with the key, and what a plain request is to do', async () => {
  const { url, headers } = await provider.client.upgrade(agentRoutes.openLine, { key: 'short' });
  const socket = new WebSocket(url, { headers });
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(422);
  socket.on('error', () => undefined);
  socket.terminate();
  await expect(
    provider.client.call(agentRoutes.openLine, { query: { key: createAgreementKey().publicKey } }),
  ).rejects.toMatchObject({ code: 'QZ_PLATFORM_UPGRADE_REQUIRED' });
});
