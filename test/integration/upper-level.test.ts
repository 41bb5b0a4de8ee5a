import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { parseYaml } from '@qianzhi/model/yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testFolders } from '../../packages/cli/src/testing/folder.js';
import { runProgram } from '../../packages/cli/src/testing/program.js';
import {
  PASSWORD,
  publish,
  settle,
  startTestPlatform,
  type TestPlatform,
} from '../../packages/platform/src/server/test-platform.js';

const testFolder = testFolders();

let platform: TestPlatform;
let cwd = '';
beforeAll(async () => {
  cwd = await testFolder();
  platform = await startTestPlatform({ region: '441300' });
  const town = await settle(platform);
  await publish(town);
  await town.officer.call(personRoutes.usePolicy, { body: { profile: 'jiangsu-2017', reason: '本省' } });
  for (const [profile, department] of Object.entries({ editor: 'mz', other: 'sw' })) {
    await town.person(department, 'catalog-editor');
    const words = ['login', '--url', platform.url, '--account', `${department}-catalog-editor`];
    const options = ['--password-file', '-', '--profile', profile];
    expect(await runProgram([...words, ...options], { cwd, input: PASSWORD })).toMatchObject({ code: 0 });
  }
}, 240_000);
afterAll(() => platform?.remove());

const run = async (words: string, as = 'editor') =>
  runProgram([...words.split(' '), '--profile', as], { cwd });
const upper = '--upper 省登记 --platform 省中心 --system 省系统';

it('R139 a waiver is recorded, listed, shown and ended by command, and refused with the way out', {
  timeout: 240_000,
}, async () => {
  expect((await run('catalog waive social_group --upper 省登记')).err).toContain('--platform');
  const waived = await run(`catalog waive social_group ${upper}`);
  expect(waived).toMatchObject({ code: 0, out: expect.stringContaining('已免报,见 省中心 省登记') });
  const again = await run(`catalog waive social_group ${upper}`);
  expect(again.code).toBe(6);
  expect(again.err).toContain('qianzhi catalog end-waiver social_group');
  expect((await run('catalog show social_group')).out).toContain(
    '免报 (R139):由 省中心 的 省登记(省系统)报送',
  );
  expect((await run('catalog list')).out).toMatch(/每日.*免报/);
  expect((await run('catalog waivers')).out).toMatch(/social_group.*省登记/);
  const strange = await run('catalog end-waiver social_group --reason 试', 'other');
  expect(strange.err).toContain('QZ_PLATFORM_OTHER_DEPARTMENT');
  const ended = await run('catalog end-waiver social_group --reason 改由本局系统 --json');
  expect(JSON.parse(ended.out)).toMatchObject({ upper: '省登记', endReason: '改由本局系统' });
  expect(JSON.parse((await run('catalog waivers --json')).out)).toEqual({ waivers: [] });
  expect((await run('catalog waivers --ended')).out).toContain('改由本局系统');
});

it('R019 the summary for the level above is written as YAML, and nothing else is taken for it', {
  timeout: 240_000,
}, async () => {
  const wrong = await run('catalog export --summary --out summary.xlsx');
  expect(wrong.err).toContain('目录汇总为 YAML');
  const { code, err } = await run('catalog export --summary --out summary.yaml');
  expect(code, err).toBe(0);
  const parsed = parseYaml(await readFile(join(cwd, 'summary.yaml'), 'utf8'));
  expect(parsed).toMatchObject({
    value: {
      catalogSummary: 1,
      platform: 'test',
      region: '441300',
      level: 'city',
      totals: { resources: 1, items: 5 },
      resources: [{ code: 'social_group', updateCycle: 'daily', digest: expect.any(String) }],
    },
  });
});

it('R017 the statutory list says what the catalog lacks and by when', { timeout: 240_000 }, async () => {
  const line = { name: '基金会登记', resource: 'foundation', items: ['名称'], basis: '基金会管理条例' };
  await writeFile(join(cwd, 'law.yaml'), JSON.stringify({ entries: [line] }));
  const put = await run('catalog put-list law.yaml --list statutory');
  expect(put.code, put.err).toBe(0);
  expect(put.err).toMatch(/目录尚缺 foundation 的法定信息项,限期补齐:\d{4}-\d\d-\d\d/);
  expect((await run('duty list')).out).toContain('foundation');
  expect((await run('catalog list --list statutory')).out).toContain('基金会管理条例');
  await writeFile(join(cwd, 'bare.yaml'), JSON.stringify({ entries: [{ name: '基金会登记' }] }));
  expect((await run('catalog put-list bare.yaml --list statutory')).err).toContain('法律依据(basis)');
});
