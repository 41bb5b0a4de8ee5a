import type { EngineEvent } from '@qianzhi/engine';
import type { ConsumeExchange, Lease } from '@qianzhi/model';
import type { OpenFeed } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { agentErrors } from '../errors.js';
import { openReceived, type ReceivedParts } from './received.js';

const exchangeOf = (name: string) =>
  ({ name, consume: name, connector: 'inbox', target: {} }) as unknown as ConsumeExchange;
const grant = { agreement: 'a', grantVersion: 1 };
const unreadable = agentErrors.STATE_DIR_UNWRITABLE({ stateDir: '/s', reason: { zh: '坏', en: 'bad' } });

function rig(open: (exchange: string) => Promise<Partial<OpenFeed>>, refresh = async () => {}) {
  const said: object[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (facts: object) => said.push(facts) };
  const plugins = {
    connector: () => ({ capabilities: { feed: true } }),
    open: async () => ({
      feed: ({ exchange }: { exchange: string }) => open(exchange),
      async [Symbol.asyncDispose]() {},
    }),
  };
  let tell: (event: EngineEvent) => void = () => {};
  const parts = {
    live: { exchanges: () => ['broken', 'ended'].map(exchangeOf), pluginsOf: () => plugins },
    link: {
      assignments: () => undefined,
      lease: () => ({ live: [], revoked: [grant], expiresAt: '2100-01-01T00:00:00Z' }) as unknown as Lease,
      refresh,
    },
    engine: {
      on(listener: typeof tell) {
        tell = listener;
        return () => {};
      },
    },
    log,
    now: () => new Date(),
  } as unknown as ReceivedParts;
  return { received: openReceived(parts), said, tell: (event: object) => tell(event as EngineEvent) };
}
const closes = { async [Symbol.asyncDispose]() {} };

it('erases what has ended, whatever is wrong with another inbox, and tells of that', async () => {
  const erased: string[] = [];
  const { received, said } = rig(async (exchange) => {
    if (exchange === 'broken') throw unreadable;
    const access = () => ({ grants: [grant], erased: false });
    return { ...closes, access, erase: async () => void erased.push(exchange) };
  });
  received.changed();
  await expect.poll(() => erased).toEqual(['ended']);
  await received.close();
  expect(said).toEqual([{ exchange: 'broken', code: unreadable.code }]);
});

it('asks once what has ended, however many jobs are denied; that it failed inside is logged, and work goes on', async () => {
  let asked = 0;
  const { received, said, tell } = rig(
    async () => ({ ...closes, access: () => ({ grants: [], erased: false }) }),
    async () => {
      asked += 1;
      throw new TypeError('inside');
    },
  );
  const denied = { kind: 'job', job: { exchange: 'ended', problem: { kind: 'denied' } } };
  for (const event of [denied, denied, denied]) tell(event);
  await expect.poll(() => said).toEqual([{ error: 'TypeError: inside' }]);
  expect(asked).toBe(1);
  await received.close();
});
