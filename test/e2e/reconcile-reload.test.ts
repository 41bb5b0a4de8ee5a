import type { Alert, ReconcileResult } from '@qianzhi/agent/control';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, sql } from '../fixtures/tables.js';
import { eventually } from './program.js';
import { createRig, type Rig } from './rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Reconciling while the consumer's agent.yaml changes under the running agent. */
let rig: Rig;
const sw = { env: { QZ_CONFIG: 'sw.yaml' } };

interface Answer {
  readonly equal: boolean;
  readonly results: readonly ReconcileResult[];
}
const last = async () => (await rig.json<Answer>(['reconcile', 'firm', '--last'], sw)).answer.results;

/** agent.yaml of the consumer: its one exchange into `table`, if any. */
async function configure(table?: string, more = ''): Promise<void> {
  const own = 'connectors:\n  own: { type: sqlite, path: ./tax.sqlite }\n';
  const exchange = `exchanges:\n  - { name: in, consume: firm, connector: own, target: { table: ${table} }${more} }\n`;
  await rig.writeConfig('sw', `${table ? own + exchange : ''}alerts: { resolveAfterSeconds: 0 }\n`);
}

async function reload(): Promise<void> {
  const { code, err } = await rig.qz(['agent', 'reload'], sw);
  expect(err).toBe('');
  expect(code).toBe(0);
}

beforeAll(async () => {
  rig = await createRig();
  sql(rig.at('civil.sqlite'), 'CREATE TABLE firm (code TEXT PRIMARY KEY, name TEXT)');
  insertRows(
    rig.at('civil.sqlite'),
    'firm',
    Array.from({ length: 20 }, (_, n) => [`f${n}`, `name ${n}`]),
  );
  for (const table of ['firm', 'other'])
    sql(rig.at('tax.sqlite'), `CREATE TABLE ${table} (code TEXT PRIMARY KEY, name TEXT)`);
  const source = 'supply: firm, strategy: diff, source: { table: firm }';
  const own = 'connectors:\n  own: { type: sqlite, path: ./civil.sqlite }';
  await rig.enrol('mz', 'mz', `${own}\nexchanges:\n  - { name: out, connector: own, ${source} }\n`);
  await rig.enrol('sw', 'sw', '');
  await configure();
  await rig.publish(resourceOf('firm', [{ column: 'code' }, { column: 'name' }]), 'mz');
  await rig.startAgent('mz');
  await rig.run('mz', 'out');
  await rig.subscribe('firm');
  await rig.startAgent('sw');
});
afterAll(() => rig?.close());

it('an exchange that was added is reconciled, at once when asked and by its schedule', async () => {
  const before = await rig.qz(['reconcile', 'firm'], sw);
  expect(before.err).toContain('QZ_ENGINE_RECONCILE_NO_EXCHANGE');
  await configure('firm', ", reconcile: { cron: '* * * * * *' }");
  await reload();
  await rig.run('sw', 'in');
  const equal = await eventually('a reconciliation by itself', 40_000, async () =>
    (await last()).find(({ report }) => report?.rows.consumer === 20),
  );
  expect(equal).toMatchObject({ exchange: 'in', role: 'consumer', keys: [] });
});

it('one that was changed is compared by what it says now', async () => {
  await configure('other');
  await reload();
  const differing = await eventually('the other table', 40_000, async () => {
    const { code, answer } = await rig.json<Answer>(['reconcile', 'firm'], sw);
    return code === 8 ? answer.results[0] : undefined;
  });
  expect(differing).toMatchObject({
    report: { rows: { provider: 20, consumer: 0 }, found: { missing: 20 } },
  });
});

it('of one that was removed nothing is told, and nothing is reconciled', async () => {
  const alert = async () => {
    const { answer } = await rig.json<{ alerts: Alert[] }>(['alert', 'list'], sw);
    return answer.alerts.find(({ rule }) => rule === 'sides-differ');
  };
  await eventually('the alert', 40_000, alert);
  await configure();
  await reload();
  expect(await last()).toEqual([]);
  await eventually('its end', 40_000, async () => (await alert())?.resolvedAt);
  const after = await rig.qz(['reconcile', 'firm'], sw);
  expect(after.err).toContain('QZ_ENGINE_RECONCILE_NO_EXCHANGE');
  expect(after.code).not.toBe(0);
});
