import { isQianzhiError, type LocalText, systemReason } from '@qianzhi/model';
import { agentErrors } from '../../errors.js';
import { lookupAll } from '../../webhooks/address.js';
import { postPinned } from '../../webhooks/pinned-post.js';
import type { Channel } from '../message.js';
import type { WebhookConfig } from '../schema.js';

/**
 * Posts alerts as JSON, signed by the Standard Webhooks specification. Any answer of 200–299 is taken as received. An address may hold
 * a token: it is in no error and no log. The rules of addresses are those of other webhooks, but that the host named here may be
 * a private one: alerts mostly go to one inside, and hold no records.
 */
export function createWebhook(
  name: string,
  { url, secret }: WebhookConfig,
  ownPorts: readonly number[],
): Channel {
  const id = `webhook:${name}`;
  const failed = (reason: LocalText, cause?: unknown) =>
    agentErrors.ALERT_CHANNEL_FAILED({ channel: id, reason }, cause);
  return {
    id,
    async send(message, signal) {
      const post = { url, id: message.id, body: JSON.stringify(message), secret };
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      const rules = { webhook: name, privateHosts: [host], ownPorts };
      const { status } = await postPinned(post, rules, lookupAll, signal).catch((error) => {
        throw failed(signal.aborted ? systemReason({ code: 'ETIMEDOUT' }) : reasonOf(error), error);
      });
      if (status < 200 || status > 299)
        throw failed({ zh: `对方应答 HTTP ${status}`, en: `it answered HTTP ${status}` });
    },
  };
}

/** Of an address that is refused: why. */
function reasonOf(error: unknown): LocalText {
  const reason = isQianzhiError(error, 'QZ_AGENT_WEBHOOK_ADDRESS') ? error.details.reason : undefined;
  return reason !== null && typeof reason === 'object' ? reason : systemReason(error);
}
