import {
  type AgentFrame,
  AgentFrameSchema,
  checkShape,
  fromProblem,
  type Grant,
  MAX_ANSWER_BYTES,
  type PlatformFrame,
  type Problem,
  type QueryAnswer,
  type QueryRequest,
  queryName,
  type Signed,
  TUNNEL_PART_BYTES,
} from '@qianzhi/model';
import { keepAwake } from '../server/heartbeat.js';
import type { AgentSocket } from '../server/serve.js';
import { queryErrors } from './errors.js';

export interface Answered {
  readonly answer: Signed<QueryAnswer>;
  readonly bytes: Uint8Array;
}

/** One agent's connection: many questions at a time, each its own channel. */
export interface Tunnel extends Pick<AgentSocket, 'caller' | 'nonce' | 'fence'> {
  readonly underWay: number;
  offers(resource: string, service: string): boolean;
  /**
   * Resolves with what the agent answered, unproven. Throws QZ_PLATFORM_QUERY_BUSY, _QUERY_TUNNEL_LOST, the agent's own error, or
   * the signal's reason, having told the agent to stop.
   */
  ask(request: Signed<QueryRequest>, grant: Signed<Grant>, signal: AbortSignal): Promise<Answered>;
  send(frame: PlatformFrame): void;
  close(reason: string): void;
}

/** An agent does not get more than this, whoever asks. */
const MOST_UNDER_WAY = 64;
/** What waits to be sent may fill no more memory. */
const MOST_BUFFERED_BYTES = 16 * 1024 * 1024;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

interface Channel {
  readonly parts: Buffer[];
  bytes: number;
  /** A part that is not full is the last. */
  whole: boolean;
  settle(outcome: { readonly answered: Answered } | { readonly error: unknown }): void;
}

export function openTunnel({ caller, socket, nonce, fence }: AgentSocket, onClosed: () => void): Tunnel {
  const { agent } = caller;
  const channels = new Map<number, Channel>();
  let offered: ReadonlySet<string> = new Set();
  let next = 0;

  const send = (frame: PlatformFrame) => socket.send(JSON.stringify(frame));
  keepAwake(socket);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    try {
      if (isBinary) part(data);
      else heard(checkShape(AgentFrameSchema, JSON.parse(data.toString('utf8')), 'tunnel'));
    } catch {
      // what an agent of ours never sends; all that waits on it is told by the end
      socket.close(POLICY_VIOLATION, 'malformed');
    }
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const channel of channels.values())
      channel.settle({ error: queryErrors.QUERY_TUNNEL_LOST({ agent }) });
    onClosed();
  });

  function part(data: Buffer): void {
    const number = data.readUInt32BE(0);
    const channel = channels.get(number);
    if (!channel) return; // cancelled meanwhile
    const length = data.length - 4;
    // else many small ones would fill the memory that their bytes do not
    if (channel.whole || length === 0 || length > TUNNEL_PART_BYTES) throw new TypeError('part');
    channel.whole = length < TUNNEL_PART_BYTES;
    channel.bytes += length;
    if (channel.bytes > MAX_ANSWER_BYTES) {
      send({ kind: 'cancel', channel: number });
      const problem = { zh: '超过大小上限', en: 'it is larger than an answer may be' };
      channel.settle({ error: queryErrors.QUERY_ANSWER_WRONG({ agent, id: '—', problem }) });
      return;
    }
    channel.parts.push(data.subarray(4));
  }

  function heard(frame: AgentFrame): void {
    if (frame.kind === 'offer') {
      offered = new Set(frame.services.map(queryName));
      return;
    }
    const channel = channels.get(frame.channel);
    if (!channel) return;
    if (frame.kind === 'failed') {
      channel.settle({ error: told(frame.problem) });
      return;
    }
    const bytes = channel.parts.length === 1 ? channel.parts[0]! : Buffer.concat(channel.parts);
    channel.settle({ answered: { answer: frame.answer, bytes } });
  }

  /** Only what an agent has to say of a query is passed on: other errors are for others to make. */
  function told(problem: Problem): unknown {
    if (/^QZ_(AGENT_QUERY|QUERY)_[A-Z_]+$/.test(problem.code)) return fromProblem(problem);
    const unknown = { zh: '错误码不属于查询', en: 'its error is none of a query' };
    return queryErrors.QUERY_ANSWER_WRONG({ agent, id: '—', problem: unknown });
  }

  return {
    caller,
    nonce,
    fence,
    get underWay() {
      return channels.size;
    },
    offers: (resource, service) =>
      socket.readyState === socket.OPEN && offered.has(queryName({ resource, service })),
    ask(request, grant, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (channels.size >= MOST_UNDER_WAY || socket.bufferedAmount > MOST_BUFFERED_BYTES)
          return reject(queryErrors.QUERY_BUSY({ agent, underWay: channels.size }));
        const number = next++ % 0xffff_ffff;
        const cancel = () => {
          if (socket.readyState === socket.OPEN) send({ kind: 'cancel', channel: number });
          channels.get(number)?.settle({ error: signal.reason });
        };
        channels.set(number, {
          parts: [],
          bytes: 0,
          whole: false,
          settle(outcome) {
            channels.delete(number);
            signal.removeEventListener('abort', cancel);
            if ('error' in outcome) reject(outcome.error);
            else resolve(outcome.answered);
          },
        });
        signal.addEventListener('abort', cancel, { once: true });
        send({ kind: 'ask', channel: number, request, grant });
      });
    },
    send,
    close: (reason) => socket.close(GOING_AWAY, reason),
  };
}
