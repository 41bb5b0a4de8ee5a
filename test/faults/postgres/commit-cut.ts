import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a PostgreSQL server and takes away the answers to COMMITs. */
export interface CommitCut {
  readonly port: number;
  /**
   * The next COMMIT, after so many `before` it, reaches the server, and its answer nobody: the client's line is reset once the
   * server has committed (`after`), or while it is at it (`during`). Resolves when the server has committed;
   * rejects when no such COMMIT came in time: within half a minute, unless told.
   */
  next(when: 'after' | 'during', before?: number, other?: Wanted): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Wanted {
  readonly withinMs?: number;
  /** A statement that commits by itself, in the place of COMMIT: global, to the zero byte behind it. */
  readonly statement?: RegExp;
}

/** The end of a query that ends a transaction; no text of the protocol holds a zero byte elsewhere. */
const COMMIT = /COMMIT;?\0/g;
const COMMIT_BYTES = 8;
/** ReadyForQuery outside a transaction. */
const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');

export async function startCommitCut(serverPort: number): Promise<CommitCut> {
  const sockets = new Set<Socket>();
  let armed:
    | {
        readonly when: 'after' | 'during';
        before: number;
        readonly statement: RegExp;
        readonly done: () => void;
      }
    | undefined;

  function serve(client: Socket): void {
    const server = connect(serverPort, '127.0.0.1');
    const sentLast = lastBytes(COMMIT_BYTES - 1);
    const gotLast = lastBytes(READY.length - 1);
    let cut: typeof armed;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        if (socket === server || !cut) for (const one of [client, server]) one.destroy();
      });
    }
    client.on('data', (bytes) => {
      const sent = sentLast(bytes);
      const seen = sent.length - bytes.length;
      // one that ended with the bytes before these was counted with them
      const commits =
        armed &&
        [...sent.toString('latin1').matchAll(armed.statement)].some(
          (found) => found.index + found[0].length > seen,
        );
      if (armed && commits && armed.before-- === 0) {
        cut = armed;
        armed = undefined;
      }
      if (!server.write(bytes)) {
        client.pause();
        server.once('drain', () => client.resume());
      }
      if (cut?.when === 'during') client.resetAndDestroy();
    });
    server.on('data', (bytes) => {
      if (!cut) {
        client.write(bytes);
        return;
      }
      if (!gotLast(bytes).includes(READY)) return;
      const { done } = cut;
      cut = undefined;
      client.resetAndDestroy();
      server.destroy();
      done();
    });
  }

  const listener = createServer(serve).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    next(when, before = 0, { withinMs = 30_000, statement = COMMIT } = {}) {
      if (armed) throw new Error('the cut before this one has not come yet');
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          armed = undefined;
          reject(new Error(`${statement.source} ${before} was not answered, or never came`));
        }, withinMs);
        const done = () => {
          clearTimeout(late);
          resolve();
        };
        armed = { when, before, statement, done };
      });
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Bytes together with the last few of those before them: what is looked for may come in two pieces. */
function lastBytes(count: number): (bytes: Buffer) => Buffer {
  let before = Buffer.alloc(0);
  return (bytes) => {
    const all = Buffer.concat([before, bytes]);
    before = all.subarray(Math.max(0, all.length - count));
    return all;
  };
}
