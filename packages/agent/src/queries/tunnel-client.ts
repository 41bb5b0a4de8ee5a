import {
  type AgentFrame,
  agentRoutes,
  checkShape,
  isQianzhiError,
  type KeyRecord,
  type LocalQuery,
  type PlatformFrame,
  PlatformFrameSchema,
  type Problem,
  type QianzhiError,
  systemReason,
  TUNNEL_MESSAGE_BYTES,
  TUNNEL_PART_BYTES,
  TUNNEL_PING_MS,
  toProblem,
} from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import type { PluginLog } from '@qianzhi/plugin-api';
import WebSocket from 'ws';
import { agentErrors } from '../errors.js';
import type { PlatformLink } from '../link/platform-link.js';
import type { Answerer } from './answerer.js';

export interface TunnelStatus {
  readonly open: boolean;
  readonly openedAt: string | undefined;
  readonly problem: Problem | undefined;
}

export interface TunnelClient {
  /** Says anew what is answered, where it is open. */
  offer(): void;
  status(): TunnelStatus;
  close(): Promise<void>;
}

export interface TunnelParts {
  readonly agent: string;
  readonly link: Pick<PlatformLink, 'client'>;
  readonly platformKeys: () => readonly KeyRecord[];
  readonly services: () => readonly Pick<LocalQuery, 'resource' | 'service'>[];
  readonly answer: Answerer;
  readonly log: PluginLog;
  readonly now: () => Date;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const SILENCE_MS = 3 * TUNNEL_PING_MS + 2_000;
const PROTOCOL_ERROR = 1002;

/** Keeps one connection to the platform open, from inside out: nobody connects to an agent. */
export function startTunnel(parts: TunnelParts): TunnelClient {
  const { agent, link, log, now } = parts;
  let socket: WebSocket | undefined;
  let openedAt: string | undefined;
  let problem: QianzhiError | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let ended: Promise<void> = Promise.resolve();

  async function connect(): Promise<void> {
    try {
      const { url, headers, nonce } = await link.client.upgrade(agentRoutes.openTunnel);
      if (closed) return;
      ended = new Promise((resolve) => converse(url, headers, nonce, resolve));
      await ended;
    } catch (error) {
      keep(error);
    }
    openedAt = undefined;
    socket = undefined;
    if (closed) return;
    timer = setTimeout(() => void connect(), pauseMs * (0.5 + Math.random() / 2));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  function keep(error: unknown): void {
    const { url } = link.client;
    const known = isQianzhiError(error)
      ? error
      : agentErrors.TUNNEL_REFUSED({ url, reason: systemReason(error) }, error);
    if (problem?.code !== known.code) log.warn({ code: known.code, ...known.details }, known.message);
    problem = known;
  }

  /** One connection, from its opening to its end. */
  function converse(
    url: string,
    headers: Readonly<Record<string, string>>,
    nonce: string,
    over: () => void,
  ): void {
    const own = new WebSocket(url, {
      headers,
      handshakeTimeout: 10_000,
      maxPayload: TUNNEL_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    socket = own;
    const running = new Map<number, AbortController>();
    let welcomed = false;
    let refused = false;
    let silence: NodeJS.Timeout | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => own.terminate(), SILENCE_MS);
    };
    const send = (frame: AgentFrame) =>
      own.readyState === own.OPEN ? own.send(JSON.stringify(frame)) : undefined;

    async function ask({ channel, request, grant }: Extract<PlatformFrame, { kind: 'ask' }>): Promise<void> {
      const stop = new AbortController();
      running.set(channel, stop);
      try {
        const { answer, bytes } = await parts.answer(request, grant, nonce, stop.signal);
        await sendParts(own, channel, bytes, stop.signal);
        if (!stop.signal.aborted) send({ kind: 'answer', channel, answer });
      } catch (error) {
        if (!isQianzhiError(error)) throw error;
        if (!stop.signal.aborted) send({ kind: 'failed', channel, problem: toProblem(error) });
      } finally {
        running.delete(channel);
      }
    }

    function take(frame: PlatformFrame): void {
      if (frame.kind === 'welcome') {
        const { body } = frame.welcome;
        verifyDocument(frame.welcome, parts.platformKeys(), now().toISOString());
        if (body.agent !== agent || body.tunnel !== nonce)
          throw agentErrors.TUNNEL_REFUSED({ url, reason: 'welcome' });
        welcomed = true;
        openedAt = now().toISOString();
        problem = undefined;
        pauseMs = FIRST_PAUSE_MS;
        send({ kind: 'offer', services: offered(parts) });
        log.info({}, 'the connection for queries is open');
      } else if (!welcomed) throw agentErrors.TUNNEL_REFUSED({ url, reason: 'welcome' });
      else if (frame.kind === 'cancel') running.get(frame.channel)?.abort();
      else
        ask(frame).catch((error) => {
          log.error({ error: error instanceof Error ? error.name : typeof error }, 'a query failed inside');
          own.close();
        });
    }

    own.on('open', heard);
    own.on('ping', heard);
    own.on('message', (data: Buffer, isBinary: boolean) => {
      heard();
      try {
        if (isBinary) throw agentErrors.TUNNEL_REFUSED({ url, reason: 'frame' });
        take(checkShape(PlatformFrameSchema, JSON.parse(data.toString('utf8')), 'tunnel'));
      } catch (error) {
        keep(error);
        own.close(PROTOCOL_ERROR);
      }
    });
    own.on('unexpected-response', (_, response) => {
      refused = true;
      keep(agentErrors.TUNNEL_REFUSED({ url: link.client.url, reason: `HTTP ${response.statusCode}` }));
      response.resume();
      own.terminate();
      over();
    });
    own.on('error', (error) => {
      if (!refused) keep(error);
    });
    own.on('close', () => {
      clearTimeout(silence);
      // nobody is left to take the answers
      for (const stop of running.values()) stop.abort();
      over();
    });
  }

  void connect();
  return {
    offer() {
      if (openedAt === undefined || socket?.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify({ kind: 'offer', services: offered(parts) } satisfies AgentFrame));
    },
    status: () => ({ open: openedAt !== undefined, openedAt, problem: problem && toProblem(problem) }),
    async close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
      const patience = setTimeout(() => socket?.terminate(), 1_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

function offered({ services }: TunnelParts) {
  return services().map(({ resource, service }) => ({ resource, service }));
}

/** One part after the other, each when the one before was handed to the system: others get their turn, and memory stays small. Nobody waits for the last. */
async function sendParts(
  socket: WebSocket,
  channel: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < bytes.length && !signal.aborted; at += TUNNEL_PART_BYTES) {
    const rows = bytes.subarray(at, at + TUNNEL_PART_BYTES);
    const part = Buffer.allocUnsafe(rows.length + 4);
    part.writeUInt32BE(channel, 0);
    part.set(rows, 4);
    if (at + TUNNEL_PART_BYTES >= bytes.length) socket.send(part);
    else await new Promise<void>((resolve) => socket.send(part, () => resolve()));
  }
}
