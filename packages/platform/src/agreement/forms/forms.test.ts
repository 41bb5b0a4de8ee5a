import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OffCatalogRequest, personRoutes } from '@qianzhi/model';
import { openPackage, readTexts, readWorkbook, type SheetRow, sheetRows } from '@qianzhi/workbook';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settle, startTestPlatform, type TestPlatform, type Town } from '../../server/test-platform.js';
import { at, code, createParties, HUIZHOU, LAW, type Parties } from '../matters/test-parties.js';

let platform: TestPlatform;
let town: Town;
let to: Parties;
let folder: string;
const FORMULA = '=HYPERLINK("http://x","点")';
const SCRIPT = '<script>alert("1")</script>&\'';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-forms-'));
  platform = await startTestPlatform();
  town = await settle(platform);
  await judgedBy(HUIZHOU);
  to = createParties(town);
  const contact = { name: '赵工', title: '科长', phone: '0752-12345' };
  const params = { id: 'mz', role: 'liaison' };
  await town.officer.call(personRoutes.putContact, { params, body: contact });
});
afterAll(async () => {
  await platform.remove();
  await rm(folder, { recursive: true, force: true });
});

const judgedBy = (profile: string) =>
  town.officer.call(personRoutes.usePolicy, { body: { profile, reason: '测试' } });

type Form = 'application' | 'grant';
const formOf = async (id: string, form: Form, format: 'html' | 'xlsx', department = 'sw') =>
  (await town.person(department, 'consumer')).call(personRoutes.agreementForm, {
    ...at(id),
    query: { form, format },
  });
const html = async (id: string, form: Form) => Buffer.from(await formOf(id, form, 'html')).toString();

const signal = new AbortController().signal;
const faults = { damaged: () => new Error('damaged'), tooLarge: () => new Error('too large') };

async function rowsOf(bytes: Uint8Array): Promise<SheetRow[]> {
  const path = join(folder, 'form.xlsx');
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    const source = await openPackage(file, faults);
    const workbook = await readWorkbook(source, signal);
    const texts = await readTexts(source, workbook, signal);
    const rows: SheetRow[] = [];
    for (const { part } of workbook.sheets)
      for await (const some of sheetRows(source, part, texts, signal)) rows.push(...some);
    return rows;
  } finally {
    await file.close();
  }
}
const textsOf = (rows: readonly SheetRow[]) =>
  rows.flatMap(({ cells }) => cells.filter((cell) => cell != null));

/** Three items granted under bounds and one refused, signed and filed. */
async function grantedInPart() {
  const { id } = await to.apply({
    purpose: { usage: 'administrative-basis', matter: '实名办税', legalBasis: '' },
    masks: { legal_person: 'name' },
    modes: ['docking', 'batch-download'],
    quota: { rowsPerDay: 5000 },
    addresses: ['10.20.0.0/16'],
    rows: "name starts with '甲'",
    validTo: '2027-12-31T15:59:59.000Z',
  });
  await to.sign(id);
  const body = { items: ['uscc', 'name', 'legal_person'], refusal: LAW };
  await (await to.mz()).call(personRoutes.approve, { ...at(id), body });
  const file = { ...at(id), body: { number: '备〔2026〕7号' } };
  await (await to.zs()).call(personRoutes.fileAgreement, file);
  return id;
}

