import { actText } from './errors/act-text.js';
import { isQianzhiError } from './errors/qianzhi-error.js';
import { modelErrors } from './errors.js';

/** Throws when `signal` has fired: its reason where that is one of ours, else QZ_MODEL_CANCELLED naming `what`. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (!signal?.aborted) return;
  throw isQianzhiError(signal.reason)
    ? signal.reason
    : modelErrors.CANCELLED({ what: actText(what) }, signal.reason);
}

/** A signal with a time limit of its own. `done` lets go of both: unlike `AbortSignal.timeout`, nothing of it stays until the time is up. */
export interface TimedSignal {
  readonly signal: AbortSignal;
  /** The time was up before anybody aborted. */
  readonly late: boolean;
  done(): void;
}

export function withinTime(limitMs: number, outer?: AbortSignal): TimedSignal {
  const stop = new AbortController();
  let late = false;
  const leave = () => stop.abort(outer?.reason);
  const timer = setTimeout(() => {
    late = !stop.signal.aborted;
    stop.abort();
  }, limitMs);
  if (outer?.aborted) leave();
  outer?.addEventListener('abort', leave, { once: true });
  return {
    signal: stop.signal,
    get late() {
      return late;
    },
    done() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', leave);
    },
  };
}
