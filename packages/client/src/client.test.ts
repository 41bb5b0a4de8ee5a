import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agentRoutes, modelErrors, personRoutes, toProblem } from '@qianzhi/model';
import { intlSuite, keyIdOf } from '@qianzhi/model/crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from './client.js';
import { signResponse } from './signature/response.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const pair = intlSuite.generateKeyPair();
const platformKey = { keyId: keyIdOf(pair.publicKey), suite: intlSuite, privateKey: pair.privateKey };
const platformRecord = {
  keyId: platformKey.keyId,
  owner: 'platform',
  suite: 'intl',
  publicKey: pair.publicKey,
  validFrom: '2020-01-01T00:00:00Z',
};
const own = intlSuite.generateKeyPair();
const agentIdentity = {
  kind: 'agent' as const,
  key: { keyId: keyIdOf(own.publicKey), suite: intlSuite, privateKey: own.privateKey },
  audience: 'p',
  platformKeys: () => [platformRecord],
  fence: () => 7,
};

describe('client', () => {
  it('calls below the API root under a prefix and types the answer', async () => {
    let seen: string | undefined;
    const url = await serve((request, response) => {
      seen = `${request.method} ${request.url} ${request.headers.authorization}`;
      response.setHeader('content-type', 'application/json').end('{"departments":[]}');
    });
    const client = createClient({ url: `${url}/gateway/`, identity: { kind: 'person', token: 't' } });
    expect(await client.call(personRoutes.listDepartments, {})).toEqual({ departments: [] });
    expect(seen).toBe('GET /gateway/api/v1/departments Bearer t');
    await client.close();
  });

  it("throws the platform's own coded error, in both languages", async () => {
    const problem = toProblem(modelErrors.KEY_UNKNOWN({ keyId: 'k' }));
    const url = await serve((_, response) => {
      response
        .writeHead(problem.status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify(problem));
    });
    const client = createClient({ url, identity: { kind: 'anonymous' } });
    await expect(client.call(personRoutes.platformInfo, {})).rejects.toMatchObject({
      code: 'QZ_MODEL_KEY_UNKNOWN',
      kind: 'auth',
      texts: { en: { message: 'the signing key k is not registered' } },
    });
    await client.close();
  });

  it('believes an agent answer only with the platform signature over this request', async () => {
    let mode: 'signed' | 'plain' | 'other-nonce' = 'signed';
    const url = await serve(async (request, response) => {
      const nonce = /nonce="([^"]+)"/.exec(String(request.headers['signature-input']))![1]!;
      const body = new TextEncoder().encode('{"serverTime":"2026-01-01T00:00:00Z"}');
      const answer = { status: 200, contentType: 'application/json', body };
      const headers = signResponse(answer, platformKey, mode === 'other-nonce' ? 'x' : nonce, new Date());
      response.writeHead(200, mode === 'plain' ? { 'content-type': 'application/json' } : headers).end(body);
    });
    const client = createClient({ url, identity: agentIdentity });
    const call = () => client.call(agentRoutes.report, { body: { exchanges: [] } });
    expect(await call()).toEqual({ serverTime: '2026-01-01T00:00:00Z' });
    for (mode of ['plain', 'other-nonce'] as const) {
      await expect(call()).rejects.toMatchObject({
        code: 'QZ_CLIENT_RESPONSE_UNTRUSTED',
        kind: 'unavailable',
      });
    }
    await client.close();
  });

  it('names a closed port, a gateway page, a silent platform and a cancelled call apart', async () => {
    const closed = createClient({ url: 'http://127.0.0.1:9', identity: { kind: 'anonymous' } });
    await expect(closed.call(personRoutes.platformInfo, {})).rejects.toMatchObject({
      code: 'QZ_CLIENT_UNREACHABLE',
      kind: 'unavailable',
    });
    const page = createClient({
      url: await serve((_, response) =>
        response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>gateway</h1>'),
      ),
      identity: { kind: 'anonymous' },
    });
    await expect(page.call(personRoutes.platformInfo, {})).rejects.toMatchObject({
      code: 'QZ_CLIENT_NOT_A_PLATFORM',
      details: { status: 502 },
    });
    const silentUrl = await serve(() => undefined);
    const silent = createClient({ url: silentUrl, identity: { kind: 'anonymous' }, timeoutMs: 100 });
    await expect(silent.call(personRoutes.platformInfo, {})).rejects.toMatchObject({
      code: 'QZ_CLIENT_TIMEOUT',
      kind: 'timeout',
    });
    const patient = createClient({ url: silentUrl, identity: { kind: 'anonymous' } });
    const abort = new AbortController();
    const pending = patient.call(personRoutes.platformInfo, {}, abort.signal);
    abort.abort();
    await expect(pending).rejects.toMatchObject({ kind: 'cancelled' });
    await Promise.all([closed.close(), page.close(), silent.close(), patient.close()]);
  });
});
