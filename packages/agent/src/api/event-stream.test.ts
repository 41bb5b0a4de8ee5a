import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FeedPage } from '@qianzhi/plugin-api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReceivedFeed } from '../received/feed.js';
import { tempFolder } from '../testing/temp-folder.js';
import { createEventStreams, type EventStreams } from './event-stream.js';
import { createApiKey } from './keys/api-keys.js';

const LARGE = 'x'.repeat(200_000);
let server: Server;
let streams: EventStreams;
let raw: ServerResponse | undefined;
let reads = 0;
let most = 0;
/** Who is asked for a page waits for it. */
let ready: Promise<unknown> = Promise.resolve();
/** Pages without end, of one large record each. */
const feed = {
  exchange: 'in',
  resource: 'firm',
  async read(after: string): Promise<FeedPage> {
    await ready;
    reads += 1;
    most = Math.max(most, raw?.listenerCount('close') ?? 0);
    const cursor = String(Number(after) + 1);
    const record = { op: 'upsert', key: { code: cursor }, values: { text: LARGE }, deliverySeq: 1 } as const;
    return { records: [{ ...record, cursor, at: '2026-01-01T00:00:00Z' }], next: cursor, end: false };
  },
  onAppended: () => () => {},
} as unknown as ReceivedFeed;

beforeEach(async () => {
  most = 0;
  reads = 0;
  const stateDir = await tempFolder();
  const { key: caller } = await createApiKey(stateDir, { system: 'erp', scopes: ['read:firm'] }, new Date());
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  streams = createEventStreams({ stateDir, maxStreams: 2, stalledMs: 2_000, log });
  server = createServer((_request, response) => {
    raw = response;
    const reply = { raw, hijack() {} } as unknown as FastifyReply;
    const wanted = { caller, resource: 'firm', feed, after: '0', request: {} as FastifyRequest, reply };
    streams.open(wanted).catch((error) => response.writeHead(429).end(error.code));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await streams.close();
});

async function opened(): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage];
  response.once('error', () => undefined); // cut by us
  return response;
}

it('leaves nothing behind for each event that a slow reader was waited for', async () => {
  const response = await opened();
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await expect.poll(() => bytes, { timeout: 10_000 }).toBeGreaterThan(100 * LARGE.length);
  expect(most).toBeLessThan(10);
  response.destroy();
  await expect.poll(streams.count).toBe(0);
});

it('a reader that takes nothing holds one event in memory, hinders nobody and is given up in time', async () => {
  const stalled = await opened();
  stalled.pause();
  const its = raw!;
  await expect.poll(() => its.writableNeedDrain).toBe(true);
  await expect.poll(() => reads, { interval: 300 }).toBe(reads);
  const readForIt = reads;
  const other = await opened();
  let bytes = 0;
  other.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await expect.poll(() => bytes, { timeout: 10_000 }).toBeGreaterThan(50 * LARGE.length);
  expect(its.writableLength).toBeLessThan(2 * LARGE.length);
  expect(readForIt * LARGE.length).toBeLessThan(20_000_000);
  other.destroy();
  await expect.poll(() => its.destroyed, { timeout: 5_000 }).toBe(true);
  await expect.poll(streams.count).toBe(0);
  stalled.destroy();
});

it('a reader that takes nothing keeps no agent from stopping', async () => {
  const response = await opened();
  response.pause();
  await expect.poll(() => raw?.writableNeedDrain).toBe(true);
  const before = Date.now();
  await streams.close();
  expect(Date.now() - before).toBeLessThan(5_000);
  response.destroy();
});

it('no more are open than may be, also of those that come together', async () => {
  let requests = 0;
  ready = new Promise<void>((resolve) => {
    server.on('request', () => {
      requests += 1;
      if (requests === 3) resolve();
    });
  });
  const both = await Promise.all([opened(), opened(), opened()]);
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 429]);
  for (const response of both) response.destroy();
});
