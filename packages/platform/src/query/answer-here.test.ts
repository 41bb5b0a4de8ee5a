import type { Grant, Lookup, QueryService } from '@qianzhi/model';
import { checkQueryResult } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDownloadRig, type DownloadRig } from '../download/test-downloads.js';
import { village } from '../exchange/test-exchange.js';
import type { TestRow } from '../exchange/test-sealer.js';
import { createQueries, type Queries, type QueryPorts } from './queries.js';

let test: DownloadRig;
let queries: Queries;
let asked: string[];
const service: QueryService = {
  name: 'by-code',
  summary: '',
  parameters: [{ name: 'code', item: 'code', required: true }],
  items: ['code', 'name', 'phone'],
  maxRows: 10,
  answeredBy: 'platform',
};
const signal = new AbortController().signal;

beforeEach(async () => {
  test = await createDownloadRig();
  asked = [];
  const { rig } = test;
  rig.publish({ ...village(), queries: [service] });
  const offering = (_department: string, resource: string) => {
    asked.push(resource);
    return [];
  };
  const tunnels = { offering } as unknown as QueryPorts['tunnels'];
  const states: QueryPorts['states'] = {
    lookup: (...all) => test.feature.states.lookup(...all),
    current: (...all) => test.feature.states.current(...all),
    release: (use) => test.feature.states.release(use),
  };
  queries = createQueries(rig.context, { ...rig.ports, tunnels, states });
});
afterEach(() => test.close());

const grant = (change: Partial<Grant> = {}) => test.rig.grant('a1', { modes: ['online-query'], ...change });
const ask = (lookups: readonly Lookup[]) =>
  queries.ask(
    test.rig.consumer.caller,
    { resource: 'village', service: 'by-code' },
    { lookups: [...lookups], timeoutMs: 30_000 },
    '127.0.0.1',
    signal,
  );
const rows = (from: number, to: number): TestRow[] =>
  Array.from({ length: to - from }, (_, n) => ['S', `k${from + n}`, `名称${from + n}`, '13800138000']);

it('is answered from what was received, with its moment, signed and recorded by the platform; no agent is asked', async () => {
  await test.snapshot('s1', rows(0, 50));
  await test.delta(['D', 'k7', null, null], ['U', 'k8', '改\t名', null]);
  grant();
  const result = await ask([
    { code: 'k8' },
    { code: 'k7' },
    { code: 'none' },
    { code: 'k1' },
    { code: 'k8' },
  ]);
  expect(result).toMatchObject({
    values: [
      ['k8', '改\t名', null],
      ['k1', '名称1', '13800138000'],
      ['k8', '改\t名', null],
    ],
    counts: [1, 0, 0, 1, 1],
    complete: true,
    answer: { body: { agent: 'platform', states: [{ agent: 'mz-1', epoch: 1, seq: 2, behind: 0 }] } },
    receipt: { body: { rows: 3 } },
  });
  expect(Date.parse(result.answer!.body.states![0]!.storedAt)).toBeLessThanOrEqual(Date.now());
  const keys = await test.rig.context.keys.all();
  checkQueryResult(result, keys);
  const { states, ...unsaid } = result.answer!.body;
  expect(() => checkQueryResult({ ...result, answer: { ...result.answer!, body: unsaid } }, keys)).toThrow();
  expect(asked).toEqual([]);
});

it('says how far behind it is, and is brought forward for those who ask later', async () => {
  await test.snapshot('s1', rows(0, 2));
  grant();
  expect((await ask([{ code: 'k0' }])).answer!.body.states).toMatchObject([{ seq: 1, behind: 0 }]);
  await test.delta(['U', 'k0', '新', null]);
  const before = await ask([{ code: 'k0' }]);
  expect(before.values).toEqual([['k0', '名称0', '13800138000']]);
  expect(before.answer!.body.states).toMatchObject([{ seq: 1, behind: 1 }]);
  await expect
    .poll(async () => (await ask([{ code: 'k0' }])).values, { timeout: 20_000 })
    .toEqual([['k0', '新', null]]);
});

it('shows granted items only, masked, within the bounds of service and quota', async () => {
  await test.snapshot('s1', rows(0, 5));
  grant({ items: ['code', 'phone'], masks: { phone: 'phone' }, quota: { rowsPerDay: 2 } });
  const result = await ask([{ code: 'k0' }, { code: 'k1' }, { code: 'k2' }]);
  expect(result).toMatchObject({
    items: ['code', 'phone'],
    values: [
      ['k0', '138****8000'],
      ['k1', '138****8000'],
    ],
    complete: false,
    stoppedBy: 'rows',
  });
  await expect(ask([{ code: 'k0' }])).rejects.toMatchObject({ code: 'QZ_PLATFORM_QUOTA_USED' });
});

it('has the rows in scope only, also by an item that it does not show', async () => {
  await test.snapshot('s1', [
    ['S', 'k1', '一', '138'],
    ['S', 'k2', '二', '139'],
    ['S', 'k3', '三', null],
  ]);
  grant({ items: ['code', 'name'], rows: "phone starts with '138'" });
  const { values, counts } = await ask([{ code: 'k2' }, { code: 'k1' }, { code: 'k3' }]);
  expect([values, counts]).toEqual([[['k1', '一']], [0, 1, 0]]);
});

it('what is asked at once gets no more than the quota together', async () => {
  await test.snapshot('s1', rows(0, 9));
  grant({ quota: { rowsPerDay: 3 } });
  await ask([{ code: 'k8' }]);
  const both = await Promise.allSettled([0, 2].map((n) => ask([{ code: `k${n}` }, { code: `k${n + 1}` }])));
  const shown = both.flatMap((one) => (one.status === 'fulfilled' ? one.value.rows : []));
  expect(shown).toEqual([2]);
  const refused = both.flatMap((one) => (one.status === 'rejected' ? one.reason.code : []));
  expect(refused).toEqual(['QZ_PLATFORM_QUOTA_USED']);
});

it('has no answer where nothing whole was received, or what there is means something else; it never asks elsewhere', async () => {
  grant();
  await expect(ask([{ code: 'k0' }])).rejects.toMatchObject({ code: 'QZ_PLATFORM_QUERY_STATE_NONE' });
  await test.snapshot('s1', rows(0, 2));
  expect((await ask([{ code: 'k0' }])).rows).toBe(1);
  const changed = village(2);
  const items = changed.items.map((item) =>
    item.column === 'phone' ? { ...item, type: 'I' as const, length: undefined } : item,
  );
  test.rig.publish({ ...changed, items: items as typeof changed.items, queries: [service] });
  await expect
    .poll(() =>
      ask([{ code: 'k0' }]).then(
        () => undefined,
        ({ code, details }) => [code, details.item],
      ),
    )
    .toEqual(['QZ_PLATFORM_QUERY_STATE_OTHER', 'phone']);
  expect(asked).toEqual([]);
});

it('shows nothing of a supplier that is one no more', async () => {
  await test.snapshot('s1', rows(0, 2));
  grant();
  expect((await ask([{ code: 'k0' }])).rows).toBe(1);
  test.rig.endDuty('village', 'mz-1');
  await expect
    .poll(() =>
      ask([{ code: 'k0' }]).then(
        () => undefined,
        ({ code }) => code,
      ),
    )
    .toBe('QZ_PLATFORM_QUERY_STATE_NONE');
});
