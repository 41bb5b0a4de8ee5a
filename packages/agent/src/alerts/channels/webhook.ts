import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type LocalText, systemReason } from '@qianzhi/model';
import { agentErrors } from '../../errors.js';
import type { AlertMessage, Channel } from '../message.js';
import type { WebhookConfig } from '../schema.js';

/**
 * Posts alerts as JSON, signed by the Standard Webhooks specification (headers webhook-id, webhook-timestamp,
 * webhook-signature: HMAC-SHA256), so that a receiver verifies them with any of its libraries. Any answer of 200–299
 * is taken as received; redirects are not followed. An address may hold a token: it is in no error and no log.
 */
export function createWebhook(name: string, { url, secret }: WebhookConfig): Channel {
  const id = `webhook:${name}`;
  const key = keyOf(secret);
  const failed = (reason: LocalText, cause?: unknown) =>
    agentErrors.ALERT_CHANNEL_FAILED({ channel: id, reason }, cause);
  return {
    id,
    async send(message, signal) {
      let status: number;
      try {
        status = await post(url, message, key, signal);
      } catch (error) {
        throw failed(signal.aborted ? systemReason({ code: 'ETIMEDOUT' }) : systemReason(error), error);
      }
      if (status < 200 || status > 299)
        throw failed({ zh: `对方应答 HTTP ${status}`, en: `it answered HTTP ${status}` });
    },
  };
}

/** `whsec_` and base64, as the specification writes secrets, or any text as it stands. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8');
}

async function post(url: string, message: AlertMessage, key: Buffer, signal: AbortSignal): Promise<number> {
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', key).update(`${message.id}.${timestamp}.${body}`).digest('base64');
  const library = url.startsWith('https:') ? https : http;
  const request = library.request(url, {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'webhook-id': message.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  // what it says is of no use, however long it is
  request.on('error', () => undefined);
  answer.destroy();
  return answer.statusCode!;
}
