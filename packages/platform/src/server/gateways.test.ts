import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@qianzhi/client';
import { type Application, personRoutes, type QueryService } from '@qianzhi/model';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  PASSWORD,
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
} from './test-platform.js';

const GATEWAY = '127.0.0.2';
const RESOURCE = 'from_office';
const byUscc: QueryService = {
  name: 'by-uscc',
  summary: '',
  parameters: [{ name: 'uscc', item: 'uscc', required: true }],
  items: ['uscc', 'name'],
  maxRows: 1,
} as QueryService;

let platform: TestPlatform;
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  platform = await startTestPlatform({ gateways: [GATEWAY] });
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await platform.remove();
});

/** A reverse proxy that connects to the platform from `from` and says the request came from `forwarded`. */
async function proxy(from: string, forwarded: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, 'x-forwarded-for': forwarded };
    const { method = 'GET', url = '/' } = incoming;
    const on = request(
      platform.url + url,
      { method, headers, localAddress: from, agent: false },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(on);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closers.push(() => new Promise((closed) => server.close(closed)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('an address list is judged by what a gateway says of the connection, and by what nobody else says', async () => {
  const town = await settle(platform);
  await publish(town, socialGroup({ code: RESOURCE, queries: [byUscc] }));
  const body: Application = {
    resource: RESOURCE,
    items: ['uscc', 'name'],
    purpose: { usage: 'data-check', matter: '核验', legalBasis: '' },
    modes: ['online-query'],
    addresses: ['10.0.0.0/8'],
  };
  await (await town.person('sw', 'consumer')).call(personRoutes.apply, { body });
  const signedIn = await platform
    .anonymous()
    .call(personRoutes.signIn, { body: { account: 'sw-consumer', password: PASSWORD } });

  async function answerTo(from: string, forwarded: string): Promise<string> {
    const client = createClient({
      url: await proxy(from, forwarded),
      identity: { kind: 'person', token: signedIn.token },
    });
    closers.unshift(() => client.close());
    const params = { resource: RESOURCE, service: 'by-uscc' };
    const lookups = [{ uscc: '91350100M000100Y43' }];
    return client
      .call(personRoutes.query, { params, body: { lookups, timeoutMs: 1_000 } })
      .then(() => 'answered')
      .catch((error) => error.code);
  }

  const admitted = 'QZ_PLATFORM_QUERY_PROVIDER_OFFLINE';
  const refused = 'QZ_PLATFORM_ADDRESS_NOT_ALLOWED';
  expect(await answerTo(GATEWAY, '10.1.2.3')).toBe(admitted);
  expect(await answerTo(GATEWAY, '192.0.2.1')).toBe(refused);
  // what the caller itself wrote stands before what the gateway added
  expect(await answerTo(GATEWAY, '10.1.2.3, 192.0.2.1')).toBe(refused);
  expect(await answerTo('127.0.0.3', '10.1.2.3')).toBe(refused);
});

it('a gateway that is no address keeps the platform from starting', async () => {
  const wrong = startTestPlatform({ gateways: ['gateway.example.gov.cn'] });
  await expect(wrong).rejects.toMatchObject({ code: 'QZ_PLATFORM_ADDRESS_WRONG' });
});
