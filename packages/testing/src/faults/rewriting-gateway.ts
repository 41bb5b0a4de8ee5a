import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { TcpTarget } from './tcp-proxy.js';

export interface GatewayOptions {
  readonly target: TcpTarget;
  /** Path prefix under which clients know the target; taken off on the way in. */
  readonly prefix?: string;
  /** Put in front of the path on the way in, after `prefix` was taken off. */
  readonly targetPrefix?: string;
  /** Host header that the target gets to see. */
  readonly hostHeader?: string;
  /** Changes the headers of a request, as gateways do that add or drop some. */
  readonly changeHeaders?: (headers: Record<string, string | string[] | undefined>) => void;
}

/** An HTTP gateway that rewrites host and path prefix, as 网闸 and API gateways between departments do. */
export interface Gateway {
  /** Base URL for clients, prefix included. */
  readonly url: string;
  /** Method and path of every request as the target got it. */
  readonly forwarded: readonly { readonly method: string; readonly path: string }[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startRewritingGateway(options: GatewayOptions): Promise<Gateway> {
  const { target, prefix = '', targetPrefix = '', hostHeader } = options;
  const forwarded: { method: string; path: string }[] = [];

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const asked = incoming.url ?? '/';
    if (!asked.startsWith(prefix)) {
      outgoing.writeHead(404).end();
      return;
    }
    const path = `${targetPrefix}${asked.slice(prefix.length) || '/'}`;
    const method = incoming.method ?? 'GET';
    forwarded.push({ method, path });
    const headers = { ...incoming.headers, host: hostHeader ?? `${target.host}:${target.port}` };
    options.changeHeaders?.(headers);
    const onward = request({ host: target.host, port: target.port, method, path, headers, agent: false });
    const [[answer]] = (await Promise.all([once(onward, 'response'), pipeline(incoming, onward)])) as [
      [IncomingMessage],
      unknown,
    ];
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, outgoing);
  }

  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    forwarded,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
