import { randomUUID } from 'node:crypto';
import type { KeyRecord, QianzhiError } from '@qianzhi/model';
import { type SigningKey, suiteOf } from '@qianzhi/model/crypto';
import { clientErrors } from '../errors.js';
import {
  AUDIENCE_HEADER,
  CLOCK_TOLERANCE_SECONDS,
  contentDigestOf,
  type HeaderMap,
  MAX_LIFE_SECONDS,
  requestFields,
  signedUrl,
} from './covered.js';
import { type SignatureParameters, signatureHeaders } from './sign.js';
import { verifySignature } from './verify.js';

export interface OutgoingRequest {
  readonly method: string;
  /** Path and query below the API root. */
  readonly target: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Digest of the body where the caller has it already. */
  readonly bodyDigest?: string;
}

/** Headers that carry the signature (RFC 9421), valid for 300 s, with a fresh nonce. */
export function signRequest(
  request: OutgoingRequest,
  key: SigningKey,
  audience: string,
  now: Date,
): { headers: HeaderMap; nonce: string } {
  // of the runtime's stock of random bytes: to ask the system for them each time takes longer than to sign
  const nonce = randomUUID();
  const headers: HeaderMap = {
    'content-type': request.contentType,
    'content-digest': contentDigestOf(request.bodyDigest ?? key.suite.digest(request.body)),
    [AUDIENCE_HEADER]: audience,
  };
  const message = { method: request.method, url: signedUrl(request.target), headers };
  return {
    headers: Object.assign(headers, signatureHeaders(message, requestFields, key, now, nonce)),
    nonce,
  };
}

export interface IncomingRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface VerifiedRequest {
  readonly key: KeyRecord;
  readonly nonce: string;
  /** Digest of the body, proven. */
  readonly bodyDigest: string;
  /** Until when the nonce must be remembered. */
  readonly expiresAt: Date;
}

/**
 * Verifies a signed request: audience, life of at most 300 s, clock, key, content digest and signature, in that
 * order. The caller stores the nonce afterwards and refuses one it has seen. Throws QZ_CLIENT_SIGNATURE_MISSING,
 * _SIGNATURE_INVALID, _AUDIENCE_WRONG, _KEY_UNREGISTERED (all kind auth) or _CLOCK_SKEW (unavailable: it passes when the
 * clock is set), and whatever `findKey` throws.
 */
export async function verifyRequest(
  request: IncomingRequest,
  audience: string,
  findKey: (keyId: string) => Promise<KeyRecord | undefined>,
  now: Date,
): Promise<VerifiedRequest> {
  const headers = flatten(request.headers);
  if (!headers['signature-input'] || !headers.signature) throw clientErrors.SIGNATURE_MISSING();
  if (headers[AUDIENCE_HEADER] !== audience) {
    throw clientErrors.AUDIENCE_WRONG({ audience: headers[AUDIENCE_HEADER] ?? '', own: audience });
  }
  const message = { method: request.method, url: signedUrl(request.target), headers };
  const { key, parameters } = await verifySignature(message, requestFields, async (parameters) => {
    checkClock(parameters, 'agent', now);
    if (parameters.nonce === undefined) throw clientErrors.SIGNATURE_INVALID({ reason: 'nonce' });
    const { keyId } = parameters;
    const found = await findKey(keyId);
    if (!found) throw clientErrors.KEY_UNREGISTERED({ keyId });
    return found;
  });
  return {
    key,
    nonce: parameters.nonce!,
    expiresAt: new Date(parameters.expires * 1000),
    bodyDigest: checkDigest(headers['content-digest'], request.body, key),
  };
}

/** Answers the digest that was found right. */
export function checkDigest(header: string | undefined, body: Uint8Array, key: KeyRecord): string {
  const digest = suiteOf(key.suite).digest(body);
  if (header === contentDigestOf(digest)) return digest;
  throw clientErrors.SIGNATURE_INVALID({ reason: 'content-digest' });
}

/** `signer` is whose clock wrote the times; `now` is the other side's. Throws QZ_CLIENT_CLOCK_SKEW. */
export function checkClock(
  times: Pick<SignatureParameters, 'created' | 'expires'>,
  signer: 'agent' | 'platform',
  now: Date,
): void {
  const seconds = now.getTime() / 1000;
  const early = times.created - seconds;
  const late = seconds - times.expires;
  if (Math.max(early, late) <= CLOCK_TOLERANCE_SECONDS) return;
  const created = new Date(times.created * 1000);
  throw signer === 'agent' ? clockSkew(created, now) : clockSkew(now, created);
}

/** What a frame of a line was made at, in milliseconds since 1970: it is believed for as long as a signature of that time. */
export function lineTimes(at: number): Pick<SignatureParameters, 'created' | 'expires'> {
  const created = at / 1000;
  return { created, expires: created + MAX_LIFE_SECONDS };
}

export function clockSkew(agentTime: Date, platformTime: Date): QianzhiError {
  const ahead = Math.round((agentTime.getTime() - platformTime.getTime()) / 1000);
  return clientErrors.CLOCK_SKEW({
    skewSeconds: Math.abs(ahead),
    direction: ahead > 0 ? { zh: '快', en: 'ahead of' } : { zh: '慢', en: 'behind' },
    agentTime: agentTime.toISOString(),
    platformTime: platformTime.toISOString(),
    toleranceSeconds: CLOCK_TOLERANCE_SECONDS,
  });
}

export function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderMap {
  const flat: HeaderMap = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
