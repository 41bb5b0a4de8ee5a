import { engineErrors } from './errors.js';
import type { Clock } from './options.js';

/** Longest time Node's timers hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(Math.max(ms, 0), MAX_TIMER_MS),
      );
      signal.addEventListener('abort', onAbort, { once: true });
    }),
};

/**
 * Runs one call that waits for the network with a deadline. Throws QZ_ENGINE_CHANNEL_TIMEOUT when it passes, also when
 * the callee ignores its signal.
 */
export async function withDeadline<T>(
  what: string,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const end = (reason: unknown) => {
        reject(reason);
        deadline.abort(reason);
      };
      onAbort = () => end(signal.reason);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      timer = setTimeout(() => end(engineErrors.CHANNEL_TIMEOUT({ what, ms })), ms);
      call(deadline.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/** Doubling pauses from first to cap, with a tenth of spread so that agents do not come back in one moment. */
export function backoffMs(failures: number, firstMs: number, capMs: number): number {
  const pause = Math.min(firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30), capMs);
  return Math.round(pause * (0.9 + Math.random() * 0.2));
}
