import { describe, expect, it } from 'vitest';
import { checkResource } from './checks.js';
import { type QueryService, queriesGrew } from './query-service.js';
import type { CatalogResource } from './resource.js';

const service: QueryService = {
  name: 'by-code',
  summary: '',
  parameters: [{ name: 'code', item: 'code', required: true }],
  items: ['code', 'name'],
  maxRows: 10,
};
const here: QueryService = { ...service, answeredBy: 'platform' };
const entry = (queries: QueryService[], more: Partial<CatalogResource> = {}): CatalogResource => ({
  code: 'village',
  name: '区划',
  summary: '',
  department: 'mz',
  attribute: 'basic',
  subject: 'place',
  sharing: 'unconditional',
  openness: 'open',
  updateCycle: 'yearly',
  schemaVersion: 1,
  items: [
    { name: '代码', column: 'code', type: 'C', length: 12, key: true },
    { name: '名称', column: 'name', type: 'C', length: 60 },
    { name: '图', column: 'map', type: 'G' },
  ],
  queries,
  ...more,
});
const codes = (resource: CatalogResource) =>
  checkResource(resource, { police: false }).map(({ code }) => code);

describe('query services of an entry', () => {
  it('are right as they should be', () => {
    expect(codes(entry([service, { ...here, name: 'here' }]))).toEqual([]);
  });

  it.each<[string, QueryService[]]>([
    ['QUERY_REPEATED', [service, service]],
    ['QUERY_ITEM_UNKNOWN', [{ ...service, items: ['code', 'other'] }]],
    ['QUERY_ITEM_UNKNOWN', [{ ...service, parameters: [{ name: 'x', item: 'other', required: true }] }]],
    [
      'QUERY_PARAMETER_REPEATED',
      [{ ...service, parameters: [...service.parameters, ...service.parameters] }],
    ],
    ['QUERY_PARAMETER_TYPE', [{ ...service, parameters: [{ name: 'x', required: true }] }]],
    [
      'QUERY_PARAMETER_TYPE',
      [{ ...service, parameters: [{ name: 'x', item: 'code', type: 'C', required: true }] }],
    ],
    ['QUERY_PARAMETER_LENGTH', [{ ...service, parameters: [{ name: 'x', type: 'C', required: true }] }]],
    ['QUERY_PARAMETER_BINARY', [{ ...service, parameters: [{ name: 'x', item: 'map', required: true }] }]],
    ['QUERY_PLATFORM_KEY', [{ ...here, parameters: [{ name: 'name', item: 'name', required: true }] }]],
    ['QUERY_PLATFORM_KEY', [{ ...here, parameters: [{ name: 'code', item: 'code', required: false }] }]],
    [
      'QUERY_PLATFORM_KEY',
      [{ ...here, parameters: [...here.parameters, { name: 'n', type: 'I', required: false }] }],
    ],
    ['QUERY_PARAMETER_NONE', [{ ...service, parameters: [] }]],
  ])('%s', (code, queries) => {
    expect(codes(entry(queries))).toContain(code);
  });

  it('belong to rows, not to files', () => {
    const files = entry([service], {
      content: 'files',
      items: [{ name: '图', column: 'map', type: 'G', length: 9 }],
    });
    expect(codes(files)).toContain('QUERY_ON_FILES');
  });
});

describe('a new secrecy review', () => {
  const optional = { ...service, parameters: [{ name: 'code', item: 'code', required: false }] };
  it.each<[string, QueryService]>([
    ['another service', { ...service, name: 'other' }],
    ['more items', { ...service, items: ['code', 'name', 'map'] }],
    ['another who answers', here],
    ['more rows', { ...service, maxRows: 11 }],
    ['fewer required parameters', optional],
    ['another item to ask by', { ...service, parameters: [{ name: 'code', item: 'name', required: true }] }],
  ])('is needed for %s', (_, after) => {
    expect(queriesGrew([service], [after])).toBe(true);
  });

  it.each<[string, QueryService[]]>([
    ['none', []],
    ['fewer items', [{ ...service, items: ['name'] }]],
    ['fewer rows', [{ ...service, maxRows: 1 }]],
    ['other words', [{ ...service, summary: '按代码' }]],
  ])('is not needed for %s', (_, after) => {
    expect(queriesGrew([service], after)).toBe(false);
  });

  it('is not needed where more has to be known', () => {
    expect(queriesGrew([optional], [service])).toBe(false);
  });
});
