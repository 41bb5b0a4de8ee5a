import { writeFile } from 'node:fs/promises';
import { type CatalogResource, personRoutes, templateSheets } from '@qianzhi/model';
import { type TextSheet, writeTextWorkbook } from '@qianzhi/workbook';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../packages/cli/src/testing/program.js';
import { createSite, PASSWORD, type Site } from './site.js';

let site: Site;
beforeAll(async () => {
  site = await createSite();
  await site.person('mz', 'catalog-editor');
  const { accounts } = await site.officer.call(personRoutes.listAccounts, {});
  const { account } = accounts.find(({ department }) => department === 'mz')!;
  const signedIn = await qianzhi(
    ['login', '--url', site.url, '--account', account, '--password-file', '-'],
    PASSWORD,
  );
  expect(signedIn.code, signedIn.err).toBe(0);
});
afterAll(() => site?.close());

const qianzhi = (args: readonly string[], input = '') => runProgram(args, { cwd: site.folder, input });
const json = async (args: readonly string[]) => {
  const { code, out, err } = await qianzhi([...args, '--json']);
  return { code, answer: JSON.parse(out || 'null'), err };
};

const village: CatalogResource = {
  code: 'village',
  name: '村(社区)信息',
  summary: '=1+1,\n第二行',
  department: 'mz',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'monthly',
  schemaVersion: 1,
  classification: '3070100',
  nationalCode: '3070100/000001',
  codeTables: { kind: { '01': '村', '02': '社区' } },
  items: [
    { name: '编号', column: 'id', type: 'C', length: 9, key: true, pattern: '\\d{9}' },
    { name: '类别', column: 'kind', type: 'C', length: 2, codeTable: 'kind' },
  ],
};

async function filled(name: string, change: (sheets: TextSheet[]) => void = () => {}): Promise<string> {
  const { departments } = await site.officer.call(personRoutes.listDepartments, {});
  const sheets = templateSheets([village, { ...village, code: 'town', name: '镇信息' }], departments).map(
    (sheet) => ({ ...sheet, rows: sheet.rows.map((row) => [...row]) }),
  );
  change(sheets);
  await writeFile(site.at(name), await writeTextWorkbook(sheets));
  return name;
}

it('a catalog goes out and comes back as it was, by XLSX and by YAML', async () => {
  const file = await filled('first.xlsx');
  const first = await json(['catalog', 'import', file]);
  expect(first, first.err).toMatchObject({
    code: 0,
    answer: { ok: true, published: [{ code: 'village', change: 'added' }, { code: 'town' }] },
  });
  const shown = await site.officer.call(personRoutes.showCatalog, { params: { code: 'village' }, query: {} });
  expect(shown.resource).toEqual(village);
  for (const out of ['out.xlsx', 'out.yaml']) {
    const exported = await json(['catalog', 'export', '--out', out]);
    expect(exported, exported.err).toMatchObject({ code: 0, answer: { resources: 2, items: 4 } });
    const back = await json(['catalog', 'import', out]);
    expect(back.answer.published).toEqual([
      { code: 'town', schemaVersion: 1, change: 'unchanged' },
      { code: 'village', schemaVersion: 1, change: 'unchanged' },
    ]);
  }
  const again = await qianzhi(['catalog', 'export', '--out', 'out.yaml']);
  expect(again).toMatchObject({ code: 6, err: expect.stringContaining('QZ_CLI_FILE_EXISTS') });
});

