import { controlRoutes } from '@qianzhi/agent/control';
import { isQianzhiError } from '@qianzhi/model';
import { afterAll, afterEach, beforeAll, describe, it, vi } from 'vitest';
import { eventually } from '../e2e/program.js';
import { type Chain, createChain, exchanges, type ProcessName, subscribeAll, workMuch } from './chain.js';
import { expectAllHolds } from './evidence.js';
import { type Recording, startRecording } from './power-loss/recording.js';
import { shadowMissing } from './power-loss/shadow.js';

/** Disks that are full, and disks that do not confirm, under each store of running processes in turn. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let chain: Chain;
let disk: Recording;
let day = 0;

/** How often a code was told: by what the processes print, and by commands that were refused. */
function createTold(code: string): { begun(): Promise<number> } {
  const jobs = new Map<string, string>();
  let refused = 0;

  async function isOpen(exchange: string): Promise<boolean> {
    const job = jobs.get(exchange);
    if (job === undefined) return false;
    const { control } = chain.agent(agentOf(exchange));
    const { state } = await control.call(controlRoutes.showJob, { params: { job } });
    return state !== 'done' && state !== 'failed';
  }

  return {
    async begun() {
      for (const exchange of exchanges) {
        if (await isOpen(exchange)) continue;
        try {
          jobs.set(exchange, (await chain.begin(exchange)).id);
        } catch (error) {
          if (!isQianzhiError(error)) throw error;
          if (error.code === code) refused++;
        }
      }
      return refused + chain.shown().split(code).length;
    },
  };
}

const agentOf = (exchange: string) => (exchange.startsWith('out-') ? 'mz' : 'sw');

/** Has everything run, again and again, until the disk's fault is told anew. */
async function expectTold(code: string): Promise<void> {
  const before = chain.shown().split(code).length;
  const told = createTold(code);
  await eventually(`${code} to be told`, 60_000, async () => (await told.begun()) > before || undefined);
}

/** Every job that was begun comes to its end by itself. */
async function expectResumes(): Promise<void> {
  for (const name of ['mz', 'sw'] as const) {
    await eventually(`the jobs of ${name} to be done`, 60_000, async () => {
      const { jobs } = await chain.agent(name).control.call(controlRoutes.jobs, { query: { limit: 50 } });
      const failed = jobs.find(({ state }) => state === 'failed');
      if (failed) throw new Error(`${failed.exchange}: ${JSON.stringify(failed.problem)}`);
      return jobs.every(({ state }) => state === 'done') || undefined;
    });
  }
}

describe.skipIf(shadowMissing())('a disk', () => {
  beforeAll(async () => {
    chain = await createChain({ villages: 12_000, firms: 300 });
    await chain.platform.stop();
    disk = startRecording(chain.folder);
    await chain.start({ platform: disk.env, mz: disk.env, sw: disk.env });
    await subscribeAll(chain);
    await chain.exchangeAll();
  });
  afterEach(() => disk.fail());
  afterAll(async () => {
    await chain?.close();
    await disk?.close();
  });

  describe('that is full is waited for, and all goes on by itself once there is room', () => {
    it.each([
      ['the outbox', 'mz-state/outbox/*', 'QZ_ENGINE_DISK_FULL'],
      ['the copy for a comparison', 'mz-state/diff/*', 'QZ_ENGINE_DISK_FULL'],
      ['the comparison itself', 'mz-state/dataset/*', 'QZ_DATASET_DISK_FULL'],
      ['the provider’s state', 'mz-state/state.db*', 'QZ_ENGINE_DISK_FULL'],
      ['the platform’s batches', 'platform/batches/*', 'QZ_PLATFORM_STORE_FULL'],
      ['the platform’s state', 'platform/platform.sqlite*', 'QZ_PLATFORM_DATABASE_FULL'],
      ['the inbox', 'sw-state/inbox/*', 'QZ_ENGINE_DISK_FULL'],
      ['the consumer’s state', 'sw-state/state.db*', 'QZ_ENGINE_DISK_FULL'],
      ['the target', 'own.sqlite*', 'QZ_SQLITE_DISK'],
    ])('%s', async (_store, pattern, code) => {
      workMuch(chain, ++day);
      disk.fail(`ENOSPC write ${pattern}`);
      await expectTold(code);
      disk.fail();
      await expectResumes();
      await chain.exchangeAll();
      await expectAllHolds(chain);
    });
  });

  describe('that does not confirm halts that store until the process starts again', () => {
    it.each([
      ['mz', 'the outbox', 'mz-state/outbox/*', 'QZ_ENGINE_STORE_HALTED'],
      ['mz', 'the copies for comparisons', 'mz-state/diff/*', 'QZ_ENGINE_STORE_HALTED'],
      ['mz', 'the provider’s state', 'mz-state/state.db*', 'QZ_ENGINE_STORE_HALTED'],
      ['platform', 'the batches', 'platform/batches/*', 'QZ_PLATFORM_STORE_HALTED'],
      ['platform', 'the platform’s state', 'platform/platform.sqlite*', 'QZ_PLATFORM_DATABASE_HALTED'],
      ['sw', 'the inbox', 'sw-state/inbox/*', 'QZ_ENGINE_STORE_HALTED'],
      ['sw', 'the consumer’s state', 'sw-state/state.db*', 'QZ_ENGINE_STORE_HALTED'],
    ] as const satisfies [ProcessName, string, string, string][])(
      '%s: %s',
      async (owner, _store, pattern, code) => {
        workMuch(chain, ++day);
        disk.fail(`EIO fsync ${pattern}`);
        await expectTold(code);
        disk.fail();
        // a disk that answers again is not believed: the kernel may have dropped what it could not write
        await expectTold(code);
        await chain.process(owner).stop();
        await chain.startOne(owner, disk.env);
        await chain.exchangeAll();
        await expectAllHolds(chain);
      },
    );
  });
});
