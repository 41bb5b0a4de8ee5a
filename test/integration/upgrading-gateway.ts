import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** Takes what comes below /exchange to the platform, under another host name, WebSockets among it. */
export interface UpgradingGateway extends AsyncDisposable {
  readonly url: string;
  /** Whether it lets WebSocket through. */
  upgrades: boolean;
  /** What it makes of each piece that an agent sends over a WebSocket; undefined leaves it as it is. */
  change: ((piece: Buffer) => void) | undefined;
  /** Paths asked for, one for each request. */
  readonly requests: readonly string[];
  /** Paths of WebSockets that were let through. */
  readonly opened: readonly string[];
  /** Cuts all WebSockets. */
  cut(): void;
}

export async function startUpgradingGateway(platform: string): Promise<UpgradingGateway> {
  const { hostname, port } = new URL(platform);
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const opened: string[] = [];
  const below = (url = '') => url.replace(/^\/exchange/, '');
  const server = createServer((incoming, answer) => {
    requests.push(below(incoming.url));
    const headers = { ...incoming.headers, host: 'inner.invalid' };
    const outgoing = request(
      { hostname, port, path: below(incoming.url), method: incoming.method, headers },
      (inner) => {
        answer.writeHead(inner.statusCode!, inner.headers);
        inner.pipe(answer);
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  server.on('upgrade', (incoming, socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (!gateway.upgrades) {
      socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    opened.push(below(incoming.url));
    const inner = connect(Number(port), hostname);
    sockets.add(inner);
    inner.on('error', () => socket.destroy());
    const lines = Object.entries({ ...incoming.headers, host: 'inner.invalid' }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    inner.write(`GET ${below(incoming.url)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    socket.on('data', (piece: Buffer) => {
      gateway.change?.(piece);
      inner.write(piece);
    });
    inner.pipe(socket);
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const)
      one.on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway: UpgradingGateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/exchange`,
    upgrades: true,
    change: undefined,
    requests,
    opened,
    cut() {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    async [Symbol.asyncDispose]() {
      gateway.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}
