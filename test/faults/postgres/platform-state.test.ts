import { controlRoutes } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { eventually } from '../../e2e/program.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../../services/postgres.js';
import { type Chain, createChain, exchanges, subscribeAll, work } from '../chain.js';
import { expectAllHolds } from '../evidence.js';
import { long, throwDice } from '../seed.js';
import { type CommitCut, startCommitCut } from './commit-cut.js';
import { stateOn } from './state.js';

/** The platform's state on PostgreSQL, which crashes under it, or whose answers to COMMITs get lost. Nobody starts anything. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let server: PostgresServer;
let cut: CommitCut;
let chain: Chain;
let day = 0;
const rounds = (short: number) => Array.from({ length: long ? 30 : short }, (_, n) => n);

describe.skipIf(!hasPostgres())('the platform’s database', () => {
  beforeAll(async () => {
    server = await startPostgres();
    cut = await startCommitCut(Number(new URL(server.url).port));
    chain = await createChain({ villages: 3_000, firms: 300, state: stateOn(server, cut.port) });
    await chain.startOne('mz');
    await chain.startOne('sw');
    await subscribeAll(chain);
    await chain.exchangeAll();
  });
  afterAll(async () => {
    await chain?.close();
    await cut?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  async function beginAll(): Promise<string> {
    const since = new Date().toISOString();
    work(chain, ++day);
    for (const exchange of exchanges) await chain.begin(exchange);
    return since;
  }

  async function expectResumes(since: string): Promise<void> {
    for (const name of ['mz', 'sw'] as const) {
      await eventually(`the jobs of ${name} to be done`, 60_000, async () => {
        const { jobs } = await chain.agent(name).control.call(controlRoutes.jobs, { query: { limit: 20 } });
        const begun = jobs.filter(({ dueAt }) => dueAt >= since);
        const failed = begun.find(({ state }) => state === 'failed');
        if (failed) throw new Error(`${failed.exchange}: ${JSON.stringify(failed.problem)}`);
        return begun.every(({ state }) => state === 'done') || undefined;
      });
    }
    await chain.exchangeAll();
    await expectAllHolds(chain);
  }

  it.each(rounds(2))('crashes at any time and comes back, round %i', async (round) => {
    const dice = throwDice(`crash of the state ${round}`);
    const since = await beginAll();
    await new Promise((resolve) => setTimeout(resolve, dice.below(500)));
    await server.stop('immediate');
    await server.start();
    await expectResumes(since);
  });

  it.each(rounds(3))('does not answer a COMMIT, round %i', async (round) => {
    const dice = throwDice(`COMMIT of the state ${round}`);
    const committed = cut.next(dice.pick(['after', 'during'] as const), dice.below(3));
    const since = await beginAll();
    await committed;
    await expectResumes(since);
  });
});
