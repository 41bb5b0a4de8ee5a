import { once } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { eachPiece } from './each-piece.js';

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Takes the body of a 200 of this length; undefined: it gets memory of its own. */
  readonly memoryFor: ((bytes: number) => BodyMemory | undefined) | undefined;
  /** The answer may be held back: it waits on a connection that nobody else waits for. */
  readonly waits?: boolean;
}

/** Takes the pieces of a body as they come, and has all of them in the end. */
export interface BodyMemory {
  take(piece: Uint8Array): void;
  readonly bytes: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface OpenAnswer {
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  readonly body: AsyncIterable<Uint8Array>;
}

/** Node's own HTTP: its parser is native. One in WebAssembly costs an agent 30 MB when V8 optimises it. */
export interface Http {
  /** One exchange to the last byte. Deadlines are the signal's, except for connecting. */
  exchange(url: string, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /**
   * Begins one exchange and answers its body as it comes. A connection on which nothing comes for `stallMs` is an error of its
   * body (`ETIMEDOUT`); so is one that ends before all of the body came.
   */
  open(url: string, request: HttpRequest, stallMs: number, signal: AbortSignal): Promise<OpenAnswer>;
  /** Resolves when what is under way has ended and no connection is left. */
  close(): Promise<void>;
}

const CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** Shorter than any gateway's: who closes a connection first meets no request on it. */
const KEEP_ALIVE_MS = 10_000;

/** Connections to one place; `socketPath` goes through a Unix socket or named pipe instead of the network. */
export function createHttp(root: string, socketPath: string | undefined): Http {
  const library = root.startsWith('https:') ? https : http;
  const agentOf = (maxSockets: number) =>
    new library.Agent({ keepAlive: true, maxSockets, timeout: KEEP_ALIVE_MS });
  const agent = agentOf(CONNECTIONS);
  const waiting = agentOf(Number.POSITIVE_INFINITY);
  const underWay = new Set<Promise<unknown>>();

  function begin(url: string, request: HttpRequest, signal: AbortSignal): http.ClientRequest {
    const { method, headers, body, waits } = request;
    const options: RequestOptions = {
      agent: waits ? waiting : agent,
      method,
      headers: { ...headers, 'content-length': body.length },
      signal,
      ...(socketPath !== undefined && { socketPath }),
    };
    const outgoing = library.request(url, options);
    // what goes wrong after the answer began is told where its body is read
    outgoing.on('error', nothing);
    boundConnecting(outgoing);
    outgoing.end(body);
    return outgoing;
  }

  async function exchange(url: string, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const outgoing = begin(url, request, signal);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const answer = { status: incoming.statusCode!, headers: incoming.headers };
    const received = await readBody(incoming, request.memoryFor);
    // answered before all of it was read: the rest would stand in the way of the next request
    if (!outgoing.writableFinished) outgoing.destroy();
    return { ...answer, body: received };
  }

  return {
    exchange(url, request, signal) {
      const answer = exchange(url, request, signal);
      const ended = answer.then(nothing, nothing).finally(() => underWay.delete(ended));
      underWay.add(ended);
      return answer;
    },
    async open(url, request, stallMs, signal) {
      const outgoing = begin(url, request, signal);
      const stalled = () => {
        const error = Object.assign(new Error('nothing came for too long'), { code: 'ETIMEDOUT' });
        incoming?.destroy(error);
        outgoing.destroy(error);
      };
      let incoming: IncomingMessage | undefined;
      outgoing.setTimeout(stallMs, stalled);
      [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
      const ended = new Promise<void>((resolve) => incoming?.once('close', resolve));
      underWay.add(ended);
      void ended.then(() => underWay.delete(ended));
      return { status: incoming.statusCode!, headers: incoming.headers, body: incoming };
    },
    async close() {
      await Promise.all(underWay);
      agent.destroy();
      waiting.destroy();
    },
  };
}

const nothing = () => undefined;

function boundConnecting(outgoing: http.ClientRequest): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' }));
    }, CONNECT_TIMEOUT_MS);
    const connected = 'encrypted' in socket ? 'secureConnect' : 'connect';
    for (const event of [connected, 'close']) socket.once(event, () => clearTimeout(timer));
  });
}

async function readBody(incoming: IncomingMessage, memoryFor: HttpRequest['memoryFor']): Promise<Uint8Array> {
  const declared = incoming.statusCode === 200 ? Number(incoming.headers['content-length']) : Number.NaN;
  const memory = declared > 0 ? memoryFor?.(declared) : undefined;
  if (!memory) return Buffer.concat(await incoming.toArray());
  await eachPiece(incoming, (piece) => memory.take(piece));
  return memory.bytes;
}
