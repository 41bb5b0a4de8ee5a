import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkShape } from '../../shape.js';
import { type CatalogResource, CatalogResourceSchema } from '../resource.js';
import { itemColumns, resourceColumns } from './columns.js';
import type { SheetGrid } from './read-sheet.js';
import { readTemplate } from './read-template.js';
import { CELL_CHARACTERS, type TemplateSheet, templateSheets, tooLongCell } from './write-template.js';

const file = new URL('../../../../../config/catalogs/huizhou.yaml', import.meta.url);
const huizhou = parse(readFileSync(file, 'utf8')) as {
  departments: { id: string; name: string; police?: boolean }[];
  resources: unknown[];
};
const all = huizhou.resources.map((one) => checkShape(CatalogResourceSchema, one, 'CatalogResource'));
const departments = huizhou.departments.map((one) => ({ police: false, competent: false, ...one }));

const village: CatalogResource = {
  code: 'village',
  name: '村(社区)信息',
  summary: ' 两端有空格,\r\n换行 =1+1',
  department: 'mz',
  attribute: 'theme',
  subject: 'other',
  sharing: 'conditional',
  sharingCondition: '用于核验',
  openness: 'conditional',
  updateCycle: 'half-yearly',
  content: 'rows',
  schemaVersion: 3,
  codeTables: { kind: { '1': '村', '0': '', ['__proto__']: 'x' }, region: { '0001': '东' } },
  classification: '3070100',
  nationalCode: '3070100/000001',
  providerUnit: '基层政权科',
  providerCode: '91350100M000100Y43',
  format: { class: 'database', type: 'mysql' },
  kind: 'project',
  project: { name: '一期', stage: 'registered' },
  lead: 'mz',
  contributors: ['ga', 'lr'],
  dataRange: '全市',
  sharingUse: ['work-reference', 'data-check'],
  legalBasis: [
    { kind: 'law', title: '村民委员会组织法', article: '第二条' },
    { kind: 'state-policy', title: '意见|2020' },
  ],
  sharingModes: [{ by: 'platform', as: 'database' }, { by: 'mail' }],
  openCondition: '实名',
  publishedOn: '2026-01-02',
  related: ['hj_register', 'a;b'],
  licensing: false,
  queries: [
    {
      name: 'by-id',
      summary: '按编号',
      parameters: [{ name: 'id', item: 'id', required: true }],
      items: ['id'],
      maxRows: 3,
    },
  ],
  items: [
    {
      name: '编号 ',
      column: 'id',
      type: 'C',
      length: 9,
      key: true,
      pattern: '\\d+',
      sharing: 'unconditional',
    },
    { name: '数额', column: 'amount', type: 'N', precision: 9, scale: 2, min: '0', allow: ['nan'] },
    { name: '类别', column: 'kind', type: 'C', length: 1, required: false, codeTable: 'kind' },
    {
      name: '住户',
      column: 'holder',
      type: 'C',
      length: 9,
      sensitivity: 'sensitive',
      basic: true,
      openness: 'closed',
      legalBasis: [{ kind: 'law', title: '某法' }],
    },
  ],
};

/** Where the columns of the item begin. */
const ITEM_AT = resourceColumns.length;
/** `B3` of a title and a row. */
const place = (title: string, row: number) => {
  const at = [...resourceColumns, ...itemColumns].findIndex((column) => column.title === title);
  return `${at < 26 ? '' : String.fromCharCode(64 + Math.floor(at / 26))}${String.fromCharCode(65 + (at % 26))}${row}`;
};

/** Sheets as a reader of workbooks gives them, after somebody has changed cells of the first one by row and title. */
function gridsOf(
  sheets: readonly TemplateSheet[],
  changes: readonly [row: number, title: string, text: string | null | undefined][] = [],
): SheetGrid[] {
  return sheets.map(({ name, rows }, at) => {
    const copy: (string | null | undefined)[][] = rows.map((row) => [...row]);
    for (const [row, title, text] of at === 0 ? changes : []) copy[row - 1]![copy[0]!.indexOf(title)] = text;
    return { name, rows: copy.map((cells, index) => ({ number: index + 1, cells })) };
  });
}

const sheets = (resources: readonly CatalogResource[]) => templateSheets(resources, departments);
const errorsOf = (grids: readonly SheetGrid[]) =>
  readTemplate(grids, departments)
    .findings.filter(({ level }) => level === 'error')
    .map(({ sheet, cell, code }) => `${sheet} ${cell} ${code}`);
