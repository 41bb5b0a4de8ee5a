import { intlSuite, keyIdOf } from '@qianzhi/model/crypto';
import type { Identity } from '../identity/identity-file.js';

/** An identity with real keys, enrolled at a platform of the given address. */
export function identityAt(url: string): Identity {
  const own = intlSuite.generateKeyPair();
  const platform = intlSuite.generateKeyPair();
  return {
    version: 1,
    agent: 'mz-agent',
    department: 'mz',
    departmentName: '民政局',
    audience: 'test',
    url,
    suite: 'intl',
    keyId: keyIdOf(own.publicKey),
    publicKey: own.publicKey,
    privateKey: own.privateKey,
    localSecret: Buffer.alloc(32, 7).toString('base64url'),
    platformKeys: [
      {
        keyId: keyIdOf(platform.publicKey),
        owner: 'platform',
        suite: 'intl',
        publicKey: platform.publicKey,
        validFrom: '2026-01-01T00:00:00.000Z',
      },
    ],
  };
}
