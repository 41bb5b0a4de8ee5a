import { expect, it } from 'vitest';
import type { CatalogEntry } from '../protocol/catalog-routes.js';
import type { CatalogResource } from './resource.js';
import { summariseCatalog } from './summary.js';

const resource = (code: string, change: Partial<CatalogResource> = {}): CatalogResource => ({
  code,
  name: code,
  summary: '',
  department: 'mz',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items: [{ name: '代码', column: 'code', type: 'C', length: 20, key: true }],
  ...change,
});
const entry = (of: CatalogResource, change: Partial<CatalogEntry> = {}): CatalogEntry => ({
  resource: of,
  publishedBy: 'editor',
  publishedAt: '2026-03-02T02:00:00.000Z',
  versions: [1],
  secrecyReview: null,
  suppliers: ['mz-1'],
  warnings: [],
  ...change,
});
const of = {
  platform: 'huizhou',
  region: '441300',
  asOf: '2026-03-03T00:00:00.000Z',
  departments: [
    { id: 'mz', name: '民政局', uscc: '91350100M000100Y43' },
    { id: 'sw', name: '税务局' },
  ],
};
const summary = (...entries: CatalogEntry[]) => summariseCatalog(entries, of, JSON.stringify);

it('R019 a catalog is summarised for the level above: all of it, whose it is, and what has changed', () => {
  const waiver = { upper: '省登记' } as NonNullable<CatalogEntry['waiver']>;
  const county = resource('b', { region: '441302', sharing: 'conditional', attribute: 'basic' });
  const told = summary(entry(county, { waiver }), entry(resource('a')));
  expect(told).toMatchObject({
    region: '441300',
    level: 'city',
    totals: {
      resources: 2,
      items: 2,
      sharing: { unconditional: 1, conditional: 1, none: 0 },
      attribute: { basic: 1, theme: 0, department: 1 },
    },
    departments: [{ id: 'mz', resources: 2 }],
    resources: [
      { code: 'a', region: '441300', updateCycle: 'daily', items: 1 },
      { code: 'b', region: '441302', reportedAs: '省登记' },
    ],
  });
  expect(summary(entry(resource('a')), entry(county, { waiver }))).toEqual(told);
});

it('R019 what changed since the summary before does not go by unseen, and what is not the level’s above does not go up', () => {
  const before = summary(entry(resource('a')));
  const items = [...resource('a').items, { name: '值', column: 'value', type: 'C', length: 5 } as const];
  const after = summary(entry(resource('a', { items })));
  expect(after.resources[0]!.digest).not.toBe(before.resources[0]!.digest);
  expect(summary(entry(resource('a'), { publishedBy: 'other' }))).toEqual(before);
  expect(Object.keys(before.resources[0]!)).not.toContain('suppliers');
});
