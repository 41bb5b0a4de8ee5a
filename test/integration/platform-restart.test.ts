import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { personRoutes } from '@qianzhi/model';
import { afterEach, expect, it, vi } from 'vitest';
import { createFirmSite, type FirmSite } from './firm.js';
import { until } from './until.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let site: FirmSite | undefined;
let balancer: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  balancer?.close();
  await site?.close();
});

/** Holds a connection until a node takes it, as a load balancer does; notes for how long each renewal was to be held back. */
async function startBalancer(target: URL, holds: number[]): Promise<string> {
  balancer = createServer((incoming) => {
    sockets.add(incoming);
    incoming.on('error', () => undefined);
    incoming.on('data', (bytes) => {
      const [, waitMs] = /agent\/lease\?[^ ]*\bwaitMs=(\d+)/.exec(bytes.toString('latin1')) ?? [];
      if (Number(waitMs) > 0) holds.push(Number(waitMs));
    });
    incoming.pause();
    const reach = () => {
      const onward = connect(Number(target.port), target.hostname);
      onward.once('error', () => setTimeout(reach, 20));
      onward.once('connect', () => {
        sockets.add(onward);
        onward.removeAllListeners('error').on('error', () => incoming.destroy());
        incoming.once('close', () => onward.destroy());
        onward.pipe(incoming);
        incoming.pipe(onward);
      });
    };
    reach();
  });
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  return `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`;
}

it('renewals are held back as long after a platform was restarted as before', async () => {
  site = await createFirmSite({ platform: () => ({ leaseSeconds: 60 }) });
  const holds: number[] = [];
  await site.mz.reach(await startBalancer(new URL(site.url), holds));
  await site.mz.start();
  await until('a renewal is held back', () => holds.length === 1, 40_000);
  expect(holds[0]).toBeGreaterThanOrEqual(16_000);
  // what came behind it is answered: it has arrived, too
  for (let n = 0; n < 3; n++) await site.officer.call(personRoutes.keyDirectory, {});
  await site.stopPlatform();
  await site.startPlatform();
  await until('the next one is', () => holds.length === 2, 60_000);
  expect(holds[1]).toBeGreaterThanOrEqual(16_000);
  expect(site.mz.link.status()).toMatchObject({ online: true });
});
