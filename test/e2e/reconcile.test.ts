import type { Alert, ReconcileResult } from '@qianzhi/agent/control';
import type { StoredReconcileReport } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, rowsOf, sql } from '../fixtures/tables.js';
import { commandsIn } from './hints.js';
import { eventually } from './program.js';
import { createRig, type Rig } from './rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

interface Answer {
  readonly equal: boolean;
  readonly results: readonly ReconcileResult[];
}

let rig: Rig;
const source = () => rig.at('civil.sqlite');
const target = () => rig.at('tax.sqlite');
const reconcile = (agent: string, ...flags: string[]) =>
  rig.json<Answer>(['reconcile', 'firm', '--config', `${agent}.yaml`, ...flags]);

beforeAll(async () => {
  rig = await createRig();
  sql(source(), 'CREATE TABLE firm (code TEXT, branch TEXT, name TEXT, PRIMARY KEY (code, branch))');
  insertRows(
    source(),
    'firm',
    Array.from({ length: 300 }, (_, n) => [`f${n}`, n % 2 ? 'a b' : 'c', `name ${n}`]),
  );
  const [supply, pull] = [
    'supply: firm, strategy: diff, source: { table: firm }',
    'consume: firm, target: { table: firm, create: true }',
  ];
  await rig.enrol(
    'mz',
    'mz',
    `connectors:\n  own: { type: sqlite, path: ./civil.sqlite }\nexchanges:\n  - { name: out, connector: own, ${supply} }\n`,
  );
  await rig.enrol(
    'sw',
    'sw',
    `connectors:\n  own: { type: sqlite, path: ./tax.sqlite, create: true }\nexchanges:\n  - { name: in, connector: own, ${pull} }\nalerts: { resolveAfterSeconds: 0 }\n`,
  );
  const items = [{ column: 'code', key: true }, { column: 'branch', key: true }, { column: 'name' }];
  await rig.publish(resourceOf('firm', items), 'mz');
  await rig.startAgent('mz');
  await rig.run('mz', 'out');
  await rig.subscribe('firm');
  await rig.startAgent('sw');
  await rig.run('sw', 'in');
});
afterAll(() => rig?.close());

describe('qianzhi reconcile', () => {
  it('was never done, then finds both sides equal: exit code 0', async () => {
    expect(await reconcile('sw', '--last')).toEqual({ code: 0, answer: { equal: false, results: [] } });
    const { code, answer } = await reconcile('sw');
    expect(answer).toMatchObject({ equal: true, results: [{ exchange: 'in', keys: [] }] });
    expect(code).toBe(0);
  });

  it('names the keys that differ, at either side, with exit code 8', async () => {
    sql(
      target(),
      `DELETE FROM firm WHERE code = 'f1'`,
      `UPDATE firm SET name = 'other' WHERE code = 'f2'`,
      `INSERT INTO firm VALUES ('f2', 'z', 'nobody sent it')`,
    );
    const { code, answer } = await reconcile('mz');
    expect(code).toBe(8);
    expect(answer.equal).toBe(false);
    const keys = [
      { kind: 'changed', key: 'f2\tc' },
      { kind: 'extra', key: 'f2\tz' },
      { kind: 'missing', key: 'f1\ta b' },
    ];
    const sorted = ({ results }: Answer) => results[0]!.keys.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(sorted(answer)).toEqual(keys);
    const there = await reconcile('sw', '--last');
    expect(there.code).toBe(8);
    expect(sorted(there.answer)).toEqual(keys);
    const shown = await rig.qz(['reconcile', 'firm', '--last', '--config', 'sw.yaml', '--limit', '1']);
    expect(shown.out).toMatch(/✗ firm .* 3 keys differ\n {2}found: missing 1 · extra 1 · changed 1\n/);
    expect(shown.out).toContain('… and 2 more');
  });

  it('is an alert at the consumer, until it is repaired as the alert says', async () => {
    const alert = async () => {
      const { answer } = await rig.json<{ alerts: Alert[] }>(['alert', 'list', '--config', 'sw.yaml']);
      return answer.alerts.find(({ rule }) => rule === 'sides-differ');
    };
    const opened = await eventually('the alert', 40_000, alert);
    expect(opened.problem).toMatchObject({ code: 'QZ_AGENT_RECONCILE_DIFFERS', details: { rows: 3 } });
    const [, repair] = commandsIn(opened.problem.texts.en.hint);
    expect(repair).toBe(opened.restart);
    const pasted = await rig.paste(repair!, 'sw');
    expect(pasted.out).toMatch(
      /✓ firm .* equal\n.*found: .*\n {2}repaired: 2 rows sent again, 1 key deleted/,
    );
    expect(pasted.code).toBe(0);
    expect(rowsOf(target(), 'firm')).toEqual(rowsOf(source(), 'firm'));
    await eventually('its end', 40_000, async () => (await alert())?.resolvedAt);
  });

  it('leaves what both signed with the platform', async () => {
    await rig.signIn('editor');
    const { answer } = await rig.json<{ reports: StoredReconcileReport[] }>(['platform', 'reports']);
    expect(answer.reports.map(({ session }) => session.state)).toEqual(['done', 'done', 'done']);
    expect(answer.reports[0]!.provider!.body).toEqual(answer.reports[0]!.consumer!.body);
    const { out } = await rig.qz(['platform', 'reports']);
    expect(out).toContain('✗ 3 keys differ');
  });

  it('ends with the reason where the other side can not', async () => {
    await rig.qz(['job', 'pause', 'out', '--config', 'mz.yaml']);
    const { code, answer } = await reconcile('sw');
    expect(code).toBe(6);
    expect(answer).toMatchObject({
      equal: false,
      results: [{ problem: { details: { code: 'QZ_ENGINE_EXCHANGE_PAUSED' } } }],
    });
    const { answer: nobody } = await rig.json(['reconcile', 'nothing', '--config', 'sw.yaml']);
    expect(nobody.error.code).toBe('QZ_PLATFORM_RECONCILE_NO_PARTNER');
  });

  it('shows no key and no value in any log', () => {
    const logs = [rig.platform.output.out, rig.platform.output.err].join('\n');
    expect(logs).not.toContain('nobody sent it');
    expect(logs).not.toContain('f2\\tz');
  });
});
