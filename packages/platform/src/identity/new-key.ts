import type { KeyRecord } from '@qianzhi/model';
import { canonicalBytes, keyIdOf, suiteOf } from '@qianzhi/model/crypto';

/** A public key offered for registration, with the signature by it that proves possession. */
export interface NewKey {
  readonly suite: string;
  readonly publicKey: string;
  readonly proof: string;
}

/** Whether the proof is the new key's own signature over canonical JSON of the statement. */
export function provesKey(key: NewKey, statement: object): boolean {
  return suiteOf(key.suite).verify(key.publicKey, canonicalBytes(statement), key.proof);
}

export function newKeyRecord(key: NewKey, agent: string, department: string, now: Date): KeyRecord {
  const { suite, publicKey } = key;
  return {
    keyId: keyIdOf(publicKey),
    owner: agent,
    department,
    suite,
    publicKey,
    validFrom: now.toISOString(),
  };
}
