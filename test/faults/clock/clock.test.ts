import { controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../e2e/program.js';
import {
  type AgentName,
  type Chain,
  createChain,
  exchanges,
  type ProcessName,
  subscribeAll,
  work,
} from '../chain.js';
import { expectAllHolds } from '../evidence.js';
import { type Clock, clockMissing, createClock } from './clock.js';

/** The clock of one machine steps by a day, while both directions run, and is set right again later. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DAY = 86_400;
/** Right enough: within what signed requests allow, and behind what the platform has just signed. */
const right: Readonly<Record<ProcessName, number>> = { mz: -40, platform: 0, sw: 0 };
const names: readonly ProcessName[] = ['mz', 'platform', 'sw'];

let chain: Chain;
let clocks: Readonly<Record<ProcessName, Clock>>;
let day = 0;
const skip = clockMissing() !== undefined;

beforeAll(async () => {
  if (skip) return;
  chain = await createChain({ villages: 3_000, firms: 300, platform: { leaseSeconds: 5 } });
  await subscribeAll(chain);
  clocks = {
    mz: createClock(chain.at('mz.clock')),
    platform: createClock(chain.at('platform.clock')),
    sw: createClock(chain.at('sw.clock')),
  };
  await chain.process('platform').stop();
  for (const name of names) {
    clocks[name].step(right[name]);
    await chain.startOne(name, clocks[name].env);
  }
  await chain.exchangeAll();
});
afterAll(() => chain?.close());

/** What the agent says of its platform, once it noticed. */
function told(agent: AgentName) {
  return eventually(`${agent} to tell the difference`, 30_000, async () => {
    const { link } = await chain.agent(agent).control.call(controlRoutes.status, {});
    return link.problem?.code === 'QZ_CLIENT_CLOCK_SKEW' ? link.problem : undefined;
  });
}

async function settled(job: JobInfo): Promise<JobInfo> {
  const name = job.exchange.startsWith('out-') ? 'mz' : 'sw';
  const { control } = chain.agent(name);
  return eventually(`${job.exchange} to be done by itself`, 60_000, async () => {
    const now = await control.call(controlRoutes.showJob, { params: { job: job.id } });
    expect(['queued', 'running', 'waiting', 'done'], JSON.stringify(now)).toContain(now.state);
    return now.state === 'done' ? now : undefined;
  });
}

const steps = names.flatMap((name) => [1, -1].map((days) => [name, days] as const));

describe.skipIf(skip)('the clock of one machine, a day off', () => {
  it.each(steps)(
    '%s, %i day: told by whom it concerns, and on by itself when it is right',
    async (victim, days) => {
      work(chain, ++day);
      const jobs = [];
      for (const exchange of exchanges) jobs.push(await chain.begin(exchange));
      clocks[victim].step(days * DAY);
      const agents: readonly AgentName[] = victim === 'platform' ? ['mz', 'sw'] : [victim];
      for (const agent of agents) {
        const { details, texts } = await told(agent);
        expect(Math.abs(Number(details?.skewSeconds) - DAY)).toBeLessThan(60);
        const ahead = (victim === 'platform' ? -days : days) > 0 ? 'ahead of' : 'behind';
        expect(texts.en.message).toContain(`${ahead} the platform's`);
        expect(texts.en.hint).toContain('qianzhi doctor');
      }
      work(chain, ++day);
      for (const exchange of exchanges) jobs.push(await chain.begin(exchange));
      if (victim !== 'platform') {
        await chain.process(victim).stop();
        await chain.startOne(victim, clocks[victim].env);
        await told(victim);
      }
      clocks[victim].step(right[victim]);
      for (const job of jobs) await settled(job);
      await chain.signInAgain();
      await chain.exchangeAll();
      await expectAllHolds(chain);
    },
  );
});
