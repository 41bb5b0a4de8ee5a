import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type Grant,
  MAX_ANSWER_BYTES,
  type QueryRequest,
  type Signed,
  TUNNEL_PART_BYTES,
} from '@qianzhi/model';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { AgentSocket } from '../server/serve.js';
import { openTunnel, type Tunnel } from './tunnel.js';

/** An agent of another make at the other end of a real WebSocket. */
let server: WebSocketServer;
let agent: WebSocket;
let tunnel: Tunnel;

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  agent = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = await once(server, 'connection');
  await once(agent, 'open');
  const caller = { agent: 'mz-1', department: 'mz' };
  tunnel = openTunnel({ caller, socket, nonce: 't', fence: 1 } as unknown as AgentSocket, () => undefined);
});
afterEach(() => {
  agent.terminate();
  server.close();
});

async function ask(): Promise<{ asked: Promise<unknown>; channel: number }> {
  const heard = once(agent, 'message');
  const never = new AbortController().signal;
  const asked = tunnel.ask({} as Signed<QueryRequest>, {} as Signed<Grant>, never);
  asked.catch(() => undefined);
  const [data] = await heard;
  return { asked, channel: JSON.parse(String(data)).channel };
}

function part(channel: number, bytes: number): Buffer {
  const data = Buffer.alloc(bytes + 4, 'x');
  data.writeUInt32BE(channel, 0);
  return data;
}

const lost = { code: 'QZ_PLATFORM_QUERY_TUNNEL_LOST' };

it.each([
  ['empty', [0]],
  ['larger than a part', [TUNNEL_PART_BYTES + 1]],
  ['more after the last', [10, 10]],
])('a part that is %s ends the connection', async (_, sizes) => {
  const { asked, channel } = await ask();
  for (const size of sizes) agent.send(part(channel, size));
  await expect(asked).rejects.toMatchObject(lost);
});

it('an answer that is too large is refused, and the agent told to stop', async () => {
  const { asked, channel } = await ask();
  const told = once(agent, 'message');
  for (let sent = 0; sent <= MAX_ANSWER_BYTES; sent += TUNNEL_PART_BYTES)
    agent.send(part(channel, TUNNEL_PART_BYTES));
  await expect(asked).rejects.toMatchObject({ code: 'QZ_PLATFORM_QUERY_ANSWER_WRONG' });
  expect(JSON.parse(String((await told)[0]))).toEqual({ kind: 'cancel', channel });
});

it.each([
  ['QZ_QUERY_SERVICE_DIFFERS', 'QZ_QUERY_SERVICE_DIFFERS'],
  ['QZ_AGENT_QUERY_SLOW', 'QZ_AGENT_QUERY_SLOW'],
  ['QZ_PLATFORM_QUOTA_USED', 'QZ_PLATFORM_QUERY_ANSWER_WRONG'],
])('of what an agent may say, %s is told as %s', async (code, told) => {
  const { asked, channel } = await ask();
  const text = { message: 'm', hint: 'h' };
  const problem = {
    type: '',
    title: '',
    status: 503,
    detail: '',
    code,
    kind: 'unavailable',
    texts: { zh: text, en: text },
    details: {},
  };
  agent.send(JSON.stringify({ kind: 'failed', channel, problem }));
  await expect(asked).rejects.toMatchObject({ code: told });
});
