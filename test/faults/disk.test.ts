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

/** Lines in which a person reads of a code: what the processes print, refused commands, jobs that wait or failed. */
function createReader(code: string): { begun(): Promise<readonly string[]> } {
  const jobs = new Map<string, string>();
  const read: string[] = [];

  async function isOpen(exchange: string): Promise<boolean> {
    const job = jobs.get(exchange);
    if (job === undefined) return false;
    const { control } = chain.agent(agentOf(exchange));
    const { state, problem } = await control.call(controlRoutes.showJob, { params: { job } });
    if (problem?.code === code) read.push(problem.texts.en.hint);
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
          if (error.code === code) read.push(error.texts.en.hint);
        }
      }
      return [...read, ...printed(code)];
    },
  };
}

const agentOf = (exchange: string) => (exchange.startsWith('out-') ? 'mz' : 'sw');

function printed(code: string): string[] {
  return chain
    .shown()
    .split('\n')
    .filter((line) => line.includes(code));
}

/** Has everything run, again and again, until the disk's fault is told anew, and with it what goes on. */
async function expectTold(code: string, hint = ''): Promise<void> {
  const before = printed(code).length;
  const reader = createReader(code);
  await eventually(`${code} to be told, with ${hint}`, 60_000, async () => {
    const lines = await reader.begun();
    return (lines.length > before && lines.some((line) => line.includes(hint))) || undefined;
  });
}

/** Every job that was begun since then comes to its end by itself. */
async function expectResumes(since: string): Promise<void> {
  for (const name of ['mz', 'sw'] as const) {
    await eventually(`the jobs of ${name} to be done`, 60_000, async () => {
      const { control } = chain.agent(name);
      const all = (await control.call(controlRoutes.jobs, { query: { limit: 50 } })).jobs;
      const jobs = all.filter(({ dueAt }) => dueAt >= since);
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
      const since = new Date().toISOString();
      disk.fail(`ENOSPC write ${pattern}`);
      await expectTold(code);
      disk.fail();
      await expectResumes(since);
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
        const since = new Date().toISOString();
        disk.fail(`EIO fsync ${pattern}`);
        const hint = owner === 'platform' ? 'qianzhi platform start' : 'qianzhi agent start';
        await expectTold(code, hint);
        disk.fail();
        // a disk that answers again is not believed: the kernel may have dropped what it could not write
        await expectTold(code, hint);
        await chain.process(owner).stop();
        await chain.startOne(owner, disk.env);
        // to its agents it was no more than away
        if (owner === 'platform') await expectResumes(since);
        await chain.exchangeAll();
        await expectAllHolds(chain);
      },
    );
  });
});
