import { type Exchange, modelErrors } from '@qianzhi/model';
import type { Alongside } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { leaveLogs } from './leave-logs.js';
import type { LiveConfig } from './live-config.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function supply(table: string, more: object = {}): Exchange {
  const exchange = { name: table, mode: 'docking', connector: 'civil', supply: table, strategy: 'log' };
  return { ...exchange, source: { table }, ...more } as Exchange;
}

it('tells a connector what followed its log before and what follows it now, whenever that changes', async () => {
  const told: (readonly [string, string, readonly string[], readonly string[]])[] = [];
  const tables = ({ others }: Alongside) => others().map(({ resource }) => resource);
  const pluginsOf = (config: string) => ({
    open: async (connector: string) => ({
      endLog: async (former: Alongside, now: Alongside) => {
        told.push([`${config}/${connector}`, former.name, tables(former), tables(now)]);
      },
      async [Symbol.asyncDispose]() {},
    }),
  });
  let inForce = { exchanges: [] as readonly Exchange[], config: 'first' };
  const live = {
    loaded: () => ({ config: inForce }),
    plugins: () => pluginsOf(inForce.config),
  } as unknown as LiveConfig;
  inForce = {
    exchanges: [supply('town'), supply('firm'), supply('old', { strategy: 'diff' })],
    config: 'first',
  };
  const { changed } = leaveLogs('civil-1', live, quiet);
  changed();
  inForce = { exchanges: [supply('town')], config: 'second' };
  changed();
  inForce = { exchanges: [supply('town'), supply('new', { connector: 'tax' })], config: 'third' };
  changed();
  inForce = { exchanges: [], config: 'fourth' };
  changed();
  await expect
    .poll(() => told)
    .toEqual([
      ['first/civil', 'civil-1/civil', ['town', 'firm'], ['town']],
      ['third/civil', 'civil-1/civil', ['town'], []],
      ['third/tax', 'civil-1/tax', ['new'], []],
    ]);
});

it('does not outlive a stop: a database that does not answer is left', async () => {
  const warned: unknown[] = [];
  let asked = false;
  const waiting = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      asked = true;
      signal.addEventListener('abort', () => reject(modelErrors.CANCELLED({ what: 'endLog' })));
    });
  const connection = {
    endLog: (_former: Alongside, _now: Alongside, signal: AbortSignal) => waiting(signal),
    async [Symbol.asyncDispose]() {},
  };
  let exchanges: readonly Exchange[] = [supply('town')];
  const live = {
    loaded: () => ({ config: { exchanges } }),
    plugins: () => ({ open: async () => connection }),
  } as unknown as LiveConfig;
  const leaver = leaveLogs('civil-1', live, { ...quiet, warn: (facts) => void warned.push(facts) });
  exchanges = [];
  leaver.changed();
  await expect.poll(() => asked).toBe(true);
  await leaver.close();
  expect(warned).toEqual([{ connector: 'civil', code: modelErrors.CANCELLED({ what: 'endLog' }).code }]);
});
