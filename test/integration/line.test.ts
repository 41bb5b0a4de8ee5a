import { afterEach, beforeEach, expect, it } from 'vitest';
import { insertRows, rowsOf } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { startUpgradingGateway, type UpgradingGateway } from './upgrading-gateway.js';

/** Many small batches, which are worth a line. */
const ROWS = 600;

let site: FirmSite;
let sw: SiteAgent;
let gateway: UpgradingGateway;
beforeEach(async () => {
  site = await createFirmSite({ rows: ROWS });
  sw = await site.consumer('sw-1', 'sw');
  await site.subscribe('sw', 'firm');
  gateway = await startUpgradingGateway(site.url);
  for (const agent of [site.mz, sw]) await agent.reach(gateway.url);
  await Promise.all([site.mz.start({ limits: smallBatches }), sw.start()]);
});
afterEach(async () => {
  await site?.close();
  await gateway?.[Symbol.asyncDispose]();
});

const sent = () => gateway.requests.filter((path) => path.includes('/batches/')).length;
const lines = () => gateway.opened.filter((path) => path.includes('/agent/line?key=')).length;

async function moveAll(): Promise<void> {
  await site.mz.done('out');
  await sw.done('in');
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
  await expectEvidence(site);
}

it('many small batches go over a line, whose opening alone is a request of its own', async () => {
  await moveAll();
  expect(lines()).toBeGreaterThan(0);
  expect(sent()).toBeLessThan(ROWS / smallBatches.batchRows / 2);
});

it('a gateway that lets no WebSocket through is no hindrance', async () => {
  gateway.upgrades = false;
  await moveAll();
  expect(lines()).toBe(0);
  expect(sent()).toBeGreaterThanOrEqual(ROWS / smallBatches.batchRows);
});

it.each([
  ['is cut', () => gateway.cut()],
  [
    'carries other bytes than were sent',
    () => {
      gateway.change = (piece) => {
        piece[piece.length - 1]! ^= 1;
      };
    },
  ],
])('a line that %s under way loses nothing: what it left open goes without it', async (_, harm) => {
  const moving = moveAll();
  const deadline = Date.now() + 60_000;
  while (lines() === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
  harm();
  await moving;
  expect(lines()).toBeGreaterThan(0);
});

it('a platform that starts again is met by a new line', async () => {
  await moveAll();
  const before = lines();
  await site.stopPlatform();
  await site.startPlatform();
  // one that ended soon is opened again after a pause
  for (let round = 0; round < 30 && lines() === before; round++) {
    insertRows(
      site.legacy,
      'firm',
      Array.from({ length: ROWS }, (_, n) => [`d${round}-${n}`, `名称${n}`, `138${n}`]),
    );
    await site.mz.done('out');
  }
  expect(lines()).toBeGreaterThan(before);
  await moveAll();
});