it('every fault is told with sheet, row and cell, and nothing of the file is imported', async () => {
  const before = await site.officer.call(personRoutes.listCatalog, { query: {} });
  const file = await filled('wrong.xlsx', ([sheet]) => {
    const rows = sheet!.rows as (string | null)[][];
    const at = (title: string) => rows[0]!.indexOf(title);
    rows[1]![at('信息资源名称')] = '已改名';
    rows[2]![at('信息资源名称')] = '已改名';
    rows[3]![at('数据长度')] = '9位';
    rows[4]![at('数据类型')] = '文字';
  });
  const { code, answer } = await json(['catalog', 'import', file]);
  expect(code).toBe(8);
  expect(answer).toMatchObject({
    ok: false,
    published: null,
    findings: expect.arrayContaining([
      expect.objectContaining({
        code: 'CELL_WRONG',
        sheet: '信息资源目录',
        row: 4,
        cell: expect.stringMatching(/^[A-Z]+4$/),
      }),
      expect.objectContaining({ code: 'CELL_WRONG', row: 5, cell: expect.stringMatching(/^[A-Z]+5$/) }),
    ]),
  });
  const shown = await qianzhi(['catalog', 'import', file, '--check']);
  expect(shown.out).toMatch(/✗ 信息资源目录![A-Z]+4 {2}CELL_WRONG {2}“数据长度”应为整数/);
  expect(await site.officer.call(personRoutes.listCatalog, { query: {} })).toEqual(before);
  await writeFile(site.at('wrong.yaml'), 'resources:\n  - {code: a}\n  - {code: B}\n');
  const yaml = await json(['catalog', 'import', 'wrong.yaml']);
  expect(yaml).toMatchObject({ code: 8, answer: { findings: [{ line: 2 }, { line: 3 }], published: null } });
});

it('what is no workbook is refused, and a blank template has the columns alone', async () => {
  await writeFile(site.at('text.xlsx'), 'code,name\n');
  const { code, err } = await qianzhi(['catalog', 'import', 'text.xlsx']);
  expect({ code, err }).toMatchObject({ code: 8, err: expect.stringContaining('QZ_CLI_WORKBOOK_DAMAGED') });
  const blank = await json(['catalog', 'export', '--out', 'blank.xlsx', '--blank']);
  expect(blank.answer).toMatchObject({ resources: 0 });
  const checked = await json(['catalog', 'import', 'blank.xlsx']);
  expect(checked).toMatchObject({ code: 0, answer: { ok: true, findings: [], published: null } });
});

it('R018 a list goes out and comes back as XLSX and as YAML, and a wrong cell is told of', async () => {
  const entries = [
    { name: '社会团体名录', provider: 'sw', matter: '核验', items: ['名称', '负责人'] },
    { name: '纳税信用', provider: 'sw' },
  ];
  await writeFile(site.at('demand.yaml'), JSON.stringify({ entries }));
  const put = (file: string) => json(['catalog', 'put-list', file, '--list', 'demand']);
  expect((await put('demand.yaml')).answer).toMatchObject({ list: 'demand', entries });
  for (const out of ['list.xlsx', 'list.yaml']) {
    const written = await json(['catalog', 'list', '--list', 'demand', '--department', 'mz', '--out', out]);
    expect(written, written.err).toMatchObject({ code: 0, answer: { file: site.at(out) } });
    expect((await put(out)).answer).toMatchObject({ entries });
  }
  const rows = [
    ['信息名称', '资源代码', '提供部门'],
    ['甲', '不是代码', 'sw'],
    [null, null, 'sw'],
  ];
  await writeFile(site.at('bad.xlsx'), await writeTextWorkbook([{ name: '需求清单', rows }]));
  const bad = await qianzhi(['catalog', 'put-list', 'bad.xlsx', '--list', 'demand']);
  expect(bad.code).toBe(8);
  expect(bad.out).toMatch(/✗ 需求清单!B2 {2}CELL_WRONG[\s\S]*✗ 需求清单!A3 {2}ROW_INCOMPLETE/);
  await writeFile(
    site.at('own.yaml'),
    JSON.stringify({ entries: [...entries, { name: '丙', provider: 'mz' }] }),
  );
  const refused = await qianzhi(['catalog', 'put-list', 'own.yaml', '--list', 'demand']);
  expect(refused).toMatchObject({ code: 8, err: expect.stringContaining('第 3 条:需求清单的 丙') });
  const sheet = [rows[0]!, ['甲', null, 'sw'], [null, null, null], ['丙', null, 'mz']];
  await writeFile(site.at('own.xlsx'), await writeTextWorkbook([{ name: '需求清单', rows: sheet }]));
  const inSheet = await qianzhi(['catalog', 'put-list', 'own.xlsx', '--list', 'demand']);
  expect(inSheet).toMatchObject({ code: 8, err: expect.stringContaining('第 2 条在工作表第 4 行') });
  const { lists } = await site.officer.call(personRoutes.departmentLists, {
    params: { list: 'demand' },
    query: {},
  });
  expect(lists).toMatchObject([{ department: 'mz', entries }]);
});
