import { cp, rename, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandsIn } from '../e2e/hints.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../services/postgres.js';
import { type AgentName, type Chain, createChain, resources, subscribeAll, work } from './chain.js';
import { expectAllHolds, type Fault } from './evidence.js';

/** Yesterday's state in the place of today's, by the product's own backups, in each of the four stores. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let chain: Chain;
let day = 0;

async function ran(args: readonly string[]): Promise<void> {
  const { code, err } = await chain.qz(args);
  expect(code, `${args.join(' ')}\n${err}`).toBe(0);
}

async function dayPasses(): Promise<void> {
  work(chain, ++day);
  await chain.exchangeAll();
}

/** Backs the agent up while it works, lets a day pass, and puts the backup in the place of the state, which is kept apart. */
async function restoreAgent(name: AgentName, lost: string): Promise<void> {
  const running = dayPasses();
  const config = ['--config', `${name}.yaml`];
  await ran(['agent', 'backup', '--to', `${name}-backup`, ...config]);
  await running;
  await dayPasses();
  await chain.agent(name).process.stop('SIGKILL');
  await rename(chain.agent(name).stateDir, chain.at(lost));
  await ran(['agent', 'restore', '--from', `${name}-backup`, ...config]);
  await chain.startOne(name);
}

async function restorePlatform(forget: () => Promise<void>): Promise<void> {
  const running = dayPasses();
  await ran(['platform', 'backup', '--to', 'platform-backup', '--config', 'platform.yaml']);
  await running;
  await dayPasses();
  await chain.process('platform').stop('SIGKILL');
  await rm(chain.dataDir, { recursive: true });
  await forget();
  await ran(['platform', 'restore', '--from', 'platform-backup', '--config', 'platform.yaml']);
  await chain.startOne('platform');
  await chain.signInAgain();
}

async function goesOn(fault?: Fault): Promise<void> {
  await dayPasses();
  await expectAllHolds(chain, fault);
}

describe('with the platform on SQLite', () => {
  beforeAll(async () => {
    chain = await createChain({ villages: 3_000, firms: 300, platform: { leaseSeconds: 5 } });
    await subscribeAll(chain);
    for (const name of ['mz', 'sw'] as const) await chain.startOne(name);
    await chain.exchangeAll();
  });
  afterAll(() => chain?.close());

  it('the platform: agents send again what they keep', async () => {
    await restorePlatform(async () => undefined);
    await goesOn({ platformLost: true });
  });

  it('the consumer: it goes on from the ledger of its target', async () => {
    await restoreAgent('sw', 'sw-lost');
    await goesOn({ platformLost: true, states: ['sw-lost'] });
  });

  it('the provider: its streams stop, and go on by the command they name', async () => {
    await restoreAgent('mz', 'mz-lost');
    const stops = [];
    for (const resource of resources) {
      const job = await chain.run('mz', `out-${resource}`);
      expect(job, JSON.stringify(job)).toMatchObject({
        state: 'failed',
        problem: { code: 'QZ_ENGINE_STATE_BEHIND' },
      });
      stops.push(...commandsIn(job.problem!.texts.en.hint));
    }
    expect([...new Set(stops)]).toEqual(['qianzhi agent recover']);
    expect((await chain.paste(stops[0]!, 'mz')).code).toBe(0);
    // a row that goes before the whole copy is made vanishes with it, and no count tells of it
    await chain.exchangeAll();
    await goesOn({ platformLost: true, states: ['sw-lost', 'mz-lost'] });
  });

  it('the target: it is delivered again what its ledger does not have', async () => {
    await chain.agent('sw').process.stop();
    await cp(chain.target, chain.at('yesterday.sqlite'));
    await chain.startOne('sw');
    await dayPasses();
    await chain.agent('sw').process.stop('SIGKILL');
    for (const suffix of ['-wal', '-shm']) await rm(chain.target + suffix, { force: true });
    await rename(chain.at('yesterday.sqlite'), chain.target);
    await chain.startOne('sw');
    await goesOn({ platformLost: true, states: ['sw-lost', 'mz-lost'] });
  });
});

describe.skipIf(!hasPostgres())('with the platform on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    const { hostname, port, username, password } = new URL(server.url);
    const database = {
      kind: 'postgres' as const,
      host: hostname,
      port: Number(port),
      database: 'postgres',
      user: username,
      password,
      schema: 'qianzhi',
    };
    chain = await createChain({ villages: 500, firms: 300, platform: { leaseSeconds: 5, database } });
    await subscribeAll(chain);
    for (const name of ['mz', 'sw'] as const) await chain.startOne(name);
    await chain.exchangeAll();
  });
  afterAll(async () => {
    await chain?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('the platform: agents send again what they keep', async () => {
    await restorePlatform(async () => {
      await chain.platformRows('DROP SCHEMA qianzhi CASCADE');
    });
    await goesOn({ platformLost: true });
  });
});
