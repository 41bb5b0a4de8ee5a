import { once } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { createCertificate } from '../services/certificate.js';
import { type ApiCaller, bulk, createPushSite, inboxConfig, type PushSite, pushConfig } from './push-site.js';
import { until } from './until.js';

vi.setConfig({ testTimeout: 150_000, hookTimeout: 150_000 });

const STALLED_MS = 8_000;
const RECORDS = 300;
const LONG = '长'.repeat(20_000);

let rig: PushSite;
let erp: ApiCaller;
let folder: string;
let ca: string;
const files = { certificate: 'tls/tls.crt', key: 'tls/tls.key' };
const api = { host: '0.0.0.0', port: 0, tls: files };
const port = () => Number(new URL(rig.agent('sw-1').status().api!.url).port);

beforeAll(async () => {
  rig = await createPushSite();
  folder = join(rig.site.folder, 'tls');
  await mkdir(folder);
  ca = (await createCertificate(folder)).cert;
  await rig.site.publish(
    resourceOf('note', [{ column: 'code' }, { column: 'text', type: 'M', length: undefined }]),
  );
  await rig.site.supply('note', 'mz-1');
  await rig.startMz({ exchanges: [{ ...pushConfig.exchanges[0], supply: 'note' }] });
  await rig.site.subscribe('sw', 'note');
  await rig.start(
    'sw-1',
    'sw',
    { ...inboxConfig, exchanges: [{ ...inboxConfig.exchanges[0], consume: 'note' }], api },
    { api: { stalledMs: STALLED_MS } },
  );
  erp = await rig.caller('sw-1', 'erp', 'read:note');
});
afterAll(() => rig?.close());

/** As a business system asks that trusts this certificate. */
function ask(path: string, trusted = ca): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${erp.key}` };
    const asked = request({ host: '127.0.0.1', port: port(), path, headers, ca: trusted, agent: false });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode!, text }));
    });
    asked.end();
  });
}

/** An event stream over a connection of its own, as far as its head. */
async function stream(): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: port(), ca });
  await once(socket, 'secureConnect');
  const head = ['GET /api/v1/feeds/note/events HTTP/1.1', 'host: agent', `authorization: Bearer ${erp.key}`];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.on('error', () => undefined); // cut by the agent
  return socket;
}

async function peerOf(): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: port(), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe.sequential('the API for business systems over TLS', () => {
  it('answers who trusts the certificate, and nobody in clear', async () => {
    expect(rig.agent('sw-1').status().api!.url).toMatch(/^https:\/\/0\.0\.0\.0:\d+$/);
    expect((await ask('/api/v1/openapi.json')).status).toBe(200);
    const other = join(rig.site.folder, 'other');
    await mkdir(other);
    const { cert } = await createCertificate(other);
    await expect(ask('/api/v1/openapi.json', cert)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    const plain = connectPlain(port(), '127.0.0.1');
    let answered = '';
    plain.on('data', (chunk) => {
      answered += chunk;
    });
    plain.on('error', () => undefined);
    plain.write('GET /api/v1/openapi.json HTTP/1.1\r\nhost: agent\r\n\r\n');
    await until('it is closed', () => plain.destroyed);
    expect(answered).not.toContain('HTTP/1.1 200');
  });

  it('a stalled reader of events: others get everything, the agent holds little for it and gives it up', async () => {
    const crm = await rig.caller('mz-1', 'crm', 'push:note');
    const upserts = Array.from({ length: RECORDS }, (_, n) => ({ upsert: { code: `f${n}`, text: LONG } }));
    await until('it may be pushed', async () => {
      const { status } = await crm.call('POST', '/resources/note/bulk', bulk(...upserts.slice(0, 100)));
      return status === 200;
    });
    for (let from = 100; from < RECORDS; from += 100) {
      const { status } = await crm.call(
        'POST',
        '/resources/note/bulk',
        bulk(...upserts.slice(from, from + 100)),
      );
      expect(status).toBe(200);
    }
    const stalled = await stream();
    await once(stalled, 'readable');
    stalled.pause();
    const began = Date.now();
    const { streams } = rig.agent('sw-1').status().api!;
    expect(streams).toBe(1);
    const reading = await stream();
    let events = 0;
    let tail = '';
    reading.setEncoding('latin1').on('data', (chunk: string) => {
      const parts = (tail + chunk).split('event: upsert\n');
      events += parts.length - 1;
      // too short to hold one more
      tail = parts.at(-1)!.slice(-10);
    });
    await until('the other has everything', () => events === RECORDS, 90_000);
    await until('the stalled one is given up', () => rig.agent('sw-1').status().api!.streams === 1, 60_000);
    expect(Date.now() - began).toBeGreaterThan(STALLED_MS - 500);
    reading.destroy();
    stalled.destroy();
  });

  it('a renewed certificate is served after a reload, without a restart; one that is wrong changes nothing', async () => {
    const before = await peerOf();
    const next = join(rig.site.folder, 'next');
    await mkdir(next);
    const renewed = await createCertificate(next);
    await copyFile(renewed.file, join(folder, 'tls.crt'));
    await expect(reload()).rejects.toMatchObject({ code: 'QZ_AGENT_API_CERTIFICATE' });
    expect(await peerOf()).toBe(before);
    await writeFile(join(folder, 'tls.key'), renewed.key);
    await reload();
    expect(await peerOf()).not.toBe(before);
    expect((await ask('/api/v1/openapi.json', renewed.cert)).status).toBe(200);
  });
});

async function reload(): Promise<void> {
  const { connectAgent, controlRoutes } = await import('../../packages/agent/src/control/control.js');
  const agent = connectAgent(rig.stateDir('sw-1'));
  try {
    await agent.call(controlRoutes.reload, {});
  } finally {
    await agent.close();
  }
}
