import type { CatalogItem } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import type { SqlColumn } from '../database/table.js';
import { fitSqlColumn } from './fit-column.js';

const column = (facts: Partial<SqlColumn> & Pick<SqlColumn, 'family'>): SqlColumn => ({
  name: 'c',
  nativeType: 'x',
  baseType: 'x',
  length: null,
  precision: null,
  scale: null,
  fraction: 3,
  required: false,
  hasDefault: false,
  generated: false,
  large: false,
  collation: null,
  comment: null,
  ...facts,
});
const item = (facts: Partial<CatalogItem> & Pick<CatalogItem, 'type'>): CatalogItem => ({
  name: '',
  column: 'c',
  ...facts,
});
const fitted = (to: SqlColumn, from: CatalogItem, text: string) => {
  const fit = fitSqlColumn(from, to, 'Asia/Shanghai');
  if (!fit) return 'no such column';
  const value = fit.rule ? fit.rule(text) : text;
  return value !== null && typeof value === 'object' ? value.reason : value;
};

describe('a value for a column', () => {
  it.each([
    [
      'decimal of two digits',
      column({ family: 'decimal', scale: 2 }),
      item({ type: 'N', scale: 2 }),
      '1.50',
      '1.50',
    ],
    [
      'decimal of two digits',
      column({ family: 'decimal', scale: 2 }),
      item({ type: 'N' }),
      '1.239',
      'not-exact',
    ],
    [
      'decimal without a scale',
      column({ family: 'decimal' }),
      item({ type: 'N' }),
      `${'9'.repeat(38)}`,
      '9'.repeat(38),
    ],
    [
      'decimal without a scale',
      column({ family: 'decimal' }),
      item({ type: 'N' }),
      `1${'0'.repeat(37)}1`,
      'not-exact',
    ],
    ['decimal', column({ family: 'decimal', scale: 0 }), item({ type: 'L' }), 't', '1'],
    [
      'decimal',
      column({ family: 'decimal', scale: 2 }),
      item({ type: 'N', allow: ['nan'] }),
      'NaN',
      'not-exact',
    ],
    ['double', column({ family: 'double' }), item({ type: 'B' }), '-0', 'not-exact'],
    ['double', column({ family: 'double' }), item({ type: 'N' }), '0.1', '0.1'],
    ['double', column({ family: 'double' }), item({ type: 'N' }), '12345678901234567.1', 'not-exact'],
    ['single', column({ family: 'single' }), item({ type: 'F' }), '0.1', '0.1'],
    ['single', column({ family: 'single' }), item({ type: 'B' }), '0.30000000000000004', 'not-exact'],
    ['date', column({ family: 'date' }), item({ type: 'D' }), '0000-00-00', 'not-exact'],
    ['date', column({ family: 'date' }), item({ type: 'T' }), '2026-01-01 00:00:00', '2026-01-01'],
    ['date', column({ family: 'date' }), item({ type: 'T' }), '2026-01-01 08:00:00', 'not-exact'],
    ['wall clock', column({ family: 'wall' }), item({ type: 'T' }), '2026-01-01 08:00:00.1234', 'not-exact'],
    [
      'wall clock',
      column({ family: 'wall' }),
      item({ type: 'T', instant: true }),
      '2026-01-01 00:00:00+00',
      '2026-01-01 08:00:00',
    ],
    [
      'wall clock',
      column({ family: 'wall', fraction: 0 }),
      item({ type: 'D' }),
      '2026-01-01',
      '2026-01-01 00:00:00',
    ],
    [
      'instant',
      column({ family: 'instant' }),
      item({ type: 'T' }),
      '2026-01-01 08:00:00.5',
      '2026-01-01 00:00:00.5+00',
    ],
    ['fixed text', column({ family: 'char', length: 3 }), item({ type: 'C' }), 'a ', 'not-exact'],
    ['text', column({ family: 'text', length: 2 }), item({ type: 'C' }), '𠮷𠮷', '𠮷𠮷'],
    ['text', column({ family: 'text', length: 2 }), item({ type: 'C' }), 'abc', 'too-long'],
    ['UUID', column({ family: 'guid' }), item({ type: 'C' }), 'no uuid', 'type'],
    ['bytes', column({ family: 'binary' }), item({ type: 'C' }), 'x', 'no such column'],
  ])('%s: %#', (_name, to, from, text, expected) => {
    expect(fitted(to, from, text)).toBe(expected);
  });
});
