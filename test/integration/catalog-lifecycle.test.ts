import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogDraft } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testFolder } from '../../packages/cli/src/testing/folder.js';
import { runProgram } from '../../packages/cli/src/testing/program.js';
import {
  PASSWORD,
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
} from '../../packages/platform/src/server/test-platform.js';

let platform: TestPlatform;
let cwd = '';
const accounts = {
  editor: ['mz', 'catalog-editor'],
  admin: ['mz', 'department-admin'],
  competent: ['zs', 'approver'],
} as const;

beforeAll(async () => {
  cwd = await testFolder();
  platform = await startTestPlatform({ catalogReviews: true });
  const town = await settle(platform);
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
