import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { rowsOf, sql } from '../../fixtures/tables.js';
import { createRig, type Rig } from '../rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  sql(
    rig.at('legacy.sqlite'),
    'CREATE TABLE visit (day TEXT, hall TEXT)',
    "INSERT INTO visit VALUES ('2026-06-01', '桥东'), ('2026-06-01', '桥东'), ('2026-06-02', '河南岸')",
  );
  await rig.enrol(
    'mz',
    'mz',
    'connectors:\n  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }\n',
  );
  await rig.enrol('sw', 'sw', 'connectors:\n  own: { type: sqlite, path: ./own.sqlite, create: true }\n');
  await rig.publish(resourceOf('visit', [{ column: 'day', key: false }, { column: 'hall' }]), 'mz');
  await rig.subscribe('visit');
});
afterAll(() => rig?.close());

it('a resource without a key is supplied whole by diff whenever something has changed, and not otherwise', async () => {
  const supply = ['exchange', 'add', '--supply', 'visit', '--table', 'visit', '--config', 'mz.yaml'];
  expect(await rig.json(supply)).toMatchObject({ code: 0, answer: { block: { strategy: 'diff' } } });
  const consume = ['exchange', 'add', '--consume', 'visit', '--create', '--config', 'sw.yaml'];
  expect(await rig.json(consume)).toMatchObject({ code: 0 });
  for (const agent of ['mz', 'sw']) await rig.startAgent(agent);
  const moved = async () => {
    const sent = await rig.run('mz', 'supply-visit');
    expect(await rig.run('sw', 'pull-visit')).toMatchObject({ state: 'done' });
    const here = rowsOf(rig.at('own.sqlite'), 'visit').map(String).toSorted();
    expect(here).toEqual(rowsOf(rig.at('legacy.sqlite'), 'visit').map(String).toSorted());
    return sent;
  };
  expect(await moved()).toMatchObject({ state: 'done', summary: { stored: 3 } });
  expect(await moved()).toMatchObject({ state: 'done', summary: { stored: 0 } });
  sql(
    rig.at('legacy.sqlite'),
    "DELETE FROM visit WHERE hall = '河南岸'",
    "INSERT INTO visit VALUES ('2026-06-03', '桥东')",
  );
  expect(await moved()).toMatchObject({ state: 'done', summary: { stored: 3 } });
});
