import { checkShape, type LineAnswer, type LineCall, LineCallSchema, type LineRoute } from '@qianzhi/model';
import type { Frames } from '@qianzhi/model/crypto';
import type { WebSocket } from 'ws';
import { keepAwake } from '../heartbeat.js';

/** One call of an agent, as its frame says it. */
export interface Called extends Omit<Extract<LineCall, { route: LineRoute }>, 'call'> {
  readonly bytes: Uint8Array;
  /** Aborted when the agent takes the call back or is gone, and when the line drains. */
  readonly signal: AbortSignal;
}

/** Answers a call; a failure is an answer, too. What is thrown closes the line. */
export type Answer = (called: Called) => Promise<DistributiveOmit<LineAnswer, 'call' | 'at'>>;
type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** One agent's line: many calls at a time. */
export interface Line {
  close(reason: string): void;
  /** Has what waits answer, closes the line when all that is under way has been answered; takes nothing more. */
  drain(): Promise<void>;
}

/** An agent of ours keeps to less. */
const MOST_UNDER_WAY = 256;
const MOST_BUFFERED_BYTES = 16 * 1024 * 1024;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

export interface LineParts {
  readonly frames: Frames;
  readonly answer: Answer;
  readonly now: () => Date;
  /** Told why the line is closed, where that is the agent's doing, or a gateway's, or a failure of ours. */
  readonly wrong: (error: unknown) => void;
}

export function openLine(socket: WebSocket, { frames, answer, now, wrong }: LineParts): Line {
  const running = new Map<number, AbortController>();
  let draining = false;
  let onNone: () => void = () => undefined;

  async function run(head: LineCall, bytes: Uint8Array): Promise<void> {
    if ('cancel' in head) return running.get(head.call)?.abort();
    const { call, ...called } = head;
    if (draining) return; // told by the end, and asked again elsewhere
    if (running.size >= MOST_UNDER_WAY || running.has(call)) throw new TypeError('call');
    const stop = new AbortController();
    running.set(call, stop);
    try {
      const given = await answer({ ...called, bytes, signal: stop.signal });
      const wanted = draining || !stop.signal.aborted;
      if (wanted && socket.readyState === socket.OPEN)
        socket.send(frames.write(JSON.stringify({ call, at: now().getTime(), ...given })));
      if (socket.bufferedAmount > MOST_BUFFERED_BYTES) socket.terminate();
    } finally {
      running.delete(call);
      if (running.size === 0) onNone();
    }
  }

  /** What it left open the agent asks again without the line. */
  function end(error: unknown): void {
    wrong(error);
    socket.close(POLICY_VIOLATION);
  }

  keepAwake(socket);
  socket.on('message', (data: Buffer) => {
    try {
      const { head, bytes } = frames.read(data);
      run(checkShape(LineCallSchema, head, 'line'), bytes).catch(end);
    } catch (error) {
      end(error);
    }
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const stop of running.values()) stop.abort();
  });

  const close = (reason: string) => socket.close(GOING_AWAY, reason);
  return {
    close,
    async drain() {
      draining = true;
      for (const stop of running.values()) stop.abort();
      if (running.size > 0)
        await new Promise<void>((resolve) => {
          onNone = resolve;
        });
      close('stopping');
    },
  };
}
