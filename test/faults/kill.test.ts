import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Chain, createChain, exchanges, type ProcessName, subscribeAll, work } from './chain.js';
import { expectAllHolds } from './evidence.js';
import { long, throwDice } from './seed.js';

/** SIGKILL of each process, at named points of a batch's way and at any time, while both directions run. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const points: Readonly<Record<ProcessName, readonly string[]>> = {
  platform: [
    'intake:before-store',
    'intake:bytes-written',
    'intake:bytes-stored',
    'intake:recorded',
    'delivery:recorded',
    'acknowledge:recorded',
  ],
  mz: [
    'seal:file-written',
    'seal:file-renamed',
    'seal:committed',
    'send:before',
    'send:after',
    'receipt:before-commit',
    'receipt:committed',
    'confirm:after',
    'diff:candidate-written',
    'diff:before-confirm',
  ],
  sw: ['apply:before', 'apply:after', 'apply:receipt-stored'],
};
const dice = throwDice('kill');
const names = Object.keys(points) as ProcessName[];
const chosen = names.flatMap((name) => {
  const all = points[name].map((point) => [name, point] as const);
  return long ? all : [all.splice(dice.below(all.length), 1)[0]!, all.splice(dice.below(all.length), 1)[0]!];
});

let chain: Chain;
let day = 0;
beforeAll(async () => {
  chain = await createChain({ villages: 3_000, firms: 300 });
  await subscribeAll(chain);
});
afterAll(() => chain?.close());

/** All go on by themselves; a run by hand each shows that they can. */
async function expectAllGoesOn(): Promise<void> {
  await chain.exchangeAll();
  await expectAllHolds(chain);
}

describe('SIGKILL at a named point', () => {
  it.each(chosen)('of %s: %s', async (victim, point) => {
    work(chain, ++day);
    await chain.end('stop');
    await chain.start({ [victim]: { QZ_FAILPOINT: point } });
    const running = chain.exchangeAll().catch(() => undefined);
    const { ended } = chain.process(victim);
    await Promise.race([ended, running]);
    const inTime = AbortSignal.timeout(10_000);
    const late = new Promise<never>((_, reject) => {
      inTime.onabort = () => reject(new Error(`${point} was not passed`));
    });
    expect(await Promise.race([ended, late])).toMatchObject({ signal: 'SIGKILL' });
    await chain.startOne(victim);
    await running;
    await expectAllGoesOn();
  });
});

describe('SIGKILL at any time', () => {
  it.each(Array.from({ length: long ? 60 : 3 }, (_, n) => n))('round %i', async () => {
    const victims = names.filter(() => dice.next() < 0.6);
    work(chain, ++day);
    await chain.end('stop');
    await chain.start();
    for (const exchange of exchanges) await chain.begin(exchange);
    await new Promise((resolve) => setTimeout(resolve, dice.below(600)));
    await Promise.all(victims.map((name) => chain.process(name).stop('SIGKILL')));
    for (const name of victims) await chain.startOne(name);
    await expectAllGoesOn();
  });
});
