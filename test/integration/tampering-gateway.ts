import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request or answer on its way; what `change` does to it the other side gets. */
export interface Passing {
  readonly direction: 'request' | 'answer';
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  body: Buffer;
}

export interface TamperingGateway {
  readonly url: string;
  /** Set to tamper; undefined passes everything on as it is. */
  change: ((passing: Passing) => void) | undefined;
  close(): Promise<void>;
}

/** A man in the middle who ends the connection and reads and writes what passes; a WebSocket he lets nobody open. */
export async function startTamperingGateway(target: () => string): Promise<TamperingGateway> {
  const server = createServer(async (incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: Passing = {
      direction: 'request',
      method: incoming.method ?? 'GET',
      path,
      headers: plain(incoming.headers),
      body: Buffer.concat(chunks),
    };
    gateway.change?.(request);
    const bare = incoming.method === 'GET' || incoming.method === 'HEAD' || request.body.length === 0;
    const answered = await fetch(target() + path, {
      method: incoming.method,
      headers: request.headers,
      ...(!bare && { body: request.body }),
    });
    const answer: Passing = {
      direction: 'answer',
      method: request.method,
      path,
      headers: plain(Object.fromEntries(answered.headers)),
      body: Buffer.from(await answered.arrayBuffer()),
    };
    gateway.change?.(answer);
    outgoing.writeHead(answered.status, answer.headers).end(answer.body);
  });
  const gateway: TamperingGateway = {
    url: '',
    change: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(gateway, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** Without the headers that belong to one connection, or to one length of body. */
function plain(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const hop = [
    'connection',
    'upgrade',
    'keep-alive',
    'transfer-encoding',
    'content-length',
    'host',
    'content-encoding',
  ];
  const kept = Object.entries(headers).filter(([name, value]) => !hop.includes(name) && value !== undefined);
  return Object.fromEntries(kept) as Record<string, string>;
}
