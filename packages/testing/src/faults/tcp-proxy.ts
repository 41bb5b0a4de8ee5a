import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpTarget {
  readonly host: string;
  readonly port: number;
}

export interface TcpProxyOptions {
  readonly target: TcpTarget;
  /** Port to listen on, on loopback; any free one unless told. */
  readonly port?: number;
}

/** Stands between two parties and does to their connections what networks and firewalls do. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Bytes passed on so far, by direction. */
  readonly passed: { readonly toTarget: number; readonly toClient: number };
  /** Open client connections. */
  connections(): number;
  /** Passes no byte on in either direction, and keeps the connections open. New ones hang, too. */
  stall(): void;
  /** Passes on again what was held back. */
  flow(): void;
  /** Ends every connection with FIN, as an orderly restart does. */
  cut(): void;
  /** Ends every connection with RST. */
  reset(): void;
  /** Resets a connection as soon as this many more bytes have passed in one direction, once. */
  resetAfter(bytes: number, direction: 'toTarget' | 'toClient'): void;
  /** While true, every new connection is reset at once. */
  refuse(refusing: boolean): void;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
}

export async function startTcpProxy({ target, port = 0 }: TcpProxyOptions): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  /** A pair is no longer one when one of the two has gone. */
  const sockets = new Set<Socket>();
  const passed = { toTarget: 0, toClient: 0 };
  let stalled = false;
  let refusing = false;
  let fuse: { left: number; readonly direction: keyof typeof passed } | undefined;

  function endPair(pair: Pair, end: (socket: Socket) => void): void {
    pairs.delete(pair);
    end(pair.client);
    end(pair.target);
  }

  function pump(pair: Pair, from: Socket, to: Socket, direction: keyof typeof passed): void {
    from.on('data', (bytes: Buffer) => {
      const sent = burn(bytes, direction);
      passed[direction] += sent.length;
      if (!to.write(sent)) {
        from.pause();
        to.once('drain', () => stalled || from.resume());
      }
      if (sent.length < bytes.length || fuse?.left === 0) {
        fuse = undefined;
        endPair(pair, (socket) => socket.resetAndDestroy());
      }
    });
    from.on('end', () => to.end());
    // A reset or broken pipe on one side reaches the other as one.
    from.on('error', () => endPair(pair, (socket) => socket.destroy()));
    from.on('close', () => pairs.delete(pair));
  }

  function burn(bytes: Buffer, direction: keyof typeof passed): Buffer {
    if (fuse?.direction !== direction) return bytes;
    const part = bytes.subarray(0, fuse.left);
    fuse.left -= part.length;
    return part;
  }

  const server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, target: connect(target.port, target.host) };
    pairs.add(pair);
    for (const socket of [pair.client, pair.target]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    pump(pair, client, pair.target, 'toTarget');
    pump(pair, pair.target, client, 'toClient');
    if (stalled) pauseBoth(pair);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    passed,
    connections: () => pairs.size,
    stall() {
      stalled = true;
      for (const pair of pairs) pauseBoth(pair);
    },
    flow() {
      stalled = false;
      for (const { client, target } of pairs) {
        client.resume();
        target.resume();
      }
    },
    cut() {
      for (const pair of [...pairs]) endPair(pair, (socket) => socket.end());
    },
    reset() {
      for (const pair of [...pairs]) endPair(pair, (socket) => socket.resetAndDestroy());
    },
    resetAfter(bytes, direction) {
      fuse = { left: bytes, direction };
    },
    refuse(next) {
      refusing = next;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function pauseBoth({ client, target }: Pair): void {
  client.pause();
  target.pause();
}
