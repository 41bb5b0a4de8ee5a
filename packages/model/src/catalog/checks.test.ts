import { describe, expect, it } from 'vitest';
import { checkResource } from './checks.js';
import type { CatalogItem } from './item.js';
import type { CatalogResource } from './resource.js';

const code: CatalogItem = { name: '代码', column: 'code', type: 'C', length: 20, key: true };
const base: CatalogResource = {
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
  items: [code],
};

const withItem = (item: Partial<CatalogItem>, change: Partial<CatalogResource> = {}): CatalogResource => ({
  ...base,
  ...change,
  items: [code, { name: '值', column: 'value', type: 'C', length: 20, ...item } as CatalogItem],
});
const numeric = (item: Partial<CatalogItem>) => withItem({ length: undefined, type: 'N', ...item });
const about = (subject: CatalogResource['subject'], ...items: CatalogItem[]): CatalogResource => ({
  ...base,
  subject,
  items,
});
const found = (resource: CatalogResource, police = false) =>
  checkResource(resource, { police }).map((f) => `${f.level} ${f.code}${f.item ? ` ${f.item}` : ''}`);

/** rule, a resource that keeps it, one that breaks it, what is found then */
const rules: readonly [title: string, kept: CatalogResource, broken: CatalogResource, finding: string][] = [
  [
    'columns differ, letter case not counted',
    withItem({ column: 'value' }),
    withItem({ column: 'CODE' }),
    'error DUPLICATE_COLUMN CODE',
  ],
  [
    'names differ by more than spaces',
    withItem({ name: '代码二' }),
    withItem({ name: '代\u3000码 ' }),
    'error DUPLICATE_NAME value',
  ],
  [
    'a resource is not named after a system',
    base,
    { ...base, name: '婚姻登记管理系统' },
    'warning SYSTEM_NAME',
  ],
  [
    'a numeric item has no unit in its name',
    numeric({ name: '注册资本' }),
    numeric({ name: '注册资本(万元)' }),
    'warning UNIT_IN_NAME value',
  ],
  [
    'the same with full-width brackets',
    withItem({ name: '面积(平方米)' }),
    numeric({ name: '面积(平方米)' }),
    'warning UNIT_IN_NAME value',
  ],
  ['there is a key', base, { ...base, items: [{ ...code, key: false }] }, 'warning NO_KEY'],
  [
    'a key item is required',
    base,
    { ...base, items: [{ ...code, required: false }] },
    'warning KEY_REQUIRED code',
  ],
  ['C has a length', base, withItem({ length: undefined }), 'error LENGTH_MISSING value'],
  ['length is for C and G', withItem({ type: 'G' }), withItem({ type: 'I' }), 'warning LENGTH_UNUSED value'],
  [
    'precision is for N and Y',
    numeric({ precision: 5 }),
    withItem({ precision: 5 }),
    'error OPTION_MISPLACED value',
  ],
  [
    'scale is for N and Y',
    numeric({ type: 'Y', scale: 2 }),
    numeric({ type: 'I', scale: 2 }),
    'error OPTION_MISPLACED value',
  ],
  [
    'scale is at most precision',
    numeric({ precision: 5, scale: 5 }),
    numeric({ precision: 5, scale: 6 }),
    'error SCALE_OVER_PRECISION value',
  ],
  ['min is for ordered types', numeric({ min: '0' }), withItem({ min: '0' }), 'error OPTION_MISPLACED value'],
  [
    'max is for ordered types',
    numeric({ max: '0' }),
    numeric({ type: 'L', max: '0' }),
    'error OPTION_MISPLACED value',
  ],
  [
    'min is at most max, exactly',
    numeric({ min: '-0.5', max: '9007199254740993.00' }),
    numeric({ min: '9007199254740993', max: '9007199254740992.9' }),
    'error MIN_OVER_MAX value',
  ],
  [
    'dates are bounded in order',
    numeric({ type: 'D', min: '1949-10-01', max: '2100-01-01' }),
    numeric({ type: 'D', min: '2100-01-01', max: '1949-10-01' }),
    'error MIN_OVER_MAX value',
  ],
  [
    'a pattern compiles',
    withItem({ pattern: '\\d{4}' }),
    withItem({ pattern: '(' }),
    'error PATTERN_BROKEN value',
  ],
  [
    'a code table is defined',
    withItem({ codeTable: 't' }, { codeTables: { t: { 1: '男' } } }),
    withItem({ codeTable: 'constructor' }),
    'error CODE_TABLE_UNKNOWN value',
  ],
  [
    'idTypeColumn is another item',
    withItem({ idTypeColumn: 'code' }),
    withItem({ idTypeColumn: 'value' }),
    'error ID_TYPE_COLUMN_UNKNOWN value',
  ],
  [
    'R025: a conditional resource states its condition',
    { ...base, sharing: 'conditional', sharingCondition: '办理业务' },
    { ...base, sharing: 'conditional', sharingCondition: ' ' },
    'error CONDITION_MISSING',
  ],
  [
    'R025: so does one with a conditional item',
    withItem({ sharing: 'conditional' }, { sharingCondition: '办理业务' }),
    withItem({ sharing: 'conditional' }),
    'error CONDITION_MISSING',
  ],
  [
    'R021: a resource not shared states its basis',
    { ...base, sharing: 'none', sharingCondition: '某法第1条' },
    { ...base, sharing: 'none' },
    'warning LEGAL_BASIS_MISSING',
  ],
  [
    'R026: a basic item is unconditional',
    withItem({ basic: true, sharing: 'unconditional' }),
    withItem({ basic: true, sharing: 'none' }),
    'error BASIC_NOT_UNCONDITIONAL value',
  ],
];