const changed = (...changes: Parameters<typeof gridsOf>[1] & {}) =>
  errorsOf(gridsOf(sheets([village]), changes));

describe('the national template', () => {
  it('has a row for each item, and gives every resource back exactly', () => {
    const resources = [...all, village];
    const written = sheets(resources);
    expect(written[0]!.rows).toHaveLength(1 + resources.reduce((sum, { items }) => sum + items.length, 0));
    const read = readTemplate(gridsOf(written), departments);
    expect(read.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(read.resources).toEqual(resources);
  });

  it('gives back whatever text a resource may hold', () => {
    const text = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' });
    const texts = fc.record({
      name: text,
      summary: fc.string({ unit: 'binary' }),
      codeTables: fc.dictionary(text, fc.dictionary(text, text, { maxKeys: 3 }), { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(texts, text, (fields, name) => {
        const made = { ...village, ...fields, queries: [], items: [{ ...village.items[0]!, name }] };
        expect(readTemplate(gridsOf(sheets([made])), departments).resources).toEqual([made]);
      }),
    );
  });

  it('is read as people fill it in: a title above, other titles, stars, blanks in later rows, other labels', () => {
    const [grid] = gridsOf(sheets([village]), [
      [1, '信息资源名称', '资源名称 *'],
      [1, '列名', '字段名'],
      [2, '共享类型', '2 有条件'],
      [2, '更新周期', ' 每半年'],
      [2, '数据长度', '９'],
      [2, '主键', '√'],
      [3, '数据类型', '数值型'],
    ]);
    const rows = grid!.rows.map(({ number, cells }) => ({
      number: number + 1,
      cells: cells.map((cell, at) => (number > 2 && at < ITEM_AT ? null : cell)),
    }));
    const heading = { number: 1, cells: ['政务信息资源目录'] };
    const [, ...others] = gridsOf(sheets([village]));
    const read = readTemplate([{ name: 'Sheet1', rows: [heading, ...rows] }, ...others], departments);
    expect(read.resources).toEqual([village]);
  });

  it('finds the department by its code or name where its id is not given', () => {
    const known = [
      { id: 'x', name: '市 民政局', uscc: '91350100M000100Y43', police: false, competent: false },
    ];
    const { providerCode: _, ...plain } = village;
    const written = templateSheets([plain], known);
    const filled = (title: string, text: string) =>
      readTemplate(
        gridsOf(written, [
          ...[2, 3, 4, 5].map((row) => [row, '部门标识', null] as [number, string, null]),
          [2, title, text],
        ]),
        known,
      ).resources[0]?.department;
    expect(filled('信息资源提供方', '市民政局')).toBe('x');
    expect(filled('资源提供方代码', '91350100M000100Y43')).toBe('x');
    expect(filled('信息资源提供方', '民政')).toBeUndefined();
  });

  it('says which text no cell can hold', () => {
    const long = { ...village, summary: '长'.repeat(CELL_CHARACTERS + 1) };
    expect(tooLongCell(sheets([village]))).toBeUndefined();
    expect(tooLongCell(sheets([village, { ...long, code: 'long' }]))).toEqual({
      sheet: '信息资源目录',
      row: 6,
      resource: 'long',
    });
  });
});

describe('what is wrong in it', () => {
  it.each<[string, Parameters<typeof gridsOf>[1] & {}, title: string, row: number, code: string]>([
    ['a unit beside a length', [[2, '数据长度', '9位']], '数据长度', 2, 'CELL_WRONG'],
    ['an unknown label', [[2, '更新周期', '2']], '更新周期', 2, 'CELL_WRONG'],
    ['an unknown label in a list', [[2, '使用用途', '数据校核、其他']], '使用用途', 2, 'CELL_WRONG'],
    ['a ground with too many parts', [[2, '依据', '法律|某法|一|二']], '依据', 2, 'CELL_WRONG'],
    ['a format without its class', [[2, '信息资源格式分类', null]], '信息资源格式分类', 2, 'SHAPE'],
    ['an error in a cell', [[3, '总位数', undefined]], '总位数', 3, 'CELL_ERROR'],
    ['no column', [[4, '列名', ' ']], '列名', 4, 'SHAPE'],
    ['a code of the wrong form', [[2, '资源代码', 'Village!'], ...later('Village!')], '资源代码', 2, 'SHAPE'],
    ['rest that is no object', [[2, '信息项其他属性(JSON)', '[1]']], '信息项其他属性(JSON)', 2, 'JSON_WRONG'],
    ['rest nobody knows', [[2, '信息项其他属性(JSON)', '{"a":1}']], '信息项其他属性(JSON)', 2, 'SHAPE'],
    ['a provider nobody knows', [[2, '部门标识', 'zz']], '部门标识', 2, 'DEPARTMENT_UNKNOWN'],
    ['another provider below', [[3, '部门标识', 'ga']], '部门标识', 3, 'RESOURCE_DIFFERS'],
    ['a title nobody knows', [[1, '敏感性', '密级']], '敏感性', 1, 'COLUMN_UNKNOWN'],
    ['a column twice', [[1, '代码表', '必填']], '代码表', 1, 'COLUMN_REPEATED'],
    ['a rule of publication', [[3, '列名', 'ID']], '信息项名称', 3, 'DUPLICATE_COLUMN'],
    ['no condition', [2, 3, 4, 5].map((row) => [row, '共享条件', null]), '资源代码', 2, 'CONDITION_MISSING'],
  ])('%s', (_, changes, title, row, code) => {
    expect(changed(...changes)).toContain(`信息资源目录 ${place(title, row)} ${code}`);
    expect(changed()).toEqual([]);
  });

  it('is told of all at once, in both languages, each with its place and what to do', () => {
    const grids = gridsOf(sheets([...all, village]), [
      [2, '数据长度', '100字'],
      [3, '数据类型', '文本'],
    ]);
    const { findings, resources } = readTemplate(grids, departments);
    const wrong = findings.filter(({ code }) => code === 'CELL_WRONG');
    expect(wrong.map(({ sheet, row, cell }) => `${sheet} ${row} ${cell}`)).toEqual([
      `信息资源目录 2 ${place('数据长度', 2)}`,
      `信息资源目录 3 ${place('数据类型', 3)}`,
    ]);
    expect(wrong[0]!.texts.zh).toContain('不写单位');
    expect(wrong[0]!.texts.en).toContain('no unit');
    expect(resources).toHaveLength(all.length);
  });

  it('a formula is no value, whatever it shows', () => {
    const [grid, ...others] = gridsOf(sheets([village]));
    const rows = grid!.rows.map((row) => (row.number === 3 ? { ...row, formulas: [ITEM_AT] } : row));
    expect(errorsOf([{ ...grid!, rows }, ...others])).toEqual([
      `信息资源目录 ${place('信息项名称', 3)} FORMULA`,
    ]);
  });

  it('rows of a resource apart from each other, and rows before any', () => {
    const other = { ...village, code: 'other' };
    const [grid, ...others] = gridsOf(sheets([village, other]), [[7, '资源代码', 'village']]);
    expect(errorsOf([grid!, ...others])).toContain(`信息资源目录 ${place('资源代码', 7)} RESOURCE_APART`);
    expect(changed([2, '资源代码', null])).toContain(`信息资源目录 ${place('资源代码', 2)} CODE_MISSING`);
  });

  it('codes and query services of resources that are not there, half a row, a code twice', () => {
    const [grid, codes, queries] = gridsOf(sheets([village]));
    const more = (of: SheetGrid, ...cells: (string | null)[]) => ({
      ...of,
      rows: [...of.rows, { number: 20, cells }],
    });
    const title = (of: SheetGrid) => errorsOf([grid!, of]).map((one) => one.split(' ').slice(1).join(' '));
    expect(title(more(codes!, 'gone', 'kind', '2', 'x'))).toContain('A20 RESOURCE_UNKNOWN');
    expect(title(more(codes!, 'village', null, '2', 'x'))).toContain('B20 ROW_INCOMPLETE');
    expect(title(more(codes!, 'village', 'kind', '1', 'x'))).toContain('C20 CODE_REPEATED');
    expect(title(more(queries!, 'village', 'q', '{'))).toContain('C20 JSON_WRONG');
  });

  it('no sheet of the template', () => {
    expect(errorsOf([{ name: 'a', rows: [{ number: 1, cells: ['名称'] }] }])).toEqual(['a A1 SHEET_MISSING']);
    expect(errorsOf([])).toEqual([' A1 SHEET_MISSING']);
  });
});

/** The code of the later rows, which must be alike. */
function later(code: string): [number, string, string][] {
  return [3, 4, 5].map((row) => [row, '资源代码', code]);
}
