import { modelErrors } from '../errors.js';
import { canonicalBytes } from './canonical.js';
import type { KeyRecord } from './keys.js';
import type { Signed } from './signed.js';
import type { SignatureSuite } from './suite.js';
import { suiteOf } from './suites.js';

/** A key that can sign: what an agent or platform holds for itself. */
export interface SigningKey {
  readonly keyId: string;
  readonly suite: SignatureSuite;
  readonly privateKey: string;
}

function signedBytes(body: unknown, keyId: string): Uint8Array {
  return canonicalBytes({ body, keyId });
}

export function signDocument<T>(body: T, key: SigningKey): Signed<T> {
  const value = key.suite.sign(key.privateKey, signedBytes(body, key.keyId));
  return { body, signature: { keyId: key.keyId, value } };
}

/** `sha-256:…` of what the signature covers: the document's name in chains and receipts. */
export function documentDigest(document: Signed<unknown>, suite: SignatureSuite): string {
  return suite.digest(signedBytes(document.body, document.signature.keyId));
}

const lasting = new WeakMap<SignatureSuite, WeakMap<Signed<unknown>, string>>();

/** The same of a document that is kept, met again and again, and that nobody changes: it is made once. */
export function lastingDigest(document: Signed<unknown>, suite: SignatureSuite): string {
  const known = lasting.get(suite) ?? new WeakMap<Signed<unknown>, string>();
  lasting.set(suite, known);
  const digest = known.get(document) ?? documentDigest(document, suite);
  known.set(document, digest);
  return digest;
}

/** A signature and the digest of what it covers, whose canonical form is made once for both. */
export function signWithDigest<T>(
  body: T,
  key: SigningKey,
): { readonly document: Signed<T>; readonly digest: string } {
  const bytes = signedBytes(body, key.keyId);
  const signature = { keyId: key.keyId, value: key.suite.sign(key.privateKey, bytes) };
  return { document: { body, signature }, digest: key.suite.digest(bytes) };
}

/** `verifyDocument` and `documentDigest` at once: the canonical form is made once for both. The digest is of the signer's suite unless another is told. */
export function verifyWithDigest(
  document: Signed<unknown>,
  keys: readonly KeyRecord[],
  at: string,
  suite?: SignatureSuite,
): { readonly signer: KeyRecord; readonly digest: string } {
  const bytes = signedBytes(document.body, document.signature.keyId);
  const signer = verifyBytes(document, bytes, keys, at);
  return { signer, digest: (suite ?? suiteOf(signer.suite)).digest(bytes) };
}

/**
 * Verifies a document against the key directory as of `at` (ISO time the signature claims or arrived).
 * Answers the signer's record. Throws QZ_MODEL_KEY_UNKNOWN, QZ_MODEL_KEY_EXPIRED or QZ_MODEL_SIGNATURE_WRONG.
 */
export function verifyDocument(document: Signed<unknown>, keys: readonly KeyRecord[], at: string): KeyRecord {
  return verifyBytes(document, signedBytes(document.body, document.signature.keyId), keys, at);
}

function verifyBytes(
  { signature: { keyId, value } }: Signed<unknown>,
  bytes: Uint8Array,
  keys: readonly KeyRecord[],
  at: string,
): KeyRecord {
  const record = keys.find((key) => key.keyId === keyId);
  if (!record) throw modelErrors.KEY_UNKNOWN({ keyId });
  if (!isValidAt(record, at)) {
    throw modelErrors.KEY_EXPIRED({ keyId, owner: record.owner, at });
  }
  if (!suiteOf(record.suite).verify(record.publicKey, bytes, value)) {
    throw modelErrors.SIGNATURE_WRONG({ keyId, owner: record.owner });
  }
  return record;
}

/** A key is used at once by who registered it, and that clock may be as far behind as signed requests allow. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Compared as instants: the same time may be written with another offset or number of digits. No time is never valid. */
function isValidAt(record: KeyRecord, at: string): boolean {
  const time = Date.parse(at);
  return (
    time >= Date.parse(record.validFrom) - CLOCK_TOLERANCE_MS &&
    (record.validTo === undefined || time <= Date.parse(record.validTo))
  );
}
