import type { QianzhiError } from '@qianzhi/model';
import { backoffMs } from '../clock.js';
import type { EngineLimits } from '../options.js';

export type Decision =
  | { readonly state: 'waiting'; readonly afterMs: number }
  | { readonly state: 'failed' }
  | { readonly state: 'cancelled' };

/**
 * What becomes of a job that threw, by the error's kind alone (design: errors): what passes by itself is tried for ever
 * with growing, capped pauses; internal ones a limited number of times; for all others a person must act.
 */
export function decide(error: QianzhiError, failures: number, limits: EngineLimits): Decision {
  if (error.kind === 'cancelled') return { state: 'cancelled' };
  const again = error.retry === 'backoff' || (error.retry === 'capped' && failures < limits.internalAttempts);
  if (!again) return { state: 'failed' };
  return { state: 'waiting', afterMs: backoffMs(failures, limits.backoffFirstMs, limits.backoffCapMs) };
}
