import { describe, expect, it } from 'vitest';
import type { CatalogItem } from './item.js';
import type { CatalogResource } from './resource.js';
import { compareTable, type TableColumn, type TableSide } from './table-comparison.js';

const items: CatalogItem[] = [
  { name: '代码', column: 'code', type: 'C', length: 18, key: true },
  { name: '资本', column: 'capital', type: 'N', precision: 18, scale: 6 },
  { name: '日期', column: 'day', type: 'D' },
];
const resource: CatalogResource = {
  code: 'r',
  name: 'r',
  summary: '',
  department: 'd',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items,
};
const table: TableColumn[] = [
  { name: 'code', type: 'C', length: 18, nullable: false },
  { name: 'capital', type: 'N', precision: 18, scale: 6, nullable: true },
  { name: 'day', type: 'D', length: null, nullable: true },
];
const with_ = (name: string, change: Partial<TableColumn>) =>
  table.map((c) => (c.name === name ? { ...c, ...change } : c));
const found = (columns: readonly TableColumn[], side: TableSide = 'source', mapping = {}) =>
  compareTable(resource, columns, mapping, side).map((f) => `${f.level} ${f.code} ${f.item}`);

describe('compareTable', () => {
  it('finds nothing where the table fits, more columns included', () => {
    expect(found([...table, { name: 'extra', type: 'G' }])).toEqual([]);
    expect(found(table, 'target')).toEqual([]);
  });

  it('names a missing column, and one that differs in letter case', () => {
    expect(found(table.slice(1))).toEqual(['error COLUMN_MISSING code']);
    expect(found(with_('code', { name: 'CODE' }))).toEqual(['error COLUMN_CASE code']);
    expect(found(with_('code', { name: 'TYSHXYDM' }), 'source', { code: 'TYSHXYDM' })).toEqual([]);
  });

  it('stops at a type that cannot fit and warns of one that fits by content', () => {
    expect(found(with_('day', { type: 'G' }))).toEqual(['error TYPE_MISFIT day']);
    expect(found(with_('day', { type: 'C' }))).toEqual(['warning TYPE_CHECKED day']);
    expect(found(with_('day', { type: null }))).toEqual(['warning TYPE_CHECKED day']);
    expect(found(with_('day', { type: 'C' }), 'target')).toEqual([]);
    expect(found(with_('capital', { type: 'D' }))).toEqual(['error TYPE_MISFIT capital']);
  });

  it('a narrower source is a warning, a narrower target an error', () => {
    expect(found(with_('code', { length: 15 }))).toEqual(['warning SOURCE_NARROWER code']);
    expect(found(with_('code', { length: 15 }), 'target')).toEqual(['error TARGET_NARROWER code']);
    expect(found(with_('capital', { scale: 2 }), 'target')).toEqual(['error TARGET_NARROWER capital']);
  });

  it('counts the digits before the point, which a larger scale takes away', () => {
    expect(found(with_('capital', { precision: 20, scale: 9 }), 'target')).toEqual([
      'error TARGET_NARROWER capital',
    ]);
  });

  it('a target column that takes no null needs a required item', () => {
    expect(found(with_('day', { nullable: false }), 'target')).toEqual(['error TARGET_NOT_NULL day']);
    expect(found(with_('day', { nullable: false }))).toEqual([]);
  });
});
