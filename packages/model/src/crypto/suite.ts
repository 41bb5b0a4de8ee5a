/** Raw keys as base64url text: Ed25519 seed (private) and point (public) for `intl`. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface StreamingDigest {
  update(bytes: Uint8Array): this;
  /** `<algorithm>:<base64url>`; ends the digest. */
  digest(): string;
}

/**
 * A named set of algorithms: `intl` (Ed25519, SHA-256, AES-256-GCM); `gm` (SM2, SM3, SM4) follows.
 * The algorithm of a signature is that of the registered key, never a header's. Digests carry their
 * algorithm (`sha-256:…`), so that evidence made under one suite stays checkable under another.
 */
export interface SignatureSuite {
  readonly name: SuiteName;
  readonly digestAlgorithm: string;
  generateKeyPair(): KeyPair;
  /** Detached signature, base64url. */
  sign(privateKey: string, bytes: Uint8Array): string;
  /** False for a wrong signature, a malformed one or a malformed key; never throws for bad input. */
  verify(publicKey: string, bytes: Uint8Array, signature: string): boolean;
  digest(bytes: Uint8Array): string;
  createDigest(): StreamingDigest;
  /** Keyed digest, `hmac-sha-256:<base64url>`. */
  keyedDigest(key: Uint8Array, bytes: Uint8Array): string;
  /** Authenticated encryption; key of 32 bytes; the answer holds nonce, text and tag. */
  seal(key: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array;
  /** Throws QZ_MODEL_SEAL_BROKEN (integrity) when anything was changed or the key is another. */
  unseal(key: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array;
}

export const suiteNames = ['intl'] as const;
export type SuiteName = (typeof suiteNames)[number];
