import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OffCatalogRequest, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { testFolders } from '../../packages/cli/src/testing/folder.js';
import {
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../packages/platform/src/server/test-platform.js';
import { signInPersons } from './persons.js';

const testFolder = testFolders();

vi.setConfig({ testTimeout: 120_000 });

let platform: TestPlatform;
let town: Town;
let cwd = '';
const accounts = {
  applicant: ['sw', 'consumer'],
  provider: ['mz', 'approver'],
  editor: ['mz', 'catalog-editor'],
  competent: ['zs', 'approver'],
} as const;
type Who = keyof typeof accounts;
let persons: Awaited<ReturnType<typeof signInPersons<typeof accounts>>>;

beforeAll(async () => {
  cwd = await testFolder();
  platform = await startTestPlatform();
  town = await settle(platform);
  const body = { profile: 'huizhou-draft-2016', reason: '本市' };
  await town.officer.call(personRoutes.usePolicy, { body });
  persons = await signInPersons(platform, town, cwd, accounts);
}, 240_000);
afterAll(() => platform?.remove());

const run = (words: string, as: Who) => persons.run(words, as);
const done = (words: string, as: Who) => persons.done(words, as);

const ask =
  'agreement request --name 年检结果 --item 统一社会信用代码=征管法第六条 --item 年检结论=征管法第五十七条';

it('R069 data of no catalog is asked for, given to a department, catalogued and applied for by the commands that are printed', async () => {
  const bare = await run('agreement request --name 年检结果 --item 年检结论 --matter 免税', 'applicant');
  expect(bare).toMatchObject({ code: 8, err: expect.stringContaining('QZ_PLATFORM_REQUEST_INCOMPLETE') });
  const made = await done(`${ask} --matter 免税资格认定`, 'applicant');
  const id = /^req-\S{36}/.exec(made)![0];
  expect(made).toContain(`qianzhi agreement forward ${id} --to 部门`);
  expect(await done('agreement requests --stage forwarding', 'competent')).toContain(id);
  const nowhere = await run(`agreement forward ${id}`, 'competent');
  expect(nowhere).toMatchObject({ code: 6, err: expect.stringContaining(`${id} --to`) });
  const forwarded = await done(`agreement forward ${id} --to mz`, 'competent');
  for (const next of [`return ${id} --missing `, `approve ${id}(`, `refuse ${id} --reason `])
    expect(forwarded).toContain(`agreement ${next}`);
  const unsaid = await run(`agreement return ${id}`, 'provider');
  expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining('缺少应补正的内容') });
  const wrong = await run(`agreement approve ${id} --item uscc`, 'provider');
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--item') });
  const agreed = await done(`agreement approve ${id}`, 'provider');
  expect(agreed).toContain(`qianzhi agreement link ${id} --resource 代码`);
  expect(agreed).toContain('现处环节:已同意');
  expect(await done('agreement requests', 'applicant')).not.toContain('已授权');
  expect(await done('duty list', 'editor')).toContain('更新目录');
  await done(`agreement link ${id} --resource annual --item 年检结论=remark`, 'editor');
  const early = await run(`agreement apply --request ${id}`, 'applicant');
  expect(early).toMatchObject({ code: 6, err: expect.stringContaining('QZ_CLI_REQUEST_NOT_LINKED') });
  const [, ...items] = socialGroup().items.filter(({ column }) => column !== 'remark');
  const remark = { name: '年检', column: 'remark', type: 'C', length: 20, sharing: 'conditional' } as const;
  const legalBasis = [{ kind: 'administrative-regulation', title: '社会团体登记管理条例' } as const];
  await publish(
    town,
    socialGroup({ code: 'annual', legalBasis, items: [socialGroup().items[0]!, ...items, remark] }),
  );
  const shown = JSON.parse(await done(`agreement show ${id} --json`, 'applicant')) as OffCatalogRequest;
  expect(shown).toMatchObject({ resource: 'annual', matter: { clocks: [] } });
  const applied = await done(`agreement apply --request ${id} --json`, 'applicant');
  expect(JSON.parse(applied)).toMatchObject({
    resource: 'annual',
    items: ['uscc', 'remark'],
    purpose: { matter: '免税资格认定' },
    state: 'applied',
  });
  expect(await done(`agreement show ${id}`, 'applicant')).toContain('已转为申请');
});

