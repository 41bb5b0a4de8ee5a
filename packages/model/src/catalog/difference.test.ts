import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSchemas } from './difference.js';
import type { CatalogItem } from './item.js';
import type { CatalogResource } from './resource.js';

const id: CatalogItem = { name: '代码', column: 'id', type: 'C', length: 20, key: true };
const value: CatalogItem = { name: '值', column: 'value', type: 'C', length: 20 };
const amount: CatalogItem = { name: '金额', column: 'amount', type: 'N', precision: 10, scale: 2 };
const resource = (...items: CatalogItem[]): CatalogResource => ({
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
});
const before = resource(id, value, amount);
const changed = (change: Partial<CatalogItem>, from: CatalogItem = value) =>
  compareSchemas(resource(id, from), resource(id, { ...from, ...change }));
const codes = (change: ReturnType<typeof compareSchemas>) => change.changes.map((c) => `${c.code} ${c.item}`);

describe('compareSchemas', () => {
  it('finds nothing between equal versions, whatever the options', () => {
    const item = fc.record(
      {
        length: fc.integer({ min: 1 }),
        required: fc.boolean(),
        pattern: fc.string(),
        min: fc.string(),
        schemes: fc.constant<CatalogItem['schemes']>(['uscc']),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(item, (options) => {
        const one = resource(id, { ...value, ...options });
        expect(compareSchemas(one, structuredClone(one))).toEqual({ changes: [], keepsEpoch: true });
      }),
    );
  });

  it.each<[string, ReturnType<typeof compareSchemas>, string]>([
    [
      'adding an optional item',
      compareSchemas(before, resource(id, value, { ...value, column: 'new' }, amount)),
      'ADDED new',
    ],
    ['a longer text', changed({ length: 30 }), 'WIDENED value'],
    ['a length dropped', changed({ length: undefined }), 'WIDENED value'],
    ['more digits', changed({ precision: 12 }, amount), 'WIDENED amount'],
    ['a lower min', changed({ min: '-10.5' }, { ...amount, min: '9' }), 'WIDENED amount'],
    ['no longer required', changed({ required: false }, { ...value, required: true }), 'RELEASED value'],
    [
      'one scheme more',
      changed({ schemes: ['regNo', 'uscc'] }, { ...value, schemes: ['uscc'] }),
      'WIDENED value',
    ],
    ['flag instead of quarantine', changed({ onInvalid: 'flag' }), 'WIDENED value'],
    ['another name', changed({ name: '新值' }), 'DESCRIBED value'],
    ['another sharing type', changed({ sharing: 'conditional' }), 'DESCRIBED value'],
  ])('%s keeps the epoch', (_title, change, code) => {
    expect(codes(change)).toEqual([code]);
    expect(change.keepsEpoch).toBe(true);
  });

  it.each<[string, ReturnType<typeof compareSchemas>, string]>([
    ['removing', compareSchemas(before, resource(id, amount)), 'REMOVED value'],
    [
      'adding a required item',
      compareSchemas(before, resource(id, value, amount, { ...value, column: 'new', required: true })),
      'ADDED_REQUIRED new',
    ],
    ['reordering', compareSchemas(before, resource(id, amount, value)), 'REORDERED amount'],
    ['another type', changed({ type: 'M' }), 'RETYPED value'],
    ['another scale, which pads otherwise', changed({ scale: 3 }, amount), 'RETYPED amount'],
    ['fixed length, which trims', changed({ fixedLength: true }), 'RETYPED value'],
    ['becoming a key', changed({ key: true }), 'REKEYED value'],
    ['leaving the key', changed({ key: false }, { ...value, key: true }), 'REKEYED value'],
    ['requiring', changed({ required: true }), 'REQUIRED value'],
    ['a shorter text', changed({ length: 10 }), 'NARROWED value'],
    ['a first max', changed({ max: '5' }, amount), 'NARROWED amount'],
    ['a higher min, compared as numbers', changed({ min: '10' }, { ...amount, min: '9' }), 'NARROWED amount'],
    ['another pattern', changed({ pattern: 'b' }, { ...value, pattern: 'a' }), 'NARROWED value'],
    [
      'a scheme less',
      changed({ schemes: ['uscc'] }, { ...value, schemes: ['regNo', 'uscc'] }),
      'NARROWED value',
    ],
    [
      'quarantine instead of flag',
      changed({ onInvalid: 'quarantine' }, { ...value, onInvalid: 'flag' }),
      'NARROWED value',
    ],
  ])('%s opens a new epoch', (_title, change, code) => {
    expect(codes(change)).toEqual([code]);
    expect(change.keepsEpoch).toBe(false);
  });

  it('compares the codes behind a code table, not its labels', () => {
    const coded = (table: Record<string, string>) => ({
      ...resource(id, { ...value, codeTable: 't' }),
      codeTables: { t: table },
    });
    expect(compareSchemas(coded({ 1: '男' }), coded({ 1: '男性' })).changes).toEqual([]);
    expect(compareSchemas(coded({ 1: '男' }), coded({ 1: '男', 2: '女' })).keepsEpoch).toBe(true);
    expect(compareSchemas(coded({ 1: '男', 2: '女' }), coded({ 2: '女' })).keepsEpoch).toBe(false);
  });

  it('reads well in both languages', () => {
    const [line] = changed({ length: 10 }).changes;
    expect(line?.texts).toEqual({
      zh: 'value 的数据长度(length)收窄:20 → 10',
      en: 'length of value narrowed: 20 → 10',
    });
  });

  it('stays cautious where a bound is no value at all', () => {
    expect(changed({ min: 'x' }, { ...amount, min: 'y' }).keepsEpoch).toBe(false);
  });
});
