import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQianzhiError } from '../errors/qianzhi-error.js';
import {
  canonicalBytes,
  documentDigest,
  intlSuite,
  keyIdOf,
  signDocument,
  suiteOf,
  verifyDocument,
} from './index.js';
import type { KeyRecord } from './keys.js';
import type { Signed } from './signed.js';

const pair = intlSuite.generateKeyPair();
const key = { keyId: keyIdOf(pair.publicKey), suite: intlSuite, privateKey: pair.privateKey };
const record: KeyRecord = {
  keyId: key.keyId,
  owner: 'agent-mz',
  suite: 'intl',
  publicKey: pair.publicKey,
  validFrom: '2026-01-01T00:00:00.000Z',
  validTo: '2026-12-31T23:59:59.000Z',
};
const at = '2026-06-01T00:00:00.000Z';
const body = {
  type: 'batch',
  version: 1,
  name: '社会团体',
  rows: 12,
  previous: null,
  parts: [1.5, true, 'a\nb'],
};
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (isQianzhiError(error)) return error.code;
    throw error;
  }
};

describe('Ed25519 (RFC 8032 §7.1)', () => {
  it.each([
    [
      'TEST 1',
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      '',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      'TEST 2',
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '72',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ])('%s signs and verifies as published', (_name, seed, message, publicKey, signature) => {
    const text = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');
    const bytes = Buffer.from(message, 'hex');
    expect(intlSuite.sign(text(seed), bytes)).toBe(text(signature));
    expect(intlSuite.verify(text(publicKey), bytes, text(signature))).toBe(true);
  });

  it('is false, never an error, for a malformed key or signature', () => {
    const bytes = new Uint8Array([1]);
    fc.assert(
      fc.property(fc.string(), fc.string(), (publicKey, signature) => {
        expect(intlSuite.verify(publicKey, bytes, intlSuite.sign(pair.privateKey, bytes))).toBe(false);
        expect(intlSuite.verify(pair.publicKey, bytes, signature)).toBe(false);
      }),
    );
  });

  it('takes one text of a signature only: no padding, blanks or spare bits', () => {
    const bytes = new Uint8Array([1]);
    const signature = intlSuite.sign(pair.privateKey, bytes);
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const others = [...last].map((c) => signature.slice(0, -1) + c).filter((text) => text !== signature);
    for (const text of [`${signature}==`, ` ${signature}`, `${signature}!`, ...others]) {
      expect(intlSuite.verify(pair.publicKey, bytes, text)).toBe(false);
    }
  });
});

describe('signed documents', () => {
  const signed = signDocument(body, key);

  it('verify whatever the order of their properties, and answer the signer', () => {
    expect(verifyDocument(signed, [record], at)).toBe(record);
    const shuffled = {
      signature: signed.signature,
      body: Object.fromEntries(Object.entries(body).reverse()),
    };
    expect(verifyDocument(shuffled, [record], at)).toBe(record);
    expect(documentDigest(shuffled, intlSuite)).toBe(documentDigest(signed, intlSuite));
  });

  it('show any one changed byte of their JSON', () => {
    const bytes = Buffer.from(JSON.stringify(signed));
    const undetected: number[] = [];
    for (let place = 0; place < bytes.length; place++) {
      for (const flip of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(bytes);
        changed[place]! ^= flip;
        if (!isFound(changed)) undetected.push(place);
      }
    }
    expect(undetected).toEqual([]);
  });

  it('of an unknown key or outside its validity are refused, whatever way the time is written', () => {
    expect(codeOf(() => verifyDocument(signed, [], at))).toBe('QZ_MODEL_KEY_UNKNOWN');
    for (const time of [
      '2025-12-31T23:58:59.999Z',
      '2027-01-01T00:00:00Z',
      '2026-01-01T07:58:59+08:00',
      'never',
    ]) {
      expect(
        codeOf(() => verifyDocument(signed, [record], time)),
        time,
      ).toBe('QZ_MODEL_KEY_EXPIRED');
    }
    // by as much as two clocks may differ, a key is used before it was registered
    for (const time of ['2025-12-31T23:59:00Z', '2026-12-31T23:59:59Z', '2025-12-31T23:00:00-01:00']) {
      expect(
        codeOf(() => verifyDocument(signed, [record], time)),
        time,
      ).toBeUndefined();
    }
  });

  it('cannot be passed off as another key’s, or under a suite of the sender’s choice', () => {
    const other = intlSuite.generateKeyPair();
    const forged = { ...record, publicKey: other.publicKey };
    expect(codeOf(() => verifyDocument(signed, [forged], at))).toBe('QZ_MODEL_SIGNATURE_WRONG');
    expect(codeOf(() => verifyDocument(signed, [{ ...record, suite: 'none' }], at))).toBe(
      'QZ_MODEL_SUITE_UNKNOWN',
    );
    expect(codeOf(() => suiteOf('toString'))).toBe('QZ_MODEL_SUITE_UNKNOWN');
  });
});

function isFound(bytes: Buffer): boolean {
  let document: Signed<unknown>;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return true; // no JSON any more: found before any signature
  }
  // A property renamed away leaves no document; the shape check every reader makes first finds that.
  if (typeof document.body !== 'object' || !document.signature?.keyId || !document.signature.value)
    return true;
  return codeOf(() => verifyDocument(document, [record], at)) !== undefined;
}

