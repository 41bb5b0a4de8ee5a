import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Address } from './address.js';

export interface SignedPost {
  readonly url: string;
  /** The same when it comes again. */
  readonly id: string;
  readonly body: string;
  /** `whsec_` and base64, as the specification writes secrets, or any text as it stands. */
  readonly secret: string;
  /** The connection goes to this address, whatever the name resolves to by then; name and certificate are the url's. */
  readonly pinned?: Address;
}

export interface PostAnswer {
  readonly status: number;
  /** What `retry-after` says, where it says seconds. */
  readonly retryAfterMs: number | undefined;
}

/**
 * Posts JSON signed by the Standard Webhooks specification (headers webhook-id, webhook-timestamp, webhook-signature: HMAC-SHA256),
 * so that a receiver verifies it with any of its libraries. Each has a connection of its own; redirects are not followed, and
 * of the answer nothing but its head is read.
 */
export async function postSigned(
  { url, id, body, secret, pinned }: SignedPost,
  signal: AbortSignal,
): Promise<PostAnswer> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  const library = url.startsWith('https:') ? https : http;
  const request = library.request(url, {
    method: 'POST',
    signal,
    agent: false,
    ...(pinned && { lookup: pinnedLookup(pinned) }),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  // what it says is of no use, however long it is
  request.on('error', () => undefined);
  answer.destroy();
  const seconds = Number(answer.headers['retry-after']);
  return { status: answer.statusCode!, retryAfterMs: seconds > 0 ? seconds * 1000 : undefined };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8');
}

type Resolved = (error: Error | null, address: string | Address[], family?: number) => void;

function pinnedLookup({ address, family }: Address) {
  return (_host: string, options: { readonly all?: boolean }, resolved: Resolved) =>
    options.all ? resolved(null, [{ address, family }]) : resolved(null, address, family);
}
