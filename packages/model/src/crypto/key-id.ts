import { intlSuite } from './intl.js';

/** The id of a public key: derived from it, so that two parties name the same key alike. */
export function keyIdOf(publicKey: string): string {
  return intlSuite
    .digest(Buffer.from(publicKey, 'base64url'))
    .slice('sha-256:'.length, 'sha-256:'.length + 16);
}