describe('sealing', () => {
  const secret = new Uint8Array(32).fill(7);
  const context = Buffer.from('quarantine/1');

  it('gives back what was sealed, under another nonce each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (plain) => {
        const [one, two] = [intlSuite.seal(secret, plain, context), intlSuite.seal(secret, plain, context)];
        expect(Buffer.compare(one, two)).not.toBe(0);
        expect(Buffer.compare(intlSuite.unseal(secret, one, context), plain)).toBe(0);
      }),
    );
  });

  it('finds any changed byte, a cut end, another key and another context', () => {
    const sealed = intlSuite.seal(secret, Buffer.from('张三'), context);
    for (let place = 0; place < sealed.length; place++) {
      const changed = Uint8Array.from(sealed);
      changed[place]! ^= 1;
      expect(
        codeOf(() => intlSuite.unseal(secret, changed, context)),
        `byte ${place}`,
      ).toBe('QZ_MODEL_SEAL_BROKEN');
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(
        codeOf(() => intlSuite.unseal(secret, sealed.subarray(0, length), context)),
        `cut to ${length}`,
      ).toBe('QZ_MODEL_SEAL_BROKEN');
    }
    expect(codeOf(() => intlSuite.unseal(new Uint8Array(32), sealed, context))).toBe('QZ_MODEL_SEAL_BROKEN');
    expect(codeOf(() => intlSuite.unseal(secret, sealed, Buffer.from('quarantine/2')))).toBe(
      'QZ_MODEL_SEAL_BROKEN',
    );
  });
});

describe('digests', () => {
  it('are named by algorithm, streamed or whole (FIPS 180 "abc")', () => {
    const expected = `sha-256:${Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex').toString('base64url')}`;
    expect(intlSuite.digest(Buffer.from('abc'))).toBe(expected);
    expect(intlSuite.createDigest().update(Buffer.from('a')).update(Buffer.from('bc')).digest()).toBe(
      expected,
    );
    expect(intlSuite.keyedDigest(new Uint8Array(32), Buffer.from('abc'))).toMatch(/^hmac-sha-256:[\w-]{43}$/);
  });

  it('are of canonical JSON (RFC 8785)', () => {
    const text = new TextDecoder().decode(
      canonicalBytes({ b: [1e21, -0, 'é\u2028'], a: null, '\u20ac': 1, c: undefined }),
    );
    expect(text).toBe('{"a":null,"b":[1e+21,0,"é\u2028"],"€":1}');
    expect(() => canonicalBytes(undefined)).toThrow(TypeError);
  });
});
