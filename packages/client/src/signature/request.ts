import { randomBytes } from 'node:crypto';
import type { KeyRecord, QianzhiError } from '@qianzhi/model';
import { type SigningKey, suiteOf } from '@qianzhi/model/crypto';
import { httpbis } from 'http-message-signatures';
import { clientErrors } from '../errors.js';
import {
  AUDIENCE_HEADER,
  CLOCK_TOLERANCE_SECONDS,
  contentDigestOf,
  noClockCheck,
  requestFields,
  type SignatureTimes,
  signConfig,
  signedUrl,
  timesOf,
  verifyingKey,
} from './covered.js';

export type HeaderMap = Record<string, string>;

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
export async function signRequest(
  request: OutgoingRequest,
  key: SigningKey,
  audience: string,
  now: Date,
): Promise<{ headers: HeaderMap; nonce: string }> {
  const nonce = randomBytes(16).toString('base64url');
  const headers: HeaderMap = {
    'content-type': request.contentType,
    'content-digest': contentDigestOf(request.bodyDigest ?? key.suite.digest(request.body)),
    [AUDIENCE_HEADER]: audience,
  };
  const message = { method: request.method, url: signedUrl(request.target), headers };
  const signed = await httpbis.signMessage(signConfig(key, requestFields, now, nonce), message);
  return { headers: lowerNames(signed.headers), nonce };
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
  let found: Omit<VerifiedRequest, 'bodyDigest'> | undefined;
  const valid = await guarded((own) =>
    httpbis.verifyMessage(
      {
        ...noClockCheck,
        all: true,
        requiredFields: requestFields,
        requiredParams: ['created', 'expires', 'keyid', 'nonce'],
        keyLookup: async (parameters) => {
          const times = timesOf(parameters);
          if (!times) throw clientErrors.SIGNATURE_INVALID({ reason: 'created/expires' });
          checkClock(times, 'agent', now);
          const keyId = String(parameters.keyid);
          const record = await own(findKey(keyId));
          if (!record || found) throw clientErrors.KEY_UNREGISTERED({ keyId });
          found = { key: record, nonce: String(parameters.nonce), expiresAt: new Date(times.expires * 1000) };
          return verifyingKey(record);
        },
      },
      { method: request.method, url: signedUrl(request.target), headers },
    ),
  );
  if (!valid || !found) throw clientErrors.SIGNATURE_INVALID({ reason: 'signature' });
  return { ...found, bodyDigest: checkDigest(headers['content-digest'], request.body, found.key) };
}

/** Answers the digest that was found right. */
export function checkDigest(header: string | undefined, body: Uint8Array, key: KeyRecord): string {
  const digest = suiteOf(key.suite).digest(body);
  if (header === contentDigestOf(digest)) return digest;
  throw clientErrors.SIGNATURE_INVALID({ reason: 'content-digest' });
}

/** `signer` is whose clock wrote the times; `now` is the other side's. Throws QZ_CLIENT_CLOCK_SKEW. */
export function checkClock(times: SignatureTimes, signer: 'agent' | 'platform', now: Date): void {
  const seconds = now.getTime() / 1000;
  const early = times.created - seconds;
  const late = seconds - times.expires;
  if (Math.max(early, late) <= CLOCK_TOLERANCE_SECONDS) return;
  const created = new Date(times.created * 1000);
  throw signer === 'agent' ? clockSkew(created, now) : clockSkew(now, created);
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

type Own = <T>(work: Promise<T>) => Promise<T>;

/**
 * The library throws plain errors for malformed headers; they are one thing to a caller: not valid. What `own` work throws is
 * none of them, and goes on as it is: keys that cannot be looked up now are no fault of the request.
 */
export async function guarded(verify: (own: Own) => Promise<boolean | null>): Promise<boolean | null> {
  let failed: { readonly error: unknown } | undefined;
  const own: Own = async (work) => {
    try {
      return await work;
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  try {
    return await verify(own);
  } catch (error) {
    if (failed) throw failed.error;
    if (error instanceof Error && error.name === 'QianzhiError') throw error;
    throw clientErrors.SIGNATURE_INVALID({ reason: 'malformed' }, error);
  }
}

export function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderMap {
  const flat: HeaderMap = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function lowerNames(headers: Record<string, string | string[]>): HeaderMap {
  return flatten(headers);
}
