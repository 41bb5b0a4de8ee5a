import {
  isQianzhiError,
  type LocalText,
  type QianzhiError,
  systemReason,
  throwIfCancelled,
} from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import { type AddressRules, type Lookup, pinnedAddress } from './address.js';
import type { WebhookTarget } from './schema.js';
import { postSigned } from './signed-post.js';

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
  const failed = (reason: LocalText, final: boolean, cause?: unknown, retryAfterMs?: number): Outcome => ({
    sent: false,
    error: agentErrors.WEBHOOK_FAILED({ webhook, reason }, cause),
    final,
    retryAfterMs,
  });
  try {
    const pinned = await within(pinnedAddress(new URL(target.url), rules, lookup), deadline);
    const { status, retryAfterMs } = await postSigned(
      { url: target.url, id, body, secret: target.secret, pinned },
      deadline,
    );
    if (status >= 200 && status <= 299) return { sent: true, status };
    const answered = { zh: `对方应答 HTTP ${status}`, en: `it answered HTTP ${status}` };
    if (status >= 300 && status <= 399)
      return failed(
        { zh: `${answered.zh},不跟随转向`, en: `${answered.en}; redirects are not followed` },
        true,
      );
    return failed(answered, status >= 400 && status <= 499 && !passing.has(status), undefined, retryAfterMs);
  } catch (error) {
    throwIfCancelled(signal, `webhook ${webhook}`);
    if (isQianzhiError(error)) return { sent: false, error, final: false };
    return failed(deadline.aborted ? systemReason({ code: 'ETIMEDOUT' }) : systemReason(error), false, error);
  }
}

/** A lookup cannot be given up: what it says after the deadline is of no interest. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
