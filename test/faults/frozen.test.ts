import { cp, rename } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandsIn } from '../e2e/hints.js';
import { eventually } from '../e2e/program.js';
import { query } from '../fixtures/tables.js';
import {
  type AgentName,
  agentConfig,
  type Chain,
  createChain,
  exchanges,
  subscribeAll,
  work,
} from './chain.js';
import { expectAllHolds } from './evidence.js';
import { throwDice } from './seed.js';

/** A process stands still for longer than its lease lasts; meanwhile another one takes its place, and then it wakes. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const LEASE_SECONDS = 5;
const dice = throwDice('frozen');

let chain: Chain;
let day = 0;
/** Folders of agents that were given up. */
const states: string[] = [];

beforeAll(async () => {
  const platform = { leaseSeconds: LEASE_SECONDS };
  chain = await createChain({ villages: 3_000, firms: 300, platform });
  await subscribeAll(chain);
  for (const name of ['mz', 'sw'] as const) await chain.startOne(name);
  await chain.exchangeAll();
});
afterAll(() => chain?.close());

const freeze = (name: AgentName | 'platform') => process.kill(chain.process(name).pid, 'SIGSTOP');
const wake = (pid: number) => process.kill(pid, 'SIGCONT');

/** Both directions are under way; then, at some moment, one of them stands still. */
async function freezeAtWork(name: AgentName | 'platform'): Promise<void> {
  work(chain, ++day, 2_000);
  for (const exchange of exchanges) await chain.begin(exchange);
  await new Promise((resolve) => setTimeout(resolve, dice.below(400)));
  await eventually('a moment outside a transaction of the target', 20_000, () => {
    freeze(name);
    if (!targetLocked()) return true;
    wake(chain.process(name).pid);
    return undefined;
  });
}

/** SQLite's lock stays with a frozen process: nobody could take its place before it is ended. */
function targetLocked(): boolean {
  const database = new Database(chain.target, { timeout: 0 });
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    return true;
  } finally {
    database.close();
  }
}

async function leaseRunsOut(): Promise<void> {
  const frozenAt = Date.now();
  await eventually('the lease to run out', 30_000, () =>
    Date.now() - frozenAt > (LEASE_SECONDS + 1) * 1000 ? true : undefined,
  );
}

describe.each(['mz', 'sw'] as const)('an agent frozen at its work: %s', (name) => {
  it('refuses a second instance on its state folder meanwhile, and goes on when it wakes', async () => {
    await freezeAtWork(name);
    const second = await chain.json(['agent', 'start', '--config', `${name}.yaml`]);
    expect(second).toMatchObject({ code: 6, answer: { error: { code: 'QZ_ENGINE_ALREADY_RUNNING' } } });
    expect(second.answer.error.message).toContain(String(chain.process(name).pid));
    await leaseRunsOut();
    wake(chain.process(name).pid);
    await chain.exchangeAll();
    await expectAllHolds(chain, { states });
  });

  it('and replaced by a copy of its state folder is fenced when it wakes, and writes nothing', async () => {
    await freezeAtWork(name);
    const frozen = chain.agent(name);
    await leaseRunsOut();
    const other = `${name}-other`;
    const filter = (path: string) => !path.endsWith('.sock');
    await cp(frozen.stateDir, chain.at(`${other}-state`), { recursive: true, filter });
    await chain.writeConfig(other, agentConfig(name, chain));
    const replacement = await chain.startAgent(other);
    for (const exchange of exchanges.filter((one) => one.startsWith(name === 'mz' ? 'out-' : 'in-'))) {
      const job = await chain.run(other, exchange);
      expect(job.state, JSON.stringify(job.problem)).toBe('done');
    }
    const before = await countsAtRest();
    wake(frozen.process.pid);
    const { code, err } = await frozen.process.ended;
    expect(code, err).toBe(4);
    const told = err.slice(err.lastIndexOf('✗ QZ_PLATFORM_INSTANCE_FENCED'));
    expect(commandsIn(told)).toEqual(['qianzhi agent start']);
    expect(await counts()).toEqual(before);
    await replacement.process.stop();
    await rename(frozen.stateDir, chain.at(`${name}-given-up`));
    states.push(`${name}-given-up`);
    await rename(replacement.stateDir, frozen.stateDir);
    await chain.startOne(name);
    await chain.exchangeAll();
    await expectAllHolds(chain, { states });
  });
});

/** What is there of batches, receipts and applied batches. */
async function counts() {
  const [platform] = await chain.platformRows<object>(
    'SELECT (SELECT count(*) FROM batches) AS batches, (SELECT count(*) FROM receipts) AS receipts',
  );
  const [{ applied } = { applied: 0 }] = query<{ applied: number }>(
    chain.target,
    'SELECT count(*) AS applied FROM qianzhi_ledger',
  );
  return { ...platform, applied };
}

/** Receipts are handed in some time after a job is done. */
async function countsAtRest() {
  let last = JSON.stringify(await counts());
  return eventually('receipts to be handed in', 30_000, async () => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const now = await counts();
    const rests = JSON.stringify(now) === last;
    last = JSON.stringify(now);
    return rests ? now : undefined;
  });
}

describe('a frozen platform', () => {
  it('refuses a second one on its folder; when it wakes all goes on', async () => {
    await freezeAtWork('platform');
    const port = ['--port', '0', '--config', 'platform.yaml'];
    const second = await chain.json(['platform', 'start', ...port]);
    expect(second).toMatchObject({ code: 6, answer: { error: { code: 'QZ_PLATFORM_DATA_DIR_IN_USE' } } });
    await leaseRunsOut();
    wake(chain.process('platform').pid);
    await chain.exchangeAll();
    await expectAllHolds(chain, { states });
  });
});
