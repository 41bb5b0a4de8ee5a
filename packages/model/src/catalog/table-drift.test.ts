import { describe, expect, it } from 'vitest';
import type { CatalogResource } from './resource.js';
import { type DriftingTable, tableDrift } from './table-drift.js';

const resource: CatalogResource = {
  code: 'firm',
  name: '企业',
  summary: '',
  department: 'mz',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items: [
    { name: '代码', column: 'code', type: 'C', length: 18, key: true },
    { name: '名称', column: 'name', type: 'C', length: 60 },
    { name: '资本', column: 'capital', type: 'N', precision: 18, scale: 2 },
    { name: '日期', column: 'day', type: 'D' },
  ],
};
const table: DriftingTable = {
  columns: [
    { name: 'code', type: 'C', length: 18, nullable: false },
    { name: 'name', type: 'C', length: 60, nullable: true },
    { name: 'capital', type: 'N', precision: 18, scale: 2, nullable: true },
    { name: 'day', type: 'D', nullable: true },
  ],
  primaryKey: ['code'],
};
type Column = DriftingTable['columns'][number];
const changed = (name: string, change: Partial<Column>): DriftingTable => ({
  ...table,
  columns: table.columns.map((column) => (column.name === name ? { ...column, ...change } : column)),
});
const without = (name: string, ...more: Column[]): DriftingTable => ({
  ...table,
  columns: [...table.columns.filter((column) => column.name !== name), ...more],
});
const found = (
  now: DriftingTable,
  ...rest: [mapping?: Record<string, string>, side?: 'source' | 'target', constant?: string[]]
) =>
  tableDrift(resource, now, ...rest).map(
    ({ code, level, item }) => `${level} ${code}${item ? ` ${item}` : ''}`,
  );

describe('drift of a table', () => {
  it.each<[string, DriftingTable, string[]]>([
    ['none where it fits', table, []],
    ['a column more', without('', { name: 'note', type: 'M' }), ['warning ADDED']],
    ['a column less', without('day'), ['error DROPPED day']],
    ['a column of another case', changed('name', { name: 'NAME' }), ['error RENAMED name']],
    [
      'a column whose comment is the item',
      without('name', { name: 'mc', type: 'M', comment: '名称(全称)' }, { name: 'x' }),
      ['error RENAMED name', 'warning ADDED'],
    ],
    [
      'the only one gone and the only one more',
      without('day', { name: 'rq', type: 'D' }),
      ['error RENAMED day'],
    ],
    [
      'the only one gone of its type and size',
      without('name', { name: 'a', type: 'C', length: 60 }, { name: 'b', type: 'C', length: 9 }),
      ['error RENAMED name', 'warning ADDED'],
    ],
    [
      'not where two may be it',
      without('day', { name: 'a', type: 'D' }, { name: 'b', type: 'D' }),
      ['error DROPPED day', 'warning ADDED', 'warning ADDED'],
    ],
    [
      'not where the type is another',
      without('day', { name: 'rq', type: 'G' }),
      ['error DROPPED day', 'warning ADDED'],
    ],
    ['another type that cannot fit', changed('day', { type: 'G' }), ['error RETYPED day']],
    ['another type that may fit', changed('day', { type: 'C' }), ['warning RETYPED day']],
    ['a shorter column', changed('name', { length: 30 }), ['warning NARROWED name']],
    ['a longer column', changed('name', { length: 100 }), ['warning WIDENED name']],
    [
      'more digits',
      changed('capital', { precision: 20, scale: 4 }),
      ['warning WIDENED capital', 'warning WIDENED capital'],
    ],
    ['another key', { ...table, primaryKey: ['code', 'day'] }, ['warning REKEYED']],
    [
      "a key of the table's own is none",
      { ...without('', { name: 'id', type: 'I' }), primaryKey: ['id'] },
      ['warning ADDED'],
    ],
    ['no key at all is none', { ...table, primaryKey: [] }, []],
  ])('%s', (_, now, expected) => {
    expect(found(now)).toEqual(expected);
  });

  it('goes by the mapping, and asks no column for a constant', () => {
    expect(found(changed('name', { name: 'mc' }), { name: 'mc' })).toEqual([]);
    expect(found(without('day'), {}, 'source', ['day'])).toEqual([]);
  });

  it('leaves a target its own columns and key', () => {
    const own = { ...without('', { name: 'loaded_at', type: 'T' as const }), primaryKey: ['name'] };
    expect(found(own, {}, 'target')).toEqual([]);
    expect(found(changed('name', { length: 30 }), {}, 'target')).toEqual(['error NARROWED name']);
    expect(found(changed('name', { nullable: false }), {}, 'target')).toEqual(['error REQUIRED name']);
  });

  it('is told in both languages without an unfilled place', () => {
    const all = [
      without('day', { name: 'note', type: 'M' }),
      changed('name', { name: 'NAME' }),
      changed('name', { length: 99 }),
    ];
    for (const { texts } of all.flatMap((now) =>
      tableDrift(resource, { ...now, primaryKey: ['code', 'name'] }),
    )) {
      expect(texts.zh).toMatch(/\p{Script=Han}/u);
      expect(texts.en).not.toMatch(/\p{Script=Han}|\{/u);
    }
  });
});
