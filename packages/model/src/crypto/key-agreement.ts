import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { modelErrors } from '../errors.js';

/** One side of a key agreement, for one conversation only. */
export interface AgreementKey {
  /** X25519 point, base64url: what the other side is told. */
  readonly publicKey: string;
  /**
   * Keys of 32 bytes that both sides come to and nobody between them, one for each use; `context` binds them to the conversation.
   * Throws QZ_MODEL_KEY_MALFORMED for what is no such point.
   */
  agree<U extends string>(
    theirs: string,
    context: string,
    uses: readonly U[],
  ): Readonly<Record<U, Uint8Array>>;
}

/** X25519 (RFC 7748) and HKDF-SHA-256 (RFC 5869). Who the other side is, its signature over the public key must say. */
export function createAgreementKey(): AgreementKey {
  const pair = generateKeyPairSync('x25519');
  const own = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  return {
    publicKey: pair.publicKey.export({ format: 'jwk' }).x!,
    agree(theirs, context, uses) {
      const shared = sharedSecret(own, theirs);
      const key = (use: string) => new Uint8Array(hkdfSync('sha256', shared, context, `qianzhi:${use}`, 32));
      return Object.fromEntries(uses.map((use) => [use, key(use)])) as Record<
        (typeof uses)[number],
        Uint8Array
      >;
    },
  };
}

function sharedSecret(own: Buffer, theirs: string): Buffer {
  try {
    return diffieHellman({
      privateKey: createPrivateKey({ key: own, type: 'pkcs8', format: 'der' }),
      publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: theirs }, format: 'jwk' }),
    });
  } catch (cause) {
    throw modelErrors.KEY_MALFORMED({}, cause);
  }
}
