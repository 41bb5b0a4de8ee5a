import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogItem } from '../catalog/item.js';
import type { CatalogResource } from '../catalog/resource.js';
import { currentLanguage } from '../errors/language.js';
import { narrowedScope, readScope } from './bind.js';
import { parseScope } from './parse.js';
import { printScope } from './print.js';
import { scopeColumns, scopeLimits } from './scope.js';

const item = (name: string, column: string, type: CatalogItem['type'], rest: Partial<CatalogItem> = {}) => ({
  name,
  column,
  type,
  ...rest,
});
const resource: CatalogResource = {
  code: 'company',
  name: '企业',
  summary: '',
  department: 'sj',
  attribute: 'basic',
  subject: 'organisation',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items: [
    item('统一社会信用代码', 'uscc', 'C', { key: true }),
    item('行政区划', 'region', 'C', { length: 6, fixedLength: true }),
    item('成立日期', 'founded', 'D'),
    item('登记时间', 'registered', 'T'),
    item('更新时刻', 'changed', 'T', { instant: true }),
    item('注册资本', 'capital', 'N', { precision: 20, scale: 2 }),
    item('人数', 'staff', 'I'),
    item('比例', 'share', 'B'),
    item('在营', 'active', 'L'),
    item('执照', 'licence', 'G'),
    item('in', 'in', 'C'),
    item('备注', 'note-1', 'M'),
    item('内部', 'inner', 'C', { sharing: 'none' }),
    item('同名', 'same1', 'C'),
    item('同名', 'same2', 'C'),
  ],
};
const canonical = (text: string) => printScope(readScope(text, resource));

describe('a row scope', () => {
  it.each([
    ["行政区划 = '441302' and 成立日期 >= 2020-01-01", "region = '441302' and founded >= 2020-01-01"],
    ['人数>=007 AND NOT(在营=true)', 'staff >= 7 and not active = true'],
    ["not (region = '1' or region = '2')", "not (region = '1' or region = '2')"],
    ["region='1' or region='2' and staff=1", "region = '1' or region = '2' and staff = 1"],
    ["(region='1' or region='2') and staff=1", "(region = '1' or region = '2') and staff = 1"],
    ["region='1' and (staff=1 and staff<>2)", "region = '1' and staff = 1 and staff <> 2"],
    ["not not region = '1'", "region = '1'"],
    ["region not in ('1', '2')", "region not in ('1', '2')"],
    ["not region in ('1')", "region not in ('1')"],
    ['执照 is not null', 'licence is not null'],
    [`"in" starts with 'a''b '`, `"in" starts with 'a''b '`],
    [`备注 is null`, `"note-1" is null`],
    ["region = '4413  '", "region = '4413'"],
    ['capital = -0.00', 'capital = 0'],
    ['capital > 9007199254740993.10', 'capital > 9007199254740993.1'],
    ['share < 1e-7', 'share < 1e-7'],
    ['registered > 2020-01-01', "registered > '2020-01-01 00:00:00'"],
    ["changed > '2020-01-01 08:00'", "changed > '2020-01-01 08:00:00+00'"],
    ["founded = '2020-02-29'", 'founded = 2020-02-29'],
  ])('%s is %s', (text, printed) => {
    expect(canonical(text)).toBe(printed);
    expect(canonical(printed)).toBe(printed);
  });

  it.each([
    ['', 1, /missing/],
    ['region', 7, /= <> </],
    ["region = '1", 10, /not closed/],
    ["region = '1' region", 14, /and, or/],
    ["(region = '1'", 14, /\)/],
    ['region = ', 10, /value/],
    ["region（'1')", 7, /ASCII/],
    ['region in ()', 12, /value/],
    ["region = '1'; drop table x", 13, /;/],
    ['region is 1', 11, /null/],
    ["'x' = region", 1, /an item/],
    [`${'('.repeat(17)}staff=1${')'.repeat(17)}`, 17, /deep/],
    [`staff in (${Array(501).fill('1').join(',')})`, 1011, /values/],
    [Array(201).fill('staff=1').join(' or '), 2201, /conditions/],
    [`region = '${'x'.repeat(scopeLimits.characters)}'`, 4011, /characters/],
  ])('refuses %s with the place', (text, at, problem) => {
    const error = thrown(() => readScope(text, resource));
    expect(error).toMatchObject({ code: 'QZ_MODEL_SCOPE_SYNTAX', kind: 'data', details: { at } });
    expect((error.details.problem as { en: string }).en).toMatch(problem);
  });

  it.each([
    ['nowhere = 1', 'QZ_MODEL_SCOPE_ITEM'],
    ["内部 = '1'", 'QZ_MODEL_SCOPE_ITEM'],
    ["同名 = '1'", 'QZ_MODEL_SCOPE_ITEM'],
    ['region = 441302', 'QZ_MODEL_SCOPE_VALUE'],
    ["staff = '1'", 'QZ_MODEL_SCOPE_VALUE'],
    ['staff = 1.5', 'QZ_MODEL_SCOPE_VALUE'],
    ['capital = 1.234', 'QZ_MODEL_SCOPE_VALUE'],
    ['founded = 2020-02-30', 'QZ_MODEL_SCOPE_VALUE'],
    ['active > true', 'QZ_MODEL_SCOPE_VALUE'],
    ["active = 't'", 'QZ_MODEL_SCOPE_VALUE'],
    ["licence = 'x'", 'QZ_MODEL_SCOPE_VALUE'],
    ["staff starts with '1'", 'QZ_MODEL_SCOPE_VALUE'],
  ])('refuses %s as %s', (text, code) => {
    expect(thrown(() => readScope(text, resource))).toMatchObject({ code, kind: 'data' });
  });

  it('names its columns, and two scopes are joined to what is in both', () => {
    expect(scopeColumns(readScope("行政区划 = '1' and (staff = 1 or not region = '2')", resource))).toEqual([
      'region',
      'staff',
    ]);
    expect(narrowedScope(undefined, undefined, resource)).toBeUndefined();
    expect(narrowedScope('人数 = 1', undefined, resource)).toBe('staff = 1');
    expect(narrowedScope('人数 = 1', 'staff = 1', resource)).toBe('staff = 1');
    expect(narrowedScope("staff = 1 or region = '2'", '在营 = true', resource)).toBe(
      "(staff = 1 or region = '2') and active = true",
    );
  });

  it.each([
    ["staff = 1 and region = '2'", "人数 = 1 and 行政区划 = '2' and 在营 = true"],
    ["staff = 1 and region = '2' and active = true", "region = '2' and staff = 1"],
    ["staff = 1 and region = '2'", "active = true and (region = '2' and staff = 1)"],
  ])('%s narrowed by %s has each condition once', (wider, narrower) => {
    expect(narrowedScope(wider, narrower, resource)).toBe("staff = 1 and region = '2' and active = true");
  });

  it('is told in the language of the process', () => {
    expect(thrown(() => parseScope('a = =', 'company')).message).toMatch(
      currentLanguage() === 'zh' ? /应为/ : /value/,
    );
  });

  it('reads back what it prints, whatever the condition', () => {
    fc.assert(
      fc.property(anyText(3), (text) => {
        const once = printScope(parseScope(text, 'company'));
        expect(printScope(parseScope(once, 'company'))).toBe(once);
      }),
    );
  });
});

