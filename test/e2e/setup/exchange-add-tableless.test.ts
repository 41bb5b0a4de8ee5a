import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { resourceOf } from '../../fixtures/resource.js';
import { createRig, type Refusal, type Rig } from '../rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Connectors without tables: what business systems push, and the inbox they read. */
let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  await rig.enrol('mz', 'mz', '');
  await rig.enrol('sw', 'sw', '');
  await rig.publish(resourceOf('town', [{ column: 'code' }, { column: 'name' }]), 'mz');
  await rig.subscribe('town');
});
afterAll(() => rig?.close());

const at = (agent: string) => ['--config', `${agent}.yaml`];
const lastExchange = async (agent: string) =>
  parse(await readFile(rig.at(`${agent}.yaml`), 'utf8')).exchanges.at(-1);

it.each([
  ['mz', 'push', '--supply', { strategy: 'log', source: {} }],
  ['sw', 'inbox', '--consume', { target: {} }],
])('exchange add of %s, through %s, asks for no table', async (agent, type, direction, place) => {
  const added = await rig.qz(['connector', 'add', '--type', type, '--name', 'end', ...at(agent)]);
  expect(added.code, added.err).toBe(0);
  expect(added.err).toContain('exchange add --connector end');
  expect(added.err, 'there is no table to look at').not.toContain('connector discover');

  const add = ['exchange', 'add', direction, 'town', '--name', 'town', '--continuous', ...at(agent)];
  const refused = await rig.json<Refusal>([...add, '--table', 'town']);
  expect(refused).toMatchObject({ code: 2, answer: { error: { code: 'QZ_CLI_FLAG_WRONG' } } });
  const { code, err } = await rig.qz(add);
  expect(code, err).toBe(0);
  expect(await lastExchange(agent)).toEqual({
    name: 'town',
    [direction.slice(2)]: 'town',
    connector: 'end',
    ...place,
    modeOptions: { continuous: true },
  });
});
