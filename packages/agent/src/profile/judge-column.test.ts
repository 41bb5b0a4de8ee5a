import { citizenIdFrom, orgCodeFrom, usccFrom } from '@qianzhi/model';
import type { ColumnDescription } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { countColumn } from './column-profile.js';
import { draftCodes, labelsIn } from './draft-codes.js';
import { judgeColumn } from './judge-column.js';

const column = (name: string, comment: string | null = null): ColumnDescription => ({
  name,
  comment,
  nativeType: 'varchar(30)',
  type: 'C',
  length: 30,
  precision: null,
  scale: null,
  nullable: true,
});
const profileOf = (values: readonly (string | null)[]) => {
  const counter = countColumn();
  for (const value of values) counter.add(value);
  return counter.result();
};
const many = (value: (n: number) => string | null, count = 40) =>
  Array.from({ length: count }, (_, n) => value(n));
const ids = many((n) => citizenIdFrom('441302', '1990-01-02', n));

describe('a column judged', () => {
  it.each<[string, string, readonly (string | null)[], string | undefined, string | undefined]>([
    ['an ID number by its values', 'a1', ids, 'citizenId', 'sensitive'],
    [
      'a USCC by its values',
      'a1',
      many((n) => usccFrom('91', '441300', String(10_000_000 + n))),
      'uscc',
      undefined,
    ],
    [
      'an organisation code by its values',
      'a1',
      many((n) => orgCodeFrom(String(10_000_000 + n))),
      'orgCode',
      undefined,
    ],
    ['a mobile number by its values', 'a1', many((n) => `1380000${1000 + n}`), undefined, 'personal'],
    ['an ID number by its name alone', 'sfzh', [], 'citizenId', 'sensitive'],
    ['named so, some wrong', 'sfzh', ids.map((id, n) => (n % 2 ? id : 'x')), 'citizenId', 'sensitive'],
    ['named so, all wrong: no check is set', 'sfzh', many((n) => `x${n}`), undefined, 'sensitive'],
    ['a person by the name of the column', 'xm', many((n) => `n${n}`), undefined, 'personal'],
    ['an ordinary column', 'code', many((n) => `${n}`), undefined, undefined],
    ['too few values to say', 'a1', ids.slice(0, 3), undefined, undefined],
    ['mostly other values', 'a1', [...ids.slice(0, 20), ...many((n) => `x${n}`)], undefined, undefined],
  ])('%s', (_, name, values, scheme, sensitivity) => {
    expect(judgeColumn(column(name), profileOf(values))).toMatchObject({ scheme, sensitivity });
  });

  it('goes by the comment, too, and counts what fails the check', () => {
    const judged = judgeColumn(column('c1', '公民身份号码'), profileOf([...ids, 'wrong', null, '']));
    expect(judged).toMatchObject({ scheme: 'citizenId', invalid: 1 });
    expect(JSON.stringify(judged.reasons)).not.toContain('wrong');
  });

  it('does not take an order number for an ID number', () => {
    expect(judgeColumn(column('id'), profileOf(many((n) => `${n}`)))).toMatchObject({
      sensitivity: undefined,
    });
  });
});

describe('a code table drafted', () => {
  it('where few short values come again and again', () => {
    const profile = profileOf(many((n) => (n % 2 ? '01' : '02')));
    expect(draftCodes(column('lx'), profile)?.codes).toEqual({ '01': '', '02': '' });
    expect(draftCodes(column('zt'), profileOf(many((n) => (n % 2 ? '在用' : '停用'))))?.codes).toEqual({
      停用: '停用',
      在用: '在用',
    });
  });

  it('with the meanings of the comment, and codes the sample missed', () => {
    const profile = profileOf(many((n) => (n % 2 ? '1' : '2')));
    expect(draftCodes(column('xb', '性别:1男 2女 9未说明'), profile)?.codes).toEqual({
      1: '男',
      2: '女',
      9: '未说明',
    });
  });

  it.each([
    ['a value more than codes are', many((n) => (n === 0 ? 'a value that is longer than a code' : 'b'))],
    ['as many values as rows', many((n) => `${n}`)],
    ['one value only', many(() => 'a')],
    ['few rows', many((n) => (n % 2 ? 'a' : 'b'), 10)],
    ['an empty text among them', many((n) => (n % 2 ? 'a' : ''))],
    ['nothing sampled', []],
  ])('not for %s', (_, values) => {
    expect(draftCodes(column('c'), profileOf(values))).toBeUndefined();
  });

  it.each([
    ['性别:1男2女', { 1: '男', 2: '女' }],
    ['状态(0-停用,1-启用)', { 0: '停用', 1: '启用' }],
    ['类型 A:企业;B:个体', { A: '企业', B: '个体' }],
    ['名称', {}],
  ])('reads %s', (comment, labels) => {
    expect(Object.fromEntries(labelsIn(comment))).toEqual(labels);
  });
});

it('a profile keeps memory flat and says where it stopped counting', () => {
  const profile = profileOf(many((n) => `${n}`, 10_500));
  expect(profile).toMatchObject({ rows: 10_500, distinct: 10_000, distinctAtLeast: true, codes: undefined });
});
