import { setTimeout as sleep } from 'node:timers/promises';
import { actText } from '@qianzhi/model';
import { sqliteErrors } from '../errors.js';
import { classify, type Doing, isBusy } from './classify.js';

/** SQLite works on this thread: after this long, others get their turn. */
const SLICE_MS = 15;

export interface Pace {
  /** True when the slice is used up; cheap enough to be asked every few dozen rows. */
  due(): boolean;
  /** Lets timers, sockets and other jobs run, then starts a new slice. Throws when aborted. */
  rest(): Promise<void>;
}

export function startPace(doing: string, signal: AbortSignal): Pace {
  throwIfAborted(doing, signal);
  let until = performance.now() + SLICE_MS;
  return {
    due: () => performance.now() >= until,
    async rest() {
      await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(doing, signal);
      until = performance.now() + SLICE_MS;
    },
  };
}

export function throwIfAborted(doing: string, signal: AbortSignal): void {
  if (signal.aborted) throw sqliteErrors.CANCELLED({ doing: actText(doing) }, signal.reason);
}

/**
 * Runs `attempt` until no other program holds the lock, at most `timeoutMs`. SQLite's own waiting would block this
 * thread and with it whoever is to release the lock. Throws QZ_SQLITE_BUSY after that.
 */
export async function whenFree<T>(
  attempt: () => T,
  about: Doing,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T> {
  const start = performance.now();
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    throwIfAborted(about.doing, signal);
    try {
      return attempt();
    } catch (error) {
      const waitedMs = Math.round(performance.now() - start);
      if (!isBusy(error) || waitedMs >= timeoutMs) throw classify(error, about, waitedMs);
      await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }
}
