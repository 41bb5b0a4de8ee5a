import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogDraft, type CatalogResource, personRoutes, templateSheets } from '@qianzhi/model';
import { writeTextWorkbook } from '@qianzhi/workbook';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testFolders } from '../../packages/cli/src/testing/folder.js';
import { runProgram } from '../../packages/cli/src/testing/program.js';
import {
  PASSWORD,
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../packages/platform/src/server/test-platform.js';

const testFolder = testFolders();

let platform: TestPlatform;
let town: Town;
let cwd = '';
const accounts = {
  editor: ['mz', 'catalog-editor'],
  admin: ['mz', 'department-admin'],
  competent: ['zs', 'approver'],
  receiver: ['sw', 'department-admin'],
} as const;

beforeAll(async () => {
  cwd = await testFolder();
  platform = await startTestPlatform({ catalogReviews: true });
  town = await settle(platform);
  for (const [profile, [department, role]] of Object.entries(accounts)) {
    await town.person(department, role);
    const words = ['login', '--url', platform.url, '--account', `${department}-${role}`];
    const options = ['--password-file', '-', '--profile', profile];
    expect(await runProgram([...words, ...options], { cwd, input: PASSWORD })).toMatchObject({ code: 0 });
  }
  const { schemaVersion: _, ...resource } = socialGroup({
    summary: '在册社会团体',
    classification: '306003',
    format: { class: 'database', type: 'PostgreSQL' },
    sharingModes: [{ by: 'platform', as: 'database' }],
    sharingScope: '市级部门',
    sharingUse: ['data-check'],
    useRequirements: '只用于申请的事项',
  });
  await writeFile(join(cwd, 'group.yaml'), JSON.stringify(resource));
});
afterAll(() => platform?.remove());

const run = (words: string, as: keyof typeof accounts) =>
  runProgram([...words.split(' '), '--profile', as], { cwd });

async function stateAfter(words: string, as: keyof typeof accounts): Promise<string> {
  const { out, err, code } = await run(`${words} --json`, as);
  expect(code, err).toBe(0);
  return (JSON.parse(out) as CatalogDraft).state;
}

it('R009 goes from draft to publication and withdrawal by the commands that each step names', async () => {
  const named = async (words: string, as: keyof typeof accounts) => {
    const { err } = await run(words, as);
    return /qianzhi (catalog \w+ social_group)/.exec(err)?.[1];
  };
  expect(await named('catalog draft group.yaml', 'editor')).toBe('catalog submit social_group');
  expect(await named('catalog submit social_group', 'editor')).toBe('catalog verify social_group');
  expect(await stateAfter('catalog return social_group --reason 分类有误', 'admin')).toBe('draft');
  expect(await stateAfter('catalog submit social_group', 'editor')).toBe('submitted');
  expect(await named('catalog verify social_group', 'admin')).toBe('catalog register social_group');
  expect(await named('catalog register social_group', 'competent')).toBe('catalog submit social_group');
  expect(await named('catalog submit social_group', 'editor')).toBe('catalog release social_group');
  expect(await stateAfter('catalog release social_group', 'competent')).toBe('published');
  const { out } = await run('catalog drafts social_group', 'editor');
  expect(out).toMatch(/起草[\s\S]*提交[\s\S]*退回[\s\S]*核实[\s\S]*注册[\s\S]*发布/);
  expect((await run('catalog list', 'editor')).out).toContain('social_group');
  const withdraw = 'catalog withdraw social_group --reason 职能划出 --agreements end';
  expect(await stateAfter(withdraw, 'editor')).toBe('draft');
  expect(await stateAfter('catalog discard social_group', 'editor')).toBe('discarded');
});

it('R009 refuses a step out of turn in words, with the command that shows the way', async () => {
  await run('catalog draft group.yaml', 'editor');
  const { code, err } = await run('catalog register social_group', 'competent');
  expect(code).toBe(6);
  expect(err).toContain('目前为 草稿,不能执行 注册');
  expect(err).toContain('qianzhi catalog drafts social_group');
  expect(await run('catalog submit', 'editor')).toMatchObject({
    code: 2,
    err: expect.stringContaining('QZ_CLI_ARGUMENT_MISSING'),
  });
  const published = await run('catalog publish group.yaml', 'editor');
  expect(published.err).toContain('QZ_PLATFORM_CATALOG_REVIEWS_REQUIRED');
});

it('R009 another department becomes responsible by the commands that each step names', async () => {
  const step = async (words: string, as: keyof typeof accounts) => {
    const { out, err, code } = await run(words, as);
    expect(code, err).toBe(0);
    return { out, next: err };
  };
  const transfer = 'catalog transfer social_group --to sw --reason 机构改革';
  // the content is being changed: one would take the place of the other
  const beside = await run(transfer, 'editor');
  expect(beside).toMatchObject({ code: 6, err: expect.stringContaining('QZ_PLATFORM_DRAFT_BESIDE') });
  await step('catalog discard social_group', 'editor');
  const drafted = await step(transfer, 'editor');
  expect(drafted.out).toContain('social_group  责任部门 mz → sw  草稿');
  expect(drafted.next).toContain('qianzhi catalog submit social_group');
  const { next } = await step('catalog submit social_group', 'editor');
  expect(next).toContain('由接收部门 sw 的管理员:qianzhi catalog verify social_group');
  const refused = await run('catalog verify social_group', 'admin');
  expect(refused).toMatchObject({ code: 4, err: expect.stringContaining('QZ_PLATFORM_OTHER_DEPARTMENT') });
  await step('catalog verify social_group', 'receiver');
  await step('catalog register social_group', 'competent');
  await step('catalog submit social_group', 'editor');
  await step('catalog release social_group', 'competent');
  const { out } = await run('catalog list --department sw --json', 'editor');
  expect(JSON.parse(out).resources).toMatchObject([{ resource: { code: 'social_group' }, suppliers: [] }]);
  const diff = await run('catalog diff social_group', 'editor');
  expect(diff.out).toContain('信息资源提供方:mz → sw');
  const past = await run('catalog transfer social_group --to mz --reason 退回 --at-once', 'competent');
  expect(past).toMatchObject({
    code: 6,
    err: expect.stringContaining('QZ_PLATFORM_CATALOG_REVIEWS_REQUIRED'),
  });
});

it('R009 an import makes drafts where reviews are asked for, and tells in which cell what the platform refuses stands', async () => {
  const entry = (code: string): CatalogResource => socialGroup({ code, name: `${code}信息` });
  const { departments } = await town.officer.call(personRoutes.listDepartments, {});
  const write = async (file: string, ...codes: string[]) =>
    writeFile(join(cwd, file), await writeTextWorkbook(templateSheets(codes.map(entry), departments)));
  const other = await town.person('sw', 'catalog-editor');
  const held = { ...entry('held'), department: 'sw' };
  await other.call(personRoutes.draftCatalog, { params: { code: 'held' }, body: held });
  await write('both.xlsx', 'fresh', 'held');
  const refused = await run('catalog import both.xlsx', 'editor');
  expect(refused.code).toBe(8);
  // five items of the first stand before it
  expect(refused.out).toMatch(/✗ 信息资源目录!B7 {2}QZ_PLATFORM_CODE_HELD {2}held:代码 held 由部门 sw/);
  expect(refused.err).toContain('未导入任何条目');
  const drafts = async () => (await run('catalog drafts --state draft', 'editor')).out;
  expect(await drafts()).not.toContain('fresh');
  await write('fresh.xlsx', 'fresh');
  expect((await run('catalog import fresh.xlsx --check', 'editor')).code).toBe(0);
  expect(await drafts()).not.toContain('fresh');
  const done = await run('catalog import fresh.xlsx', 'editor');
  expect(done.out).toContain('已起草 1 条');
  expect(done.err).toContain('qianzhi catalog submit fresh');
  expect(await drafts()).toContain('fresh  发布  草稿');
});
