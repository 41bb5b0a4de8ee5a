import type { SigningKey } from '@qianzhi/model/crypto';
import { componentsOf, MAX_LIFE_SECONDS, type SignedMessage } from './covered.js';

export const SIGNATURE_NAME = 'qz';

/** In seconds since 1970. */
export interface SignatureParameters {
  readonly created: number;
  readonly expires: number;
  readonly keyId: string;
  readonly nonce?: string | undefined;
}

/** The headers of a signature (RFC 9421) over these fields of the message, valid for 300 s. */
export function signatureHeaders(
  message: SignedMessage,
  fields: readonly string[],
  key: SigningKey,
  at: Date,
  nonce?: string,
): Record<'signature' | 'signature-input', string> {
  const components = componentsOf(message, fields);
  if (!components) throw new TypeError(`the message lacks one of ${fields.join(', ')}`);
  const created = Math.floor(at.getTime() / 1000);
  const input = inputOf(fields, { created, expires: created + MAX_LIFE_SECONDS, keyId: key.keyId, nonce });
  const signature = key.suite.sign(key.privateKey, signatureBase(components, input));
  const value = Buffer.from(signature, 'base64url').toString('base64');
  return { signature: `${SIGNATURE_NAME}=:${value}:`, 'signature-input': `${SIGNATURE_NAME}=${input}` };
}

export function coveredList(fields: readonly string[]): string {
  return `(${fields.map((name) => `"${name}"`).join(' ')})`;
}

/** Of ids of keys and nonces, which hold nothing that would have to be escaped. */
function inputOf(fields: readonly string[], { created, expires, keyId, nonce }: SignatureParameters): string {
  const unique = nonce === undefined ? '' : `;nonce="${nonce}"`;
  return `${coveredList(fields)};created=${created};expires=${expires};keyid="${keyId}"${unique}`;
}

/** What is signed: RFC 9421 §2.5. */
export function signatureBase(
  components: readonly (readonly [name: string, value: string])[],
  input: string,
): Buffer {
  const lines = components.map(([name, value]) => `"${name}": ${value}\n`);
  return Buffer.from(`${lines.join('')}"@signature-params": ${input}`);
}