describe('checkResource', () => {
  it.each(rules)('%s', (_title, kept, broken, finding) => {
    expect(found(kept)).toEqual([]);
    expect(found(broken)).toEqual([finding]);
  });

  it.each([
    ['I', '01'],
    ['I', '-0'],
    ['I', '1.0'],
    ['N', '-0.00'],
    ['N', '1e3'],
    ['N', '1.234'],
    ['N', '.5'],
    ['B', '1e999'],
    ['D', '2026-02-30'],
    ['D', '20260101'],
    ['T', '2026-01-01T00:00:00'],
    ['T', '2026-01-01 00:00:00.10'],
    ['T', '2026-01-01 00:00:00+00'],
  ] as const)('a bound of %s is canonical, %s is not', (type, min) => {
    expect(found(numeric({ type, min, ...(type === 'N' ? { scale: 2 } : {}) }))).toEqual([
      'error BOUND_NOT_CANONICAL value',
    ]);
  });

  it('takes an instant bound with +00', () => {
    expect(
      found(
        numeric({
          type: 'T',
          instant: true,
          min: '2026-01-01 00:00:00.1+00',
          max: '2026-01-01 00:00:00.12+00',
        }),
      ),
    ).toEqual([]);
  });

  it('says everything in both languages on one line and without an unfilled place', () => {
    for (const [, , broken] of rules) {
      for (const { texts } of checkResource(broken, { police: false })) {
        expect(texts.zh).toMatch(/\p{Script=Han}/u);
        for (const text of [texts.zh, texts.en]) expect(text).not.toMatch(/[{}\n]/);
      }
    }
  });
});

const name: CatalogItem = { name: '姓名', column: 'name', type: 'C', length: 100 };
const idType: CatalogItem = { name: '身份证件类型', column: 'id_type_code', type: 'C', length: 3 };
const idNo: CatalogItem = {
  name: '身份证件号码',
  column: 'id_no',
  type: 'C',
  length: 30,
  identifier: 'person',
  schemes: ['citizenId'],
  idTypeColumn: 'id_type_code',
};
const citizen: CatalogItem = {
  name: '公民身份号码',
  column: 'citizen_id_no',
  type: 'C',
  length: 18,
  schemes: ['citizenId'],
};
const uscc: CatalogItem = {
  name: '统一社会信用代码',
  column: 'uscc',
  type: 'C',
  length: 18,
  schemes: ['uscc'],
};
const regNo: CatalogItem = { name: '注册号', column: 'reg_no', type: 'C', length: 15, schemes: ['regNo'] };
const certNo: CatalogItem = {
  name: '社会团体登记证号',
  column: 'cert_no',
  type: 'C',
  length: 30,
  identifier: 'organisation',
};
const key = (item: CatalogItem): CatalogItem => ({ ...item, key: true });

describe('identity rules', () => {
  it('R045: a person resource is keyed by a statutory identity document', () => {
    expect(found(about('person', name, idType, key(idNo)))).toEqual([]);
    expect(found(about('person', code, name), true)).toEqual(['error PERSON_NOT_IDENTIFIED']);
  });

  it('R045: keyed by something else, with the document among the items, is a warning', () => {
    expect(found(about('person', code, name, idType, idNo))).toEqual(['warning PERSON_KEY_OTHER id_no']);
  });

  it('R046: an organisation resource is keyed by 统一社会信用代码', () => {
    expect(found(about('organisation', key(uscc), regNo))).toEqual([]);
    expect(found(about('organisation', code))).toEqual(['error ORGANISATION_NOT_IDENTIFIED']);
    expect(found(about('organisation', code, uscc))).toEqual(['warning ORGANISATION_KEY_OTHER code']);
  });

  it('R046: a certificate number without a scheme as key is a warning', () => {
    expect(found(about('organisation', key(certNo)))).toEqual(['warning ORGANISATION_KEY_OTHER cert_no']);
  });

  it('R047: a registration number is the key only where there is no 统一社会信用代码', () => {
    expect(found(about('organisation', key(regNo)))).toEqual([]);
    expect(found(about('organisation', key({ ...regNo, schemes: ['regNo', 'uscc'] })))).toEqual([]);
    expect(found(about('organisation', key(regNo), uscc))).toEqual(['error REG_NO_DESPITE_USCC uscc']);
  });

  it('R048: a non-police provider attaches name, document type and number, and is told what is missing', () => {
    const untyped: CatalogItem = { ...idNo, idTypeColumn: undefined };
    expect(found(about('person', name, idType, key(idNo)))).toEqual([]);
    const missing = (...items: CatalogItem[]) =>
      checkResource(about('person', ...items), { police: false })
        .filter((f) => f.rule === 'R048')
        .map((f) => [f.level, f.texts.zh.split('缺:')[1]]);
    expect(missing(idType, key(idNo))).toEqual([['error', '姓名']]);
    expect(missing(name, key(untyped))).toEqual([['error', '证件类型']]);
    expect(missing(name, idType, code)).toEqual([['error', '证件号码']]);
    expect(missing(code)).toEqual([['error', '姓名、证件类型、证件号码']]);
  });

  it('R048: a number whose name allows one document only says its type itself: a warning', () => {
    expect(found(about('person', name, key(citizen)))).toEqual(['warning ID_TYPE_IMPLIED citizen_id_no']);
  });

  it('R048: does not bind the police, nor resources not about persons', () => {
    expect(found(about('person', key(citizen)), true)).toEqual([]);
    expect(found(about('other', code))).toEqual([]);
  });
});
