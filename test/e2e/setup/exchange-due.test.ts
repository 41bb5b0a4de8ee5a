import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { sql } from '../../fixtures/tables.js';
import { createRig, type Rig } from '../rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  sql(rig.at('legacy.sqlite'), 'CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT)');
  const exchange = (code: string, more = '') =>
    `  - { name: out-${code}, supply: ${code}, connector: civil, strategy: diff, source: { table: town }${more} }\n`;
  await rig.enrol(
    'mz',
    'mz',
    `connectors:\n  civil: { type: sqlite, path: ./legacy.sqlite }\nexchanges:\n${exchange('town')}${exchange('lane', ', schedule: {}')}`,
  );
  const items = [{ column: 'code' }, { column: 'name' }];
  await rig.publish(resourceOf('town', items, { updateCycle: 'quarterly' }), 'mz');
  await rig.publish(resourceOf('lane', items, { updateCycle: 'irregular' }), 'mz');
  await rig.startAgent('mz');
});
afterAll(() => rig?.close());

/** The tenth of the first month of the next quarter, as the clock of Beijing has it. */
function tenth(): string {
  const local = new Date(Date.now() + 8 * 3_600_000);
  const month = (Math.floor(local.getUTCMonth() / 3) + 1) * 3;
  return new Date(Date.UTC(local.getUTCFullYear(), month, 10, 15, 59, 59)).toISOString();
}

describe('what is due', () => {
  it('is shown by the agent: cycle, schedule and where it comes from, data, and by when', async () => {
    await rig.run('mz', 'out-town');
    const { code, answer } = await rig.json<object>(['exchange', 'due', '--config', 'mz.yaml']);
    const town = {
      exchange: 'out-town',
      resource: 'town',
      direction: 'supply',
      updateCycle: 'quarterly',
      schedule: { cron: expect.stringMatching(/^\d+ 2 1,6 \* \*$/), from: 'cycle' },
      lastSuccessAt: expect.any(String),
      dueAt: tenth(),
      overdueSeconds: 0,
    };
    const lane = { exchange: 'out-lane', resource: 'lane', updateCycle: 'irregular', overdueSeconds: 0 };
    expect({ code, answer }).toMatchObject({ code: 0, answer: { due: [town, lane] } });
    const text = await rig.qz(['exchange', 'due', '--config', 'mz.yaml']);
    expect(text.out).toMatch(/town +out-town +supply +quarterly +\d+ 2 1,6 \* \* +cycle /);
    expect((await rig.qz(['agent', 'status', '--config', 'mz.yaml'])).out).toMatch(/ due /);
  });

  it('is listed on the platform by department', async () => {
    await rig.signIn('officer');
    const { code, answer } = await rig.json<object>(['platform', 'due', '--department', 'mz']);
    const due = [
      { department: 'mz', resource: 'town', agent: 'mz', updateCycle: 'quarterly', dueAt: tenth() },
      { department: 'mz', resource: 'lane', agent: 'mz', updateCycle: 'irregular' },
    ];
    expect({ code, answer }).toMatchObject({ code: 0, answer: { due } });
    expect(await rig.json(['platform', 'due', '--department', 'nobody'])).toMatchObject({
      code: 0,
      answer: { due: [] },
    });
  });
});