function thrown(act: () => unknown) {
  try {
    act();
  } catch (error) {
    return error as { code: string; message: string; details: Record<string, unknown> };
  }
  throw new Error('nothing was thrown');
}

/** Conditions as people write them, with more parentheses than they need. */
function anyText(depth: number): fc.Arbitrary<string> {
  const name = fc.constantFrom('region', '行政区划', '"in"', '"a b"', '_x1');
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom("''", 'x', '惠', ' ', '%', '\\'), maxLength: 5 }).map((t) => `'${t}'`),
    fc.constantFrom('1', '-2.50', '1e9', '2020-01-01', 'true', 'FALSE'),
  );
  const predicate = fc.oneof(
    fc
      .tuple(name, fc.constantFrom('=', '<>', '<', '<=', '>', '>='), value)
      .map(([item, sign, constant]) => `${item}${sign}${constant}`),
    fc
      .tuple(name, fc.constantFrom('in', 'not in'), fc.array(value, { minLength: 1, maxLength: 3 }))
      .map(([item, word, constants]) => `${item} ${word} (${constants.join(',')})`),
    fc
      .tuple(name, fc.constantFrom('is null', 'IS NOT NULL', "starts with 'x'"))
      .map(([item, rest]) => `${item} ${rest}`),
  );
  if (depth === 0) return predicate;
  const inner = anyText(depth - 1);
  return fc.oneof(
    predicate,
    inner.map((text) => `(${text})`),
    inner.map((text) => `not (${text})`),
    fc
      .tuple(inner, fc.constantFrom(' and ', ' or '), inner)
      .map(([left, word, right]) => `${left}${word}${right}`),
  );
}
