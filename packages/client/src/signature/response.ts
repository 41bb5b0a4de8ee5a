import type { KeyRecord } from '@qianzhi/model';
import type { SigningKey } from '@qianzhi/model/crypto';
import { httpbis } from 'http-message-signatures';
import { clientErrors } from '../errors.js';
import {
  contentDigestOf,
  noClockCheck,
  REPLY_HEADER,
  responseFields,
  signConfig,
  timesOf,
  verifyingKey,
} from './covered.js';
import { checkClock, checkDigest, flatten, guarded, type HeaderMap } from './request.js';

export interface OutgoingResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly bodyDigest?: string;
}

/** Headers of a response signed by the platform and bound to the request's nonce. */
export async function signResponse(
  response: OutgoingResponse,
  key: SigningKey,
  requestNonce: string,
  now: Date,
): Promise<HeaderMap> {
  const headers: HeaderMap = {
    'content-type': response.contentType,
    'content-digest': contentDigestOf(response.bodyDigest ?? key.suite.digest(response.body)),
    [REPLY_HEADER]: requestNonce,
  };
  const signed = await httpbis.signMessage(signConfig(key, responseFields, now, undefined), {
    status: response.status,
    headers,
  });
  return flatten(signed.headers);
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
  let signer: KeyRecord | undefined;
  const valid = await guarded(() =>
    httpbis.verifyMessage(
      {
        ...noClockCheck,
        all: true,
        requiredFields: responseFields,
        requiredParams: ['created', 'expires', 'keyid'],
        keyLookup: async (parameters) => {
          const times = timesOf(parameters);
          if (!times) throw clientErrors.SIGNATURE_INVALID({ reason: 'created/expires' });
          checkClock(times, 'platform', now);
          signer = platformKeys.find((key) => key.keyId === parameters.keyid && key.owner === 'platform');
          if (!signer) throw clientErrors.KEY_UNREGISTERED({ keyId: String(parameters.keyid) });
          return verifyingKey(signer);
        },
      },
      { status: response.status, headers },
    ),
  );
  if (!valid || !signer) throw clientErrors.SIGNATURE_INVALID({ reason: 'signature' });
  const { expectedDigest } = response;
  if (expectedDigest !== undefined && headers['content-digest'] === contentDigestOf(expectedDigest)) return;
  checkDigest(headers['content-digest'], response.body, signer);
}
