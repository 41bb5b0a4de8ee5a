import { controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { startRewritingGateway, startTcpProxy, type TcpProxy } from '@qianzhi/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../e2e/program.js';
import { type Passing, startTamperingGateway } from '../integration/tampering-gateway.js';
import { agentConfig, type Chain, createChain, exchanges, subscribeAll, work } from './chain.js';
import { type Clock, clockMissing, createClock } from './clock/clock.js';
import { expectAllHolds } from './evidence.js';
import { long, throwDice } from './seed.js';

/** What networks and 网闸 do to connections, and who listens there, while both directions run. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const dice = throwDice('network');
let chain: Chain;
let clock: Clock | undefined;
let day = 0;

beforeAll(async () => {
  chain = await createChain({ villages: 3_000, firms: 300, platform: { leaseSeconds: 5 } });
  await subscribeAll(chain);
  if (clockMissing() === undefined) clock = createClock(chain.at('clock'));
  await chain.process('platform').stop();
  await chain.startOne('platform', clock?.env);
});
afterAll(() => chain?.close());

/** The agents know the platform by this address from now on. */
async function reach(url: string): Promise<void> {
  for (const name of ['mz', 'sw'] as const) {
    await chain.agent(name)?.process.stop();
    await chain.writeConfig(name, agentConfig(name, chain), url);
    await chain.startOne(name);
  }
}

const platformAt = () => ({ host: '127.0.0.1', port: Number(new URL(chain.url).port) });

async function over(job: JobInfo): Promise<boolean> {
  const { control } = chain.agent(job.exchange.startsWith('out-') ? 'mz' : 'sw');
  const { state, problem } = await control.call(controlRoutes.showJob, { params: { job: job.id } });
  expect(['queued', 'running', 'waiting', 'done'], JSON.stringify(problem)).toContain(state);
  return state === 'done';
}

describe('a line that breaks at random moments, with a gateway in it that rewrites host and prefix', () => {
  /** One thing that happens to one of the two lines, for a moment or for good. */
  async function breakSomething(line: TcpProxy): Promise<void> {
    const pause = () => new Promise((resolve) => setTimeout(resolve, dice.below(150)));
    switch (dice.below(5)) {
      case 0:
        return line.cut();
      case 1:
        return line.reset();
      case 2:
        return line.resetAfter(dice.below(40_000), dice.pick(['toTarget', 'toClient']));
      case 3:
        line.stall();
        await pause();
        return line.flow();
      default:
        line.refuse(true);
        await pause();
        return line.refuse(false);
    }
  }

  it('loses and doubles nothing, and everything goes on by itself', async () => {
    await using inner = await startTcpProxy({ target: platformAt() });
    const names = { prefix: '/share/front', hostHeader: 'inner.example' };
    await using gateway = await startRewritingGateway({ target: inner, ...names });
    await using outer = await startTcpProxy({
      target: { host: '127.0.0.1', port: Number(new URL(gateway.url).port) },
    });
    await reach(`http://127.0.0.1:${outer.port}${names.prefix}`);
    let broken = 0;
    for (let round = 0; round < (long ? 30 : 3); round++) {
      work(chain, ++day, 2_500);
      const jobs: JobInfo[] = [];
      for (const exchange of exchanges) jobs.push(await chain.begin(exchange));
      const until = Date.now() + 3_000;
      while (Date.now() < until && !(await Promise.all(jobs.map(over))).every(Boolean)) {
        await breakSomething(dice.pick([inner, outer]));
        broken++;
        await new Promise((resolve) => setTimeout(resolve, dice.below(120)));
      }
      await eventually('all of it to be done', 90_000, async () =>
        (await Promise.all(jobs.map(over))).every(Boolean) ? true : undefined,
      );
    }
    expect(broken).toBeGreaterThan(10);
    expect(gateway.forwarded.length).toBeGreaterThan(20);
    await chain.exchangeAll();
    await expectAllHolds(chain);
    await reach(chain.url);
  });
});

describe('who recorded all that passed and sends it again', () => {
  const recorded: Passing[] = [];

  /** What the platform answers to it, one after the other. */
  async function replay(): Promise<string[]> {
    const codes: string[] = [];
    for (const { method, path, headers, body } of recorded) {
      const bare = method === 'GET' || body.length === 0;
      const answer = await fetch(chain.url + path, { method, headers, ...(!bare && { body }) });
      expect(answer.ok, `${method} ${path}`).toBe(false);
      codes.push(((await answer.json()) as { code: string }).code);
    }
    return [...new Set(codes)];
  }

  const held = () =>
    chain.platformRows(
      `SELECT (SELECT count(*) FROM batches) AS batches, (SELECT count(*) FROM receipts) AS receipts,
        (SELECT count(*) FROM deliveries) AS deliveries, (SELECT sum(fence) FROM agents) AS fences`,
    );

  it('within the window is refused for each of them, and moves nothing', async () => {
    const gateway = await startTamperingGateway(() => chain.url);
    gateway.change = (passing) => {
      if (passing.direction === 'request') recorded.push({ ...passing, headers: { ...passing.headers } });
    };
    await reach(gateway.url);
    work(chain, ++day);
    await chain.exchangeAll();
    await reach(chain.url);
    await gateway.close();
    const routes = recorded.map(({ path }) => path);
    for (const part of ['/instances', '/batches/', '/deliveries/poll', '/receipts', '/heads', '/lease']) {
      expect(
        routes.some((path) => path.includes(part)),
        part,
      ).toBe(true);
    }
    const before = await held();
    expect(await replay()).toEqual(['QZ_PLATFORM_REQUEST_REPLAYED']);
    expect(await held()).toEqual(before);
    await chain.exchangeAll();
    await expectAllHolds(chain);
  });

  it.skipIf(clockMissing() !== undefined)('after the window is refused by its time', async () => {
    for (const name of ['mz', 'sw'] as const) await chain.agent(name).process.stop();
    const before = await held();
    clock!.step(600);
    expect(await replay()).toEqual(['QZ_CLIENT_CLOCK_SKEW']);
    clock!.step(0);
    expect(await held()).toEqual(before);
    for (const name of ['mz', 'sw'] as const) await chain.startOne(name);
    work(chain, ++day);
    await chain.exchangeAll();
    await expectAllHolds(chain);
  });
});
