import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { modelErrors } from '../errors.js';
import type { KeyPair, SignatureSuite, StreamingDigest } from './suite.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Ed25519 (RFC 8032), SHA-256, HMAC-SHA-256, AES-256-GCM. */
export const intlSuite: SignatureSuite = {
  name: 'intl',
  digestAlgorithm: 'sha-256',
  generateKeyPair(): KeyPair {
    const { privateKey } = generateKeyPairSync('ed25519');
    const jwk = privateKey.export({ format: 'jwk' });
    return { publicKey: jwk.x as string, privateKey: jwk.d as string };
  },
  sign: (privateKey, bytes) => sign(null, bytes, privateKeyOf(privateKey)).toString('base64url'),
  verify(publicKey, bytes, signature) {
    const key = publicKeyOf(publicKey);
    const value = Buffer.from(signature, 'base64url');
    // Decoding skips what is no base64url and the spare bits at the end: only the one exact text counts.
    return key !== undefined && value.toString('base64url') === signature && verify(null, bytes, key, value);
  },
  digest: (bytes) => `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`,
  createDigest(): StreamingDigest {
    const hash = createHash('sha256');
    return {
      update(bytes) {
        hash.update(bytes);
        return this;
      },
      digest: () => `sha-256:${hash.digest('base64url')}`,
    };
  },
  keyedDigest: (key, bytes) => `hmac-sha-256:${createHmac('sha256', key).update(bytes).digest('base64url')}`,
  seal(key, plain, associated) {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(associated);
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  },
  unseal(key, sealed, associated) {
    try {
      // without the length a tag cut down to four bytes would do
      const whole = { authTagLength: TAG_BYTES };
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), whole);
      decipher.setAAD(associated);
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      const text = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]);
    } catch (cause) {
      throw modelErrors.SEAL_BROKEN({}, cause);
    }
  },
};

/** Parsing a key costs more than using it; a process meets few keys, so a small cache serves. */
const parsed = new Map<string, KeyObject>();
const MAX_PARSED = 1000;

function remember(id: string, make: () => KeyObject): KeyObject {
  const known = parsed.get(id);
  if (known) return known;
  const key = make();
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(id, key);
  return key;
}

function privateKeyOf(seed: string): KeyObject {
  return remember(`d:${seed}`, () => {
    const pkcs8 = Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.from(seed, 'base64url'),
    ]);
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  });
}

function publicKeyOf(x: string): KeyObject | undefined {
  try {
    return remember(`x:${x}`, () =>
      createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
    );
  } catch {
    return undefined; // a malformed key verifies nothing; the caller reports the signature
  }
}
