import { controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../e2e/program.js';
import { type Chain, createChain, subscribeAll } from '../chain.js';
import { expectAllHolds } from '../evidence.js';
import { long } from '../seed.js';
import { type CommitCut, startCommitCut } from './commit-cut.js';
import { connectTo } from './connect.js';
import { type PostgresEnds, startPostgresEnds } from './ends.js';

/** Source and target on PostgreSQL: the server crashes under each stage of a row's way, and answers to COMMITs get lost. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const VILLAGES = 150_000;

let ends: PostgresEnds;
let cut: CommitCut;
let chain: Chain;
let day = 0;

/** Waits for what the database is doing, as its own view shows it. */
/** Looks without a pause: what is waited for may last no more than some milliseconds. */
async function busyWith(database: string, what: string): Promise<void> {
  const client = await connectTo(ends.server.url);
  const looking = `SELECT 1 FROM pg_stat_activity WHERE datname = '${database}' AND state = 'active' AND (${what})`;
  try {
    for (const deadline = Date.now() + 30_000; (await client.query(looking)).rowCount === 0; ) {
      if (Date.now() > deadline) throw new Error(`${database} was not seen at ${what}`);
    }
  } finally {
    await client.end();
  }
}

async function crashAndRestart(): Promise<void> {
  await ends.server.stop('immediate');
  await ends.server.start();
}

/** Until the job is done, by itself; how often it was begun. */
async function doneByItself(agent: 'mz' | 'sw', { id }: JobInfo): Promise<number> {
  const { attempt } = await eventually(`${id} to be done`, 60_000, async () => {
    const job = await chain.agent(agent).control.call(controlRoutes.showJob, { params: { job: id } });
    if (job.state === 'failed') throw new Error(`${id}: ${JSON.stringify(job.problem)}`);
    return job.state === 'done' ? job : undefined;
  });
  return attempt;
}

describeWithPostgres('a database that crashes and comes back', () => {
  beforeAll(async () => {
    ends = await startPostgresEnds({ villages: VILLAGES, firms: 300 });
    cut = await startCommitCut(Number(new URL(ends.server.url).port));
    ends.through.port = cut.port;
    chain = await createChain({ villages: VILLAGES, firms: 300, ends: ends.make });
    await chain.startOne('mz');
    await chain.startOne('sw');
    await subscribeAll(chain);
  });
  afterAll(async () => {
    await chain?.close();
    await cut?.[Symbol.asyncDispose]();
    await ends?.[Symbol.asyncDispose]();
  });

  describe('under a first copy', () => {
    it('while it is read', async () => {
      const job = await chain.begin('out-village');
      await busyWith('source', `query ILIKE '%COPY%TO STDOUT%'`);
      await crashAndRestart();
      expect(await doneByItself('mz', job)).toBeGreaterThan(1);
    });

    it('while it is loaded, and once more while it takes the place of the table', async () => {
      const job = await chain.begin('in-village');
      await busyWith('target', `query ILIKE '%COPY%FROM STDIN%'`);
      await crashAndRestart();
      await ends.holding('LOCK TABLE village IN ACCESS SHARE MODE', async () => {
        await busyWith('target', `wait_event_type = 'Lock' AND query ILIKE '%ACCESS EXCLUSIVE%'`);
        await crashAndRestart();
      });
      expect(await doneByItself('sw', job)).toBeGreaterThan(2);
      await chain.exchangeAll();
      await expectAllHolds(chain);
    });
  });

  it('while a delta is merged', async () => {
    await ends.work(++day, 20_000);
    await doneByItself('mz', await chain.begin('out-village'));
    await ends.holding(`SELECT 1 FROM village WHERE code = '000000007' FOR UPDATE`, async () => {
      const job = await chain.begin('in-village');
      await busyWith('target', `wait_event IN ('transactionid', 'tuple')`);
      await crashAndRestart();
      expect(await doneByItself('sw', job)).toBeGreaterThan(1);
    });
    await chain.exchangeAll();
    await expectAllHolds(chain);
  });

  describe.each(['after', 'during'] as const)('answers no COMMIT, the line cut %s it:', (when) => {
    // it becomes the exchange's writer, makes the table where it is missing, and applies the batch
    it.each(long ? [0, 1, 2] : when === 'after' ? [0, 2] : [2])(
      'that of transaction %i of a run',
      async (before) => {
        await ends.work(++day, 50);
        await doneByItself('mz', await chain.begin('out-village'));
        const committed = cut.next(when, before);
        const job = await chain.begin('in-village');
        await committed;
        expect(await doneByItself('sw', job)).toBeGreaterThan(1);
        await chain.exchangeAll();
        await expectAllHolds(chain);
      },
    );
  });
});
