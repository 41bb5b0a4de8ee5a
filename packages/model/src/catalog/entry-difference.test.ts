import { expect, it } from 'vitest';
import { compareEntries } from './entry-difference.js';
import type { CatalogItem } from './item.js';
import type { CatalogResource } from './resource.js';

const code: CatalogItem = { name: '代码', column: 'code', type: 'C', length: 20, key: true };
const value: CatalogItem = { name: '值', column: 'value', type: 'C', length: 20 };
const before: CatalogResource = {
  code: 'sample',
  name: '样例信息',
  summary: '',
  department: 'mz',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items: [code, value],
};
const zh = (after: CatalogResource) => compareEntries(before, after).map((change) => change.zh);
const en = (after: CatalogResource) => compareEntries(before, after).map((change) => change.en);

it('no difference is none, whatever the platform numbers and in whatever order names stand', () => {
  const { code: own, ...rest } = before;
  expect(compareEntries(before, { ...rest, code: own, schemaVersion: 7 })).toEqual([]);
});

it('says in words what became of each field, in both languages', () => {
  const after: CatalogResource = {
    ...before,
    sharing: 'conditional',
    openness: 'conditional',
    updateCycle: 'monthly',
    legalBasis: [{ kind: 'law', title: '某法', article: '第一条' }],
    sharingModes: [{ by: 'platform', as: 'database' }],
  };
  expect(zh(after)).toEqual([
    '共享类型:无条件共享 → 有条件共享',
    '开放属性:非开放 → 有条件开放',
    '更新周期:每日 → 每月',
    '依据:(无) → 法律 某法 第一条',
    '共享方式:(无) → 共享平台 数据库',
    'code 的共享类型(sharing):无条件共享 → 有条件共享',
    'value 的共享类型(sharing):无条件共享 → 有条件共享',
  ]);
  expect(en(after).slice(0, 2)).toEqual([
    'sharing type: unconditional → conditional',
    'openness: closed → conditional',
  ]);
});

it('names each property of an item in Chinese, the name that files write beside it, and its value in words', () => {
  const other: CatalogItem = {
    ...value,
    type: 'M',
    fixedLength: true,
    sensitivity: 'personal',
    pattern: 'true',
  };
  const after = { ...before, items: [code, other] };
  expect(zh(after)).toEqual([
    'value 的数据类型(type)由 字符型 C 改为 备注型 M',
    'value 的定长(fixedLength)由 否 改为 是',
    'value 的格式(正则)(pattern)收窄:(无) → true',
    'value 的敏感性(sensitivity):(无) → 个人信息',
  ]);
  expect(en(after)[0]).toBe('type of value: C → M');
});

it('tells of items: added, removed, changed, and what only the catalog says of them', () => {
  const address: CatalogItem = { name: '地址', column: 'address', type: 'C', length: 9 };
  const after = { ...before, items: [code, { ...value, responsible: 'sw' }, address] };
  expect(compareEntries(before, after)).toEqual([
    { field: 'items', item: 'address', zh: '新增可选项 address(地址)', en: 'optional item address added' },
    {
      field: 'responsible',
      item: 'value',
      zh: 'value 的责任部门:(无) → sw',
      en: 'responsible organ of value: (none) → sw',
    },
  ]);
});
