import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Core } from '../core.js';
import { createRig, deadline, type Rig, until } from '../doubles/rig.js';
import { createHeadsGate } from '../streams/heads.js';
import { newStream } from './stream-table.js';
import type { Tables } from './tables.js';

const disk = vi.hoisted(() => ({ free: Promise.resolve() }));
// the real one, which the test makes slow
vi.mock('@qianzhi/rows/data-sync', async () => {
  const { fdatasyncSync } = await import('node:fs');
  const sync = (fd: number) => disk.free.then(() => fdatasyncSync(fd));
  return { createDataSync: () => sync };
});

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.cleanup());

it('a person is told of no receipt that a loss of power could still take back', async () => {
  rig.platform.faults.holdReceipts = true;
  const provider = await rig.provider();
  const job = provider.jobs.run('village-out');
  await until('it is stored', () => rig.platform.batchesOf('civil-1').length === 1);
  let freed = () => {};
  disk.free = new Promise<void>((resolve) => {
    freed = resolve;
  });
  rig.platform.releaseReceipts();
  await until('its receipt is here', () => provider.streams.show('village').receiptedSeq === 1);
  let told = false;
  const listed = provider.receipts.list().then((receipts) => {
    told = true;
    return receipts;
  });
  await setImmediate();
  const early = told;
  freed();
  expect(early).toBe(false);
  expect(await listed).toHaveLength(1);
  await provider.jobs.ended(job.id, deadline());
});

it('nor is the platform of a head', async () => {
  const order: string[] = [];
  const core = {
    limits: { channelTimeoutMs: 10_000 },
    store: { synced: async () => void order.push('synced') },
    options: {
      identity: { agent: 'civil-1' },
      channel: {
        async heads() {
          order.push('told');
          return [];
        },
      },
    },
  };
  const gate = createHeadsGate({ core: core as unknown as Core, tables: {} as Tables, stop() {} });
  expect(await gate.ask(newStream('village', 1), deadline())).toBeUndefined();
  expect(order).toEqual(['synced', 'told']);
});
