import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { startRewritingGateway } from './rewriting-gateway.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

const opened: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 5 });

async function listen(server: Server): Promise<{ host: string; port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function echoThroughProxy(): Promise<TcpProxy> {
  const echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  const proxy = await startTcpProxy({ target: await listen(echo) });
  opened.push(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

async function dial({
  port,
}: TcpProxy): Promise<{ socket: Socket; got: () => string; ended: () => string | undefined }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let ended: string | undefined;
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  socket.on('end', () => {
    ended ??= 'FIN';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ended ??= error.code ?? 'error';
  });
  opened.push(() => socket.destroy());
  await eventually(() => expect(socket.connecting).toBe(false));
  return { socket, got: () => text, ended: () => ended };
}

it('passes bytes both ways and counts them', async () => {
  const proxy = await echoThroughProxy();
  const client = await dial(proxy);
  client.socket.write('hello');
  await eventually(() => expect(client.got()).toBe('hello'));
  expect(proxy.passed).toEqual({ toTarget: 5, toClient: 5 });
});

it('holds bytes back while stalled, and loses none', async () => {
  const proxy = await echoThroughProxy();
  const client = await dial(proxy);
  client.socket.write('a');
  await eventually(() => expect(client.got()).toBe('a'));
  proxy.stall();
  client.socket.write('b');
  const late = await dial(proxy);
  late.socket.write('c');
  await eventually(() => expect(proxy.connections()).toBe(2));
  expect([client.got(), late.got()]).toEqual(['a', '']);
  proxy.flow();
  await eventually(() => expect([client.got(), late.got()]).toEqual(['ab', 'c']));
});

it('cuts with FIN and resets with RST', async () => {
  const proxy = await echoThroughProxy();
  const first = await dial(proxy);
  await eventually(() => expect(proxy.connections()).toBe(1));
  proxy.cut();
  await eventually(() => expect(first.ended()).toBe('FIN'));
  const second = await dial(proxy);
  await eventually(() => expect(proxy.connections()).toBe(1));
  proxy.reset();
  await eventually(() => expect(second.ended()).toBe('ECONNRESET'));
});

it('resets in the middle of a message', async () => {
  const proxy = await echoThroughProxy();
  const client = await dial(proxy);
  proxy.resetAfter(3, 'toTarget');
  client.socket.write('abcdef');
  await eventually(() => expect(client.ended()).toBe('ECONNRESET'));
  expect(proxy.passed.toTarget).toBe(3);
  const next = await dial(proxy);
  next.socket.write('whole');
  await eventually(() => expect(next.got()).toBe('whole'));
});

it('refuses new connections while told to', async () => {
  const proxy = await echoThroughProxy();
  proxy.refuse(true);
  const client = await dial(proxy);
  await eventually(() => expect(client.ended()).toBe('ECONNRESET'));
  proxy.refuse(false);
  const next = await dial(proxy);
  next.socket.write('x');
  await eventually(() => expect(next.got()).toBe('x'));
});

it('rewrites host and path prefix of HTTP requests', async () => {
  const target = createHttpServer((request, response) => {
    request
      .resume()
      .on('end', () => response.end(`${request.method} ${request.url} ${request.headers.host}`));
  });
  const gateway = await startRewritingGateway({
    target: await listen(target),
    prefix: '/share/v1',
    targetPrefix: '/api',
    hostHeader: 'inner.gov.example',
  });
  opened.push(() => gateway[Symbol.asyncDispose]());
  const answer = await fetch(`${gateway.url}/streams?after=3`, { method: 'POST', body: 'x'.repeat(100_000) });
  expect(await answer.text()).toBe('POST /api/streams?after=3 inner.gov.example');
  expect(gateway.forwarded).toEqual([{ method: 'POST', path: '/api/streams?after=3' }]);
  expect((await fetch(new URL('/elsewhere', gateway.url))).status).toBe(404);
});
