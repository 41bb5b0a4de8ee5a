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
