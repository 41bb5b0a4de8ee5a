import { cp, rm } from 'node:fs/promises';
import { controlRoutes } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandsIn } from '../e2e/hints.js';
import { eventually } from '../e2e/program.js';
import {
  type AgentName,
  type Chain,
  columns,
  createChain,
  type ResourceName,
  resources,
  subscribeAll,
  work,
} from './chain.js';
import { type Clock, clockMissing, createClock } from './clock/clock.js';
import { expectAllHolds } from './evidence.js';

/** Days pass for all machines alike while a consumer does not fetch; the platform keeps older bytes for one day. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DAY = 86_400;
let chain: Chain;
let clock: Clock;
let today = 0;
let day = 0;
const skip = clockMissing() !== undefined;

beforeAll(async () => {
  if (skip) return;
  const platform = { leaseSeconds: 5, maxLagDays: 1 };
  chain = await createChain({ villages: 3_000, firms: 300, platform });
  await subscribeAll(chain);
  clock = createClock(chain.at('clock'));
  await startAll();
  await chain.exchangeAll();
});
afterAll(() => chain?.close());

async function startAll(): Promise<void> {
  await chain.process('platform').stop();
  await chain.start({ platform: clock.env, mz: clock.env, sw: clock.env });
  await chain.signInAgain();
}

async function pasted(command: string, agent: AgentName): Promise<void> {
  const { code, err } = await chain.paste(command, agent);
  expect(code, `${command}\n${err}`).toBe(0);
}

const supply = async () => {
  for (const resource of resources) await chain.done(`out-${resource}`);
};

/** The provider begins anew with a snapshot, by the command. */
async function snapshot(): Promise<void> {
  for (const resource of resources) {
    await pasted(`qianzhi stream resnapshot ${resource}`, 'mz');
  }
  await supply();
}

/** Some days later, all of them started again: the platform looks at what it keeps when it starts. */
async function daysPass(days: number): Promise<void> {
  await chain.end('stop');
  today += days;
  clock.step(today * DAY);
  await startAll();
}

const heldBytes = (resource: ResourceName) =>
  chain.platformRows<{ seq: number }>(
    `SELECT seq FROM batches WHERE resource = '${resource}' AND bytes_id IS NOT NULL ORDER BY seq`,
  );

const restarts = () =>
  chain.platformRows<{ resource: string; restarts: number }>(
    'SELECT resource, restarts FROM delivery_streams ORDER BY resource',
  );

describe.skipIf(skip)('a consumer that lags', () => {
  it('is kept all it needs for as long as maxLag says', async () => {
    await chain.agent('sw').process.stop();
    work(chain, ++day);
    await supply();
    await snapshot();
    await daysPass(0.5);
    expect((await restarts()).map((row) => row.restarts)).toEqual([0, 0]);
    await chain.exchangeAll();
    await expectAllHolds(chain);
  });

  it('further than that goes on from the last complete snapshot by itself, with no gap and nothing twice', async () => {
    await chain.agent('sw').process.stop();
    for (let n = 0; n < 2; n++) {
      work(chain, ++day);
      await supply();
    }
    await snapshot();
    work(chain, ++day);
    await supply();
    const before = await heldBytes('village');
    await daysPass(2);
    await eventually('its deliveries to be begun anew', 20_000, async () =>
      (await restarts()).every((row) => row.restarts === 1) ? true : undefined,
    );
    await eventually('the older bytes to be dropped', 20_000, async () =>
      (await heldBytes('village')).length < before.length ? true : undefined,
    );
    await chain.exchangeAll();
    // the rows deleted in the two days that were left out
    await expectAllHolds(chain, { skipped: { removed: 2 } });
  });
});

describe.skipIf(skip)('a target of long ago, whose next deliveries are no longer kept', () => {
  it('is told so with the commands that begin at the last snapshot; they lead to equal rows', async () => {
    await chain.agent('sw').process.stop();
    await cp(chain.target, chain.at('old.sqlite'));
    await chain.startOne('sw', clock.env);
    work(chain, ++day);
    await chain.exchangeAll();
    await snapshot();
    await chain.exchangeAll();
    await daysPass(2);
    await chain.agent('sw').process.stop();
    for (const suffix of ['', '-wal', '-shm']) await rm(chain.target + suffix, { force: true });
    await cp(chain.at('old.sqlite'), chain.target);
    await chain.startOne('sw', clock.env);
    for (const resource of resources) {
      const job = await chain.run('sw', `in-${resource}`);
      expect(job, JSON.stringify(job)).toMatchObject({
        state: 'failed',
        problem: { code: 'QZ_PLATFORM_DELIVERY_EXPIRED' },
      });
      const [revoke, apply, retry] = commandsIn(job.problem!.texts.en.hint);
      await chain.signIn('approver');
      await pasted(revoke!, 'mz');
      const items = resource === 'firm' ? columns.firm.flatMap((item) => ['--item', item]).join(' ') : '';
      await chain.signIn('consumer');
      await pasted(`${apply!.replace('MATTER', '税源管理')} ${items}`, 'sw');
      await chain.agent('sw').control.call(controlRoutes.sync, {});
      await pasted(`${retry} ${job.id}`, 'sw');
      await chain.done(`in-${resource}`);
    }
    await expectAllHolds(chain, { targetLost: true });
  });
});
