import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { judge } from '../../packages/agent/src/alerts/conditions.js';
import { agentFacts, thresholds } from '../../packages/agent/src/testing/facts.js';
import { tempFolder } from '../../packages/agent/src/testing/temp-folder.js';
import { watchCertificate } from '../../packages/agent/src/watch/certificate.js';
import { createCertificate } from '../services/certificate.js';
import { until } from './until.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };

it('the end of the certificate at the platform’s address is known, and worth an alert when it is near', async () => {
  const { key, cert } = await createCertificate(await tempFolder(), 10);
  const server = createServer({ key, cert }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const certificate = watchCertificate(`https://127.0.0.1:${(server.address() as AddressInfo).port}/qz`, log);
  onTestFinished(() => certificate.close());
  expect([certificate.known(), certificate.end()]).toEqual([false, undefined]);
  await until('the certificate', () => certificate.known());
  const expiresAt = certificate.end()!;
  const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(9.9);
  expect(days).toBeLessThan(10.1);
  const facts = agentFacts({
    at: new Date(),
    expiries: [{ name: 'platform-certificate', subject: 'a', expiresAt }],
  });
  expect(judge({ ...facts, exchanges: [] }, thresholds).holding).toMatchObject([
    { rule: 'end-near', subject: 'platform-certificate a', problem: { details: { days: 9 } } },
  ]);
});

it('an address without TLS has no certificate to wait for', () => {
  const certificate = watchCertificate('http://127.0.0.1:1', log);
  expect([certificate.known(), certificate.end()]).toEqual([true, undefined]);
  certificate.close();
});