describe('R068 《信息服务共享申请表》', () => {
  it('tells all that was applied for: parties, contacts, use, bounds, and each item with its basis', async () => {
    const page = await html(await grantedInPart(), 'application');
    for (const told of [
      ...['信息服务共享申请表', '税务局', '民政局', '联络员:赵工  科长  0752-12345'],
      ...['行政依据', '实名办税', '系统对接、部门批量下载', '至 2027年12月31日', '10.20.0.0/16'],
      ...['name starts with &#39;甲&#39;', '(name:名称)', '每日行数 5000', '姓名脱敏(留姓)'],
      ...['税收征收管理法第六条', '税收征收管理法实施细则第九条', '有条件共享', '无条件共享'],
      ...['提出申请', '签署安全保密协议', '(盖章)', '惠州市 2016(征求意见第二稿)'],
    ])
      expect(page, told).toContain(told);
    expect(page).toMatch(/@page \{ size: A4/);
    expect(page).not.toMatch(/<script|src=|href=|url\(/);
  });

  it('is seen by the parties alone, and not of what is not there', async () => {
    const { id } = await to.apply();
    await expect(formOf(id, 'application', 'html', 'ga')).rejects.toMatchObject(
      code('PLATFORM_AGREEMENT_UNKNOWN'),
    );
    expect((await formOf(id, 'application', 'html', 'mz')).length).toBeGreaterThan(1000);
    const pdf = formOf(id, 'application', 'pdf' as never);
    await expect(pdf).rejects.toMatchObject({ kind: 'data' });
  });

  it('keeps what people typed as text: no markup in the page, no formula in the workbook', async () => {
    const purpose = { usage: 'data-check', matter: `${SCRIPT}${FORMULA}`, legalBasis: FORMULA } as const;
    const { id } = await to.apply({ purpose });
    const page = await html(id, 'application');
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;');
    const rows = await rowsOf(await formOf(id, 'application', 'xlsx'));
    expect(rows.every(({ formulas }) => formulas === undefined)).toBe(true);
    expect(textsOf(rows)).toEqual(expect.arrayContaining([FORMULA, purpose.matter]));
  });

  it('is there for what is in no catalog, in the applicant’s words', async () => {
    const body = {
      name: '年检结果',
      items: [{ name: '年检结论', legalBasis: '税收征收管理法第五十七条' }],
      purpose: { usage: 'administrative-basis' as const, matter: '免税资格认定', legalBasis: '' },
      modes: ['sftp' as const],
    };
    const made: OffCatalogRequest = await (await to.sw()).call(personRoutes.makeRequest, { body });
    const form = async (department: string, format: 'html' | 'xlsx') =>
      (await town.person(department, 'consumer')).call(personRoutes.requestForm, {
        ...at(made.id),
        query: { format },
      });
    const told = ['信息服务共享申请表', '年检结果', '年检结论', '税收征收管理法第五十七条', '待主管部门指派'];
    const page = Buffer.from(await form('sw', 'html')).toString();
    for (const one of told) expect(page).toContain(one);
    expect(textsOf(await rowsOf(await form('sw', 'xlsx')))).toEqual(expect.arrayContaining(told));
    await expect(form('ga', 'html')).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
  });
});

describe('R068 《信息共享授权确认表》', () => {
  it('tells item by item what was decided and why, under which bounds, by whom, and where it is on file', async () => {
    const id = await grantedInPart();
    const rows = await rowsOf(await formOf(id, 'grant', 'xlsx'));
    const decisions = rows
      .map(({ cells }) => [cells[0], cells[3], cells[5]])
      .filter(([, decision]) => decision === '同意共享' || decision === '不予共享');
    const why = `${LAW.reason}\n类别:与所述业务事项无关\n依据:${LAW.legalBasis}`;
    expect(decisions).toEqual([
      ['统一社会信用代码', '同意共享', '—'],
      ['名称', '同意共享', '—'],
      ['法定代表人', '同意共享', '—'],
      ['联系电话', '不予共享', why],
    ]);
    expect(textsOf(rows)).toEqual(
      expect.arrayContaining([
        ...['信息共享授权确认表', 'mz-approver', '备〔2026〕7号', '王五', '姓名脱敏(留姓)', '10.20.0.0/16'],
        ...['系统对接、部门批量下载', '每日行数 5000', '主管部门备案'],
      ]),
    );
    expect(await html(id, 'grant')).toContain('备〔2026〕7号');
  });

  it('says of what nobody refused that it is undecided, and of what was withdrawn nothing', async () => {
    const { id, resource } = await to.apply({ items: ['uscc', 'name'] });
    const decisions = async () =>
      (await rowsOf(await formOf(id, 'grant', 'xlsx')))
        .map(({ cells }) => cells[3])
        .filter((cell) => /共享$|^待决定$/.test(String(cell)));
    expect(await decisions()).toEqual(['同意共享', '同意共享']);
    const body = { ...(await to.application()), resource };
    await (await to.sw()).call(personRoutes.apply, { body });
    const extended = ['同意共享', '同意共享', '待决定', '待决定'];
    expect(await decisions()).toEqual(extended);
    await (await to.mz()).call(personRoutes.returnApplication, { ...at(id), body: { missing: '用途' } });
    expect(await decisions()).toEqual(extended);
    const gone = { ...at(id), body: { reason: '不再需要' } };
    await (await to.sw()).call(personRoutes.withdrawApplication, gone);
    expect(await decisions()).toEqual(['同意共享', '同意共享']);
  });

  it('R067 tells the basis of the whole for a conditional item without its own, and the change of its provider', async () => {
    await judgedBy('jiangsu-2017');
    const purpose = { usage: 'data-check', matter: '核验', legalBasis: '税收征管法第六条' } as const;
    const { id, resource } = await to.apply({ items: ['uscc', 'phone'], purpose, itemBasis: {} });
    await to.approve(id);
    for (const form of ['application', 'grant'] as const) {
      const row = (await rowsOf(await formOf(id, form, 'xlsx'))).find(({ cells }) =>
        cells.includes('联系电话'),
      );
      expect(row?.cells).toContain(purpose.legalBasis);
    }
    await (await to.zs()).call(personRoutes.transferCatalog, {
      params: { code: resource },
      body: { to: 'ga', reason: '职能划转' },
    });
    expect(await html(id, 'application')).toContain('提供部门变更');
    await judgedBy(HUIZHOU);
  });

  it('is not there before anything was granted', async () => {
    const { id } = await to.apply();
    for (const format of ['html', 'xlsx'] as const)
      await expect(formOf(id, 'grant', format)).rejects.toMatchObject(code('PLATFORM_FORM_NOT_GRANTED'));
  });
});
