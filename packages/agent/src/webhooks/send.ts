import {
  isQianzhiError,
  type LocalText,
  type QianzhiError,
  systemReason,
  throwIfCancelled,
} from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import type { AddressRules, Lookup } from './address.js';
import { postPinned } from './pinned-post.js';
import type { WebhookTarget } from './schema.js';

export interface SendParts {
  readonly webhook: string;
  readonly target: Pick<WebhookTarget, 'url' | 'secret' | 'timeoutSeconds'>;
  readonly rules: AddressRules;
  readonly lookup: Lookup;
}

export type Outcome =
  | { readonly sent: true; readonly status: number }
  | {
      readonly sent: false;
      readonly error: QianzhiError;
      /** Of the answer; without one there was none. */
      readonly status?: number | undefined;
      /** The answer will not be another one when it is tried again. */
      readonly final: boolean;
      readonly retryAfterMs?: number | undefined;
    };

/** Answers of 400–499 that do not speak of the message itself. */
const passing: ReadonlySet<number> = new Set([401, 403, 404, 407, 408, 421, 423, 425, 429]);

/** One attempt. Throws only where `signal` ended it. */
export async function send(
  parts: SendParts,
  id: string,
  body: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { webhook, target, rules, lookup } = parts;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(target.timeoutSeconds * 1000)]);
  const failed = (reason: LocalText, cause?: unknown) => ({
    sent: false as const,
    error: agentErrors.WEBHOOK_FAILED({ webhook, reason }, cause),
  });
  try {
    const post = { url: target.url, id, body, secret: target.secret };
    const { status, retryAfterMs } = await postPinned(post, rules, lookup, deadline);
    if (status >= 200 && status <= 299) return { sent: true, status };
    const answered = { zh: `对方应答 HTTP ${status}`, en: `it answered HTTP ${status}` };
    if (status >= 300 && status <= 399) {
      const redirected = {
        zh: `${answered.zh},不跟随转向`,
        en: `${answered.en}; redirects are not followed`,
      };
      return { ...failed(redirected), status, final: true };
    }
    const final = status >= 400 && status <= 499 && !passing.has(status);
    return { ...failed(answered), status, final, retryAfterMs };
  } catch (error) {
    throwIfCancelled(signal, `webhook ${webhook}`);
    if (isQianzhiError(error)) return { sent: false, error, final: false };
    const reason = systemReason(deadline.aborted ? { code: 'ETIMEDOUT' } : error);
    return { ...failed(reason, error), final: false };
  }
}
