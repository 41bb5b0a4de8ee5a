import type { KeyRecord } from '@qianzhi/model';
import type { SigningKey } from '@qianzhi/model/crypto';
import { clientErrors } from '../errors.js';
import { contentDigestOf, type HeaderMap, REPLY_HEADER, responseFields } from './covered.js';
import { checkClock, checkDigest, flatten } from './request.js';
import { signatureHeaders } from './sign.js';
import { verifySignature } from './verify.js';

export interface OutgoingResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly bodyDigest?: string;
}

/** Headers of a response signed by the platform and bound to the request's nonce. */
export function signResponse(
  response: OutgoingResponse,
  key: SigningKey,
  requestNonce: string,
  now: Date,
): HeaderMap {
  const headers: HeaderMap = {
    'content-type': response.contentType,
    'content-digest': contentDigestOf(response.bodyDigest ?? key.suite.digest(response.body)),
    [REPLY_HEADER]: requestNonce,
  };
  const message = { status: response.status, headers };
  return Object.assign(headers, signatureHeaders(message, responseFields, key, now));
}

export interface IncomingResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  /** What the caller proves the body against by itself: where the answer is signed over it, the body is not digested here. */
  readonly expectedDigest?: string | undefined;
}

/**
 * Verifies that the platform itself answered this very request. Throws QZ_CLIENT_SIGNATURE_MISSING, _SIGNATURE_INVALID,
 * _KEY_UNREGISTERED or _CLOCK_SKEW.
 */
export async function verifyResponse(
  response: IncomingResponse,
  requestNonce: string,
  platformKeys: readonly KeyRecord[],
  now: Date,
): Promise<void> {
  const headers = flatten(response.headers);
  if (!headers['signature-input'] || !headers.signature) throw clientErrors.SIGNATURE_MISSING();
  if (headers[REPLY_HEADER] !== requestNonce) throw clientErrors.SIGNATURE_INVALID({ reason: REPLY_HEADER });
  const message = { status: response.status, headers };
  const { key } = await verifySignature(message, responseFields, async (parameters) => {
    checkClock(parameters, 'platform', now);
    const { keyId } = parameters;
    const signer = platformKeys.find((key) => key.keyId === keyId && key.owner === 'platform');
    if (!signer) throw clientErrors.KEY_UNREGISTERED({ keyId });
    return signer;
  });
  const { expectedDigest } = response;
  if (expectedDigest !== undefined && headers['content-digest'] === contentDigestOf(expectedDigest)) return;
  checkDigest(headers['content-digest'], response.body, key);
}
