import { once } from 'node:events';
import { checkClock, lineTimes, type PlatformClient } from '@qianzhi/client';
import {
  agentRoutes,
  checkShape,
  type KeyRecord,
  LINE_FRAME_BYTES,
  type LineAnswer,
  LineAnswerSchema,
  type LineCall,
  type LineRoute,
  LineWelcomeSchema,
  SignedSchema,
  TUNNEL_MESSAGE_BYTES,
  TUNNEL_PING_MS,
} from '@qianzhi/model';
import { agreeOnFrames, createAgreementKey, type Frames, verifyDocument } from '@qianzhi/model/crypto';
import WebSocket from 'ws';

export interface LineParts {
  readonly agent: string;
  readonly client: Pick<PlatformClient, 'upgrade'>;
  readonly platformKeys: () => readonly KeyRecord[];
  readonly now: () => Date;
}

export interface LineRequest extends Omit<Extract<LineCall, { route: LineRoute }>, 'call' | 'at'> {
  readonly bytes?: Uint8Array | undefined;
}

/** A line that is open. */
export interface OpenLine {
  readonly underWay: number;
  /** The platform's answer; undefined where the line gives none: it ended, does not carry such a request, or the signal fired. */
  call(request: LineRequest, signal: AbortSignal): Promise<LineAnswer | undefined>;
  close(): void;
  /** Resolves when it has ended, with what was wrong with a frame where that ended it. */
  readonly ended: Promise<unknown>;
}

const OPENING_MS = 10_000;
const SILENCE_MS = 3 * TUNNEL_PING_MS + 2_000;
/** HMAC and length. */
const FRAME_ROOM = 64;
const CLOSING_MS = 1_000;
const PROTOCOL_ERROR = 1002;

const SignedWelcomeSchema = SignedSchema(LineWelcomeSchema);

/** Rejects with whatever kept it from opening, the signal included. */
export async function openLine(parts: LineParts, signal: AbortSignal): Promise<OpenLine> {
  const own = createAgreementKey();
  const { url, headers, nonce } = await parts.client.upgrade(agentRoutes.openLine, { key: own.publicKey });
  const socket = new WebSocket(url, {
    headers,
    handshakeTimeout: OPENING_MS,
    maxPayload: TUNNEL_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(OPENING_MS)]);
    const [welcome] = await once(socket, 'message', { signal: within });
    const signed = checkShape(SignedWelcomeSchema, JSON.parse(String(welcome)), 'line');
    verifyDocument(signed, parts.platformKeys(), parts.now().toISOString());
    const { agent, line, key, routes } = signed.body;
    if (agent !== parts.agent || line !== nonce) throw new TypeError('the welcome is for another line');
    return talk(socket, agreeOnFrames('agent', own, key, nonce), new Set<string>(routes), parts.now);
  } catch (error) {
    // it has no listener of its own yet
    socket.on('error', () => undefined);
    socket.terminate();
    throw error;
  }
}

function talk(socket: WebSocket, frames: Frames, routes: ReadonlySet<string>, now: () => Date): OpenLine {
  const waiting = new Map<number, (answer: LineAnswer | undefined) => void>();
  let next = 0;
  let wrong: unknown;
  const silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  const heard = () => silence.refresh();
  /** Whoever does not answer the end is not waited for: what waits is to be asked again. */
  const end = (code?: number) => {
    socket.close(code);
    setTimeout(() => socket.terminate(), CLOSING_MS).unref();
  };
  socket.on('ping', heard);
  socket.on('message', (data: Buffer) => {
    heard();
    try {
      const answer = checkShape(LineAnswerSchema, frames.read(data).head, 'line');
      checkClock(lineTimes(answer.at), 'platform', now());
      waiting.get(answer.call)?.(answer);
    } catch (error) {
      // what waits is asked again without the line
      wrong ??= error;
      end(PROTOCOL_ERROR);
    }
  });
  socket.on('error', () => socket.terminate());
  const ended = new Promise<unknown>((resolve) => {
    socket.on('close', () => {
      clearTimeout(silence);
      for (const settle of [...waiting.values()]) settle(undefined);
      resolve(wrong);
    });
  });

  return {
    get underWay() {
      return waiting.size;
    },
    ended,
    call({ bytes, ...request }, signal) {
      const call = next;
      const head = JSON.stringify({ call, at: now().getTime(), ...request } satisfies LineCall);
      const size = Buffer.byteLength(head) + (bytes?.length ?? 0) + FRAME_ROOM;
      const carried = routes.has(request.route) && size <= LINE_FRAME_BYTES;
      if (!carried || socket.readyState !== socket.OPEN || signal.aborted) return Promise.resolve(undefined);
      next++;
      return new Promise((resolve) => {
        const cancel = () => {
          if (socket.readyState === socket.OPEN)
            socket.send(frames.write(JSON.stringify({ call, cancel: true } satisfies LineCall)));
          settle(undefined);
        };
        const settle = (answer: LineAnswer | undefined) => {
          waiting.delete(call);
          signal.removeEventListener('abort', cancel);
          resolve(answer);
        };
        waiting.set(call, settle);
        signal.addEventListener('abort', cancel, { once: true });
        socket.send(frames.write(head, bytes));
      });
    },
    close: () => end(),
  };
}
