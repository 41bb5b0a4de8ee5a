import { type LocalText, systemReason } from '@qianzhi/model';
import { agentErrors } from '../../errors.js';
import { postSigned } from '../../webhooks/signed-post.js';
import type { Channel } from '../message.js';
import type { WebhookConfig } from '../schema.js';

/**
 * Posts alerts as JSON, signed by the Standard Webhooks specification. Any answer of 200–299 is taken as received. An address may hold
 * a token: it is in no error and no log.
 */
export function createWebhook(name: string, { url, secret }: WebhookConfig): Channel {
  const id = `webhook:${name}`;
  const failed = (reason: LocalText, cause?: unknown) =>
    agentErrors.ALERT_CHANNEL_FAILED({ channel: id, reason }, cause);
  return {
    id,
    async send(message, signal) {
      const post = { url, id: message.id, body: JSON.stringify(message), secret };
      const { status } = await postSigned(post, signal).catch((error) => {
        throw failed(signal.aborted ? systemReason({ code: 'ETIMEDOUT' }) : systemReason(error), error);
      });
      if (status < 200 || status > 299)
        throw failed({ zh: `对方应答 HTTP ${status}`, en: `it answered HTTP ${status}` });
    },
  };
}
