import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformClient } from '@qianzhi/client';
import { backoffMs } from '@qianzhi/engine';
import { agentRoutes, isQianzhiError, type ReconcileSession } from '@qianzhi/model';
import { agentErrors } from '../errors.js';

/** How long the other side may keep silent: before its first word, and while it reads a large table. */
export interface Patience {
  readonly firstMs: number;
  readonly laterMs: number;
}

export const usualPatience: Patience = { firstMs: 2 * 60_000, laterMs: 6 * 60 * 60_000 };

/** Short enough for gateways that cut idle connections at 60 s. */
const POLL_MS = 25_000;
/** A platform that restarts meanwhile is waited for. */
const RETRY_MS = 10 * 60_000;

/** The two ends' payloads over the platform's HTTP API, in order. */
export function createHttpMailbox(
  client: PlatformClient,
  { id, resource, provider, consumer }: ReconcileSession,
  own: string,
  patience: Patience,
) {
  const peer = own === provider ? consumer : provider;
  let sent = 0;
  let received = 0;

  function look(waitMs: number, signal: AbortSignal) {
    const params = { session: id, seq: received };
    const ask = () =>
      client.call(agentRoutes.nextReconcileMessage, { params, body: { waitMs }, waitMs }, signal);
    return persist(ask, signal);
  }

  function ended({ state, failure }: ReconcileSession): Error {
    const { agent = peer, code = state } = failure ?? {};
    return agentErrors.RECONCILE_PEER_FAILED({ resource, peer: agent, code });
  }

  return {
    async put(payload: Uint8Array, signal: AbortSignal): Promise<void> {
      const params = { session: id, seq: sent++ };
      const body = { payload: Buffer.from(payload).toString('base64url') };
      try {
        await persist(() => client.call(agentRoutes.putReconcileMessage, { params, body }, signal), signal);
      } catch (error) {
        if (!isQianzhiError(error, 'QZ_PLATFORM_RECONCILE_ENDED')) throw error;
        // why it was ended says the session
        throw ended((await look(0, signal)).session);
      }
    },
    async next(signal: AbortSignal): Promise<Uint8Array> {
      const waits = received === 0 ? patience.firstMs : patience.laterMs;
      const deadline = Date.now() + waits;
      for (;;) {
        const waitMs = Math.max(0, Math.min(POLL_MS, deadline - Date.now()));
        const { payload, session } = await look(waitMs, signal);
        if (payload !== undefined) {
          received++;
          return Buffer.from(payload, 'base64url');
        }
        if (session.state !== 'open') throw ended(session);
        if (Date.now() >= deadline) {
          const seconds = Math.round(waits / 1000);
          throw agentErrors.RECONCILE_NO_ANSWER({ resource, peer, seconds });
        }
      }
    },
  };
}

/** Again after what passes by itself: every call may be repeated. */
export async function persist<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = Date.now() + RETRY_MS;
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || signal.aborted || Date.now() >= deadline) throw error;
    }
    await pause(backoffMs(failures, 500, 15_000), undefined, { signal });
  }
}

export function isPassing(error: unknown): boolean {
  return isQianzhiError(error) && (error.kind === 'unavailable' || error.kind === 'timeout');
}