it('R069 what another department has is given back, and assigned anew, by the commands that are printed', async () => {
  const made = await done(`${ask} --matter 核验 --department mz`, 'applicant');
  const id = /^req-\S{36}/.exec(made)![0];
  expect(made).toContain(`agreement reassign ${id} --reason `);
  const away = await done(`agreement reassign ${id} --reason 由公安掌握 --to ga`, 'provider');
  expect(away).toContain('已转办');
  expect((await run(`agreement show ${id}`, 'provider')).code).toBe(5);
  const seen = await done(`agreement show ${id}`, 'competent');
  for (const part of ['转办', 'ga: 由公安掌握', `qianzhi agreement forward ${id}(`])
    expect(seen).toContain(part);
  expect(await done(`agreement forward ${id}`, 'competent')).toContain('答复申请  ga');
});

it('R068 forms are written to new files, by name or format, and refused where there is none', async () => {
  const made = await done(`${ask} --matter 核验 --department mz`, 'applicant');
  const id = /^req-\S{36}/.exec(made)![0];
  await done(`agreement form ${id} --out a.html`, 'applicant');
  expect(await readFile(join(cwd, 'a.html'), 'utf8')).toContain('信息服务共享申请表');
  const answer = JSON.parse(await done(`agreement form ${id} --out a.xlsx --json`, 'provider'));
  expect(answer).toMatchObject({ form: 'application', format: 'xlsx' });
  expect((await readFile(join(cwd, 'a.xlsx'))).subarray(0, 2).toString()).toBe('PK');
  await writeFile(join(cwd, 'b.html'), '');
  const there = await run(`agreement form ${id} --out b.html`, 'applicant');
  expect(there.err).toContain('QZ_CLI_FILE_EXISTS');
  const other = await run(`agreement form ${id} --format html --out d.xlsx`, 'applicant');
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining('.html') });
  await expect(readFile(join(cwd, 'd.xlsx'))).rejects.toThrow('ENOENT');
  const grant = await run(`agreement form ${id} --form grant --out c.html`, 'applicant');
  expect(grant).toMatchObject({ code: 2, err: expect.stringContaining('--form') });
});

it('R075 regions are registered with departments, and what crosses them is forwarded', async () => {
  const officer = (body: { readonly id: string; readonly [field: string]: unknown }) =>
    town.officer.call(personRoutes.putDepartment, { params: { id: body.id }, body: body as never });
  await officer({ id: 'sw', name: '税务局', police: false, competent: false, region: '441302' });
  await officer({ id: 'zs', name: '惠城政数局', police: false, competent: true, region: '441302' });
  await officer({ id: 'mz', name: '民政局', police: false, competent: false, region: '441303' });
  await officer({ id: 'hy', name: '惠阳政数局', police: false, competent: true, region: '441303' });
  expect(await done('department list', 'competent')).toContain('441303');
  await publish(town, socialGroup({ code: 'crossing' }));
  const words = '--item uscc --item legal_person --matter 核验 --basis legal_person=征管法';
  const applied = await done(`agreement apply crossing ${words} --legal-basis 征管法`, 'applicant');
  const id = /^\S{36}/.exec(applied)![0];
  expect(applied).toContain('待转送');
  expect(applied).toContain(`qianzhi agreement forward ${id}(主管部门)`);
  const elsewhere = await run(`agreement forward ${id} --to ga`, 'competent');
  expect(elsewhere).toMatchObject({ code: 2, err: expect.stringContaining('QZ_CLI_FORWARD_TO') });
  expect(await done(`agreement forward ${id}`, 'competent')).toContain('答复申请  mz');
});
