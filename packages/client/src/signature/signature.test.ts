import type { KeyRecord } from '@qianzhi/model';
import { intlSuite, keyIdOf, type SigningKey } from '@qianzhi/model/crypto';
import { httpbis } from 'http-message-signatures';
import { describe, expect, it } from 'vitest';
import { requestFields, responseFields, signedUrl } from './covered.js';
import { signRequest, verifyRequest } from './request.js';
import { signResponse, verifyResponse } from './response.js';

const now = new Date('2026-03-02T08:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

function party(owner: string) {
  const pair = intlSuite.generateKeyPair();
  const keyId = keyIdOf(pair.publicKey);
  const record: KeyRecord = {
    keyId,
    owner,
    suite: 'intl',
    publicKey: pair.publicKey,
    validFrom: '2026-01-01T00:00:00Z',
  };
  return { key: { keyId, suite: intlSuite, privateKey: pair.privateKey }, record };
}

const agent = party('agent-a');
const platform = party('platform');
const find = async (keyId: string) => (keyId === agent.record.keyId ? agent.record : undefined);
const body = new TextEncoder().encode('{"waitMs":0}');
const outgoing = {
  method: 'POST',
  target: '/agent/deliveries/poll?x=1',
  contentType: 'application/json',
  body,
};

async function signed() {
  const { headers, nonce } = signRequest(outgoing, agent.key, 'platform-a', now);
  return { incoming: { method: 'POST', target: outgoing.target, headers, body }, nonce };
}

const byLibrary = (key: SigningKey, fields: string[], nonce: string | undefined) => ({
  key: {
    id: key.keyId,
    sign: async (data: Buffer) => Buffer.from(key.suite.sign(key.privateKey, data), 'base64url'),
  },
  name: 'qz',
  fields,
  params: nonce === undefined ? ['created', 'expires', 'keyid'] : ['created', 'expires', 'keyid', 'nonce'],
  paramValues: { created: now, expires: later(300), nonce },
});

const changed = (text: string) => `${text.slice(0, 12)}${text[12] === 'x' ? 'y' : 'x'}${text.slice(13)}`;

describe('signed requests', () => {
  it('are accepted from the registered key, with nonce and end of life', async () => {
    const { incoming, nonce } = await signed();
    const verified = await verifyRequest(incoming, 'platform-a', find, now);
    expect(verified).toMatchObject({ nonce, key: { owner: 'agent-a' } });
    expect(verified.expiresAt).toEqual(later(300));
  });

  it.each([
    ['another path', { target: '/agent/lease' }],
    ['another query', { target: '/agent/deliveries/poll?x=2' }],
    ['another method', { method: 'PUT' }],
    ['another body', { body: new TextEncoder().encode('{"waitMs":1}') }],
  ])('are refused with %s', async (_, change) => {
    const { incoming } = await signed();
    await expect(verifyRequest({ ...incoming, ...change }, 'platform-a', find, now)).rejects.toMatchObject({
      code: 'QZ_CLIENT_SIGNATURE_INVALID',
      kind: 'auth',
    });
  });

  it.each(['content-type', 'content-digest', 'signature', 'signature-input'])(
    'are refused when header %s was changed',
    async (name) => {
      const { incoming } = await signed();
      const headers = { ...incoming.headers, [name]: changed(incoming.headers[name]!) };
      await expect(verifyRequest({ ...incoming, headers }, 'platform-a', find, now)).rejects.toMatchObject({
        kind: 'auth',
      });
    },
  );

  it('are refused without a signature, for another platform, by an unknown key', async () => {
    const { incoming } = await signed();
    await expect(verifyRequest({ ...incoming, headers: {} }, 'platform-a', find, now)).rejects.toMatchObject({
      code: 'QZ_CLIENT_SIGNATURE_MISSING',
    });
    await expect(verifyRequest(incoming, 'platform-b', find, now)).rejects.toMatchObject({
      code: 'QZ_CLIENT_AUDIENCE_WRONG',
    });
    await expect(verifyRequest(incoming, 'platform-a', async () => undefined, now)).rejects.toMatchObject({
      code: 'QZ_CLIENT_KEY_UNREGISTERED',
    });
  });

  it('tell both clocks when they differ', async () => {
    const { incoming } = await signed();
    await expect(verifyRequest(incoming, 'platform-a', find, later(299 + 60))).resolves.toBeDefined();
    await expect(verifyRequest(incoming, 'platform-a', find, later(86_400))).rejects.toMatchObject({
      code: 'QZ_CLIENT_CLOCK_SKEW',
      kind: 'unavailable',
      details: { skewSeconds: 86_400, agentTime: now.toISOString() },
      texts: { en: { message: expect.stringContaining('86400 s behind the platform') } },
    });
    await expect(verifyRequest(incoming, 'platform-a', find, later(-120))).rejects.toMatchObject({
      code: 'QZ_CLIENT_CLOCK_SKEW',
      texts: { en: { message: expect.stringContaining('120 s ahead of the platform') } },
    });
  });

  it('are refused when a covered field is left out of the signature', async () => {
    const message = await httpbis.signMessage(
      {
        key: {
          id: agent.key.keyId,
          sign: async (data) => Buffer.from(intlSuite.sign(agent.key.privateKey, data), 'base64url'),
        },
        fields: ['@method'],
        params: ['created', 'expires', 'keyid', 'nonce'],
        paramValues: { created: now, expires: later(60), nonce: 'n' },
      },
      {
        method: 'POST',
        url: 'https://qianzhi.invalid/agent/lease',
        headers: { 'qz-audience': 'platform-a' },
      },
    );
    const incoming = { method: 'POST', target: '/agent/lease', headers: message.headers, body };
    await expect(verifyRequest(incoming, 'platform-a', find, now)).rejects.toMatchObject({
      code: 'QZ_CLIENT_SIGNATURE_INVALID',
    });
  });

  it('are read in any form that the standard allows', async () => {
    const { headers, nonce } = signRequest(outgoing, agent.key, 'platform-a', now);
    const { signature: _, 'signature-input': __, ...bare } = headers;
    const request = { method: 'POST', url: signedUrl(outgoing.target), headers: bare };
    const fields = [...requestFields.toReversed(), '@target-uri'];
    const message = await httpbis.signMessage(byLibrary(agent.key, fields, nonce), request);
    const incoming = { method: 'POST', target: outgoing.target, headers: message.headers, body };
    await expect(verifyRequest(incoming, 'platform-a', find, now)).resolves.toMatchObject({ nonce });
    await expect(
      verifyRequest({ ...incoming, target: '/agent/lease' }, 'platform-a', find, now),
    ).rejects.toMatchObject({ code: 'QZ_CLIENT_SIGNATURE_INVALID' });
    const without = await httpbis.signMessage(byLibrary(agent.key, fields, undefined), request);
    await expect(
      verifyRequest({ ...incoming, headers: without.headers }, 'platform-a', find, now),
    ).rejects.toMatchObject({ code: 'QZ_CLIENT_SIGNATURE_INVALID' });
  });

  it.each([
    '/agent/lease',
    '/',
    '/a?x=1&y=%20z',
    '/a/%E6%9D%91/../b?',
    '/资源?名=村',
    '/a b?"c"',
    '/a;p=1,2',
  ])('are the ones that the library makes: %s', async (target) => {
    const { headers, nonce } = signRequest({ ...outgoing, target }, agent.key, 'platform-a', now);
    const { signature, 'signature-input': input, ...bare } = headers;
    const request = { method: 'POST', url: signedUrl(target), headers: bare };
    const message = await httpbis.signMessage(byLibrary(agent.key, [...requestFields], nonce), request);
    expect([signature, input]).toEqual([message.headers.Signature, message.headers['Signature-Input']]);
  });

  it('are not called invalid where keys cannot be looked up now', async () => {
    const { incoming } = await signed();
    const away = new Error('the database is away');
    const find = () => Promise.reject(away);
    await expect(verifyRequest(incoming, 'platform-a', find, now)).rejects.toBe(away);
  });
});

describe('signed responses', () => {
  const answer = { status: 200, contentType: 'application/json', body };

  it('are believed only as the answer to their request, by the platform, unchanged', async () => {
    const headers = signResponse(answer, platform.key, 'nonce-1', now);
    await expect(
      verifyResponse({ ...answer, headers }, 'nonce-1', [platform.record], now),
    ).resolves.toBeUndefined();
    await expect(
      verifyResponse({ ...answer, headers }, 'nonce-2', [platform.record], now),
    ).rejects.toMatchObject({ code: 'QZ_CLIENT_SIGNATURE_INVALID' });
    await expect(
      verifyResponse({ ...answer, status: 201, headers }, 'nonce-1', [platform.record], now),
    ).rejects.toMatchObject({ code: 'QZ_CLIENT_SIGNATURE_INVALID' });
    await expect(
      verifyResponse({ ...answer, body: new Uint8Array(3), headers }, 'nonce-1', [platform.record], now),
    ).rejects.toMatchObject({ code: 'QZ_CLIENT_SIGNATURE_INVALID' });
    await expect(verifyResponse({ ...answer, headers }, 'nonce-1', [], now)).rejects.toMatchObject({
      code: 'QZ_CLIENT_KEY_UNREGISTERED',
    });
    const byAgent = signResponse(answer, agent.key, 'nonce-1', now);
    await expect(
      verifyResponse({ ...answer, headers: byAgent }, 'nonce-1', [agent.record, platform.record], now),
    ).rejects.toMatchObject({ code: 'QZ_CLIENT_KEY_UNREGISTERED' });
  });
});

it('are the ones that the library makes for responses, too', async () => {
  const answer = { status: 404, contentType: 'application/problem+json', body };
  const headers = signResponse(answer, platform.key, 'nonce-1', now);
  const { signature, 'signature-input': input, ...bare } = headers;
  const response = { status: 404, headers: bare };
  const config = byLibrary(platform.key, [...responseFields], undefined);
  const message = await httpbis.signMessage(config, response);
  expect([signature, input]).toEqual([message.headers.Signature, message.headers['Signature-Input']]);
});

describe('RFC 9421 appendix B.2.6', () => {
  it('gives the signature of the standard under the intl suite', async () => {
    const message: { headers: Record<string, string | string[]> } = await httpbis.signMessage(
      {
        key: {
          id: 'test-key-ed25519',
          sign: async (data) =>
            Buffer.from(intlSuite.sign('n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU', data), 'base64url'),
        },
        name: 'sig-b26',
        fields: ['date', '@method', '@path', '@authority', 'content-type', 'content-length'],
        params: ['created', 'keyid'],
        paramValues: { created: new Date(1618884473_000) },
      },
      {
        method: 'POST',
        url: 'https://example.com/foo?param=Value&Pet=dog',
        headers: {
          date: 'Tue, 20 Apr 2021 02:07:55 GMT',
          'content-type': 'application/json',
          'content-length': '18',
        },
      },
    );
    expect(message.headers.Signature).toBe(
      'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    );
  });
});
