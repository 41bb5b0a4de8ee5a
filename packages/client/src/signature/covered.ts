import type { KeyRecord } from '@qianzhi/model';
import type { SigningKey } from '@qianzhi/model/crypto';
import { suiteOf } from '@qianzhi/model/crypto';

/**
 * What RFC 9421 signatures cover here. The URL is the path and query *below the API root* on a fixed
 * authority: gateways may rewrite host and prefix, and nothing else.
 */
export const requestFields = ['@method', '@path', '@query', 'content-digest', 'content-type', 'qz-audience'];
export const responseFields = ['@status', 'content-digest', 'content-type', 'qz-reply-to'];

export const AUDIENCE_HEADER = 'qz-audience';
/** The request's nonce, repeated in the response under its signature: binds the answer to the question. */
export const REPLY_HEADER = 'qz-reply-to';
export const MAX_LIFE_SECONDS = 300;
/** How far two clocks may differ before a signature is refused. */
export const CLOCK_TOLERANCE_SECONDS = 60;
const SIGNATURE_NAME = 'qz';

/** `target` is path and query below the API root, e.g. `/agent/lease?x=1`. */
export function signedUrl(target: string): string {
  return `https://qianzhi.invalid${target}`;
}

/** `sha-256=:base64:` (RFC 9530) from our digest text (`sha-256:<base64url>`). */
export function contentDigestOf(digest: string): string {
  const at = digest.indexOf(':');
  return `${digest.slice(0, at)}=:${Buffer.from(digest.slice(at + 1), 'base64url').toString('base64')}:`;
}

export function signConfig(
  key: SigningKey,
  fields: string[],
  created: Date,
  nonce: string | undefined,
  lifeSeconds = MAX_LIFE_SECONDS,
) {
  return {
    key: {
      id: key.keyId,
      sign: async (data: Buffer) => Buffer.from(key.suite.sign(key.privateKey, data), 'base64url'),
    },
    name: SIGNATURE_NAME,
    fields,
    params: nonce === undefined ? ['created', 'expires', 'keyid'] : ['created', 'expires', 'keyid', 'nonce'],
    paramValues: { created, expires: new Date(created.getTime() + lifeSeconds * 1000), nonce },
  };
}

/** The algorithm is that of the registered key; a header's `alg` has no say. */
export function verifyingKey(record: KeyRecord) {
  return {
    id: record.keyId,
    verify: async (data: Buffer, signature: Buffer) =>
      suiteOf(record.suite).verify(record.publicKey, data, signature.toString('base64url')),
  };
}

export interface SignatureTimes {
  readonly created: number;
  readonly expires: number;
}

/** Seconds since 1970 of the parameters, or undefined where they are missing or no plausible pair. */
export function timesOf(parameters: Readonly<Record<string, unknown>>): SignatureTimes | undefined {
  const created = parameters.created instanceof Date ? parameters.created.getTime() / 1000 : undefined;
  const expires = typeof parameters.expires === 'number' ? parameters.expires : undefined;
  if (created === undefined || expires === undefined) return undefined;
  return expires > created && expires - created <= MAX_LIFE_SECONDS ? { created, expires } : undefined;
}

/** The library's own clock checks are opened wide; ours use the caller's clock and say what is wrong. */
export const noClockCheck = { tolerance: Number.MAX_SAFE_INTEGER / 2 };
