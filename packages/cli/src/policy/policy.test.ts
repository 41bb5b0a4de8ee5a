import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policyRules } from '@qianzhi/model';
import { readPolicy, shippedProfiles } from '@qianzhi/platform/policy';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from '../testing/folder.js';
import { runProgram } from '../testing/program.js';
import { ruleName } from './policy-text.js';

const testFolder = testFolders();

let cwd = '';
let jiangsu = '';
beforeAll(async () => {
  cwd = await testFolder();
  jiangsu = await readFile(join(shippedProfiles, 'jiangsu-2017.yaml'), 'utf8');
});

const policy = (words: readonly string[], env = {}) => runProgram(['policy', ...words], { cwd, env });
const en = { QZ_LANG: 'en' };

describe('policy validate', () => {
  it('takes the six profiles of the program', async () => {
    const { code, out } = await policy(['validate', '--json']);
    expect(code).toBe(0);
    const answer = JSON.parse(out) as { ok: boolean; files: string[] };
    expect(answer).toMatchObject({ ok: true, findings: [] });
    expect(answer.files).toHaveLength(6);
  });

  it('names file, line and place of what is wrong, in both languages', async () => {
    await writeFile(join(cwd, 'jiangsu-2017.yaml'), jiangsu.replace('{ n: 15,', '{ n: 0,'));
    const line = jiangsu.split('\n').findIndex((one) => one.includes('{ n: 15,')) + 1;
    const [json, english, chinese] = await Promise.all([
      policy(['validate', 'jiangsu-2017.yaml', '--json']),
      policy(['validate', 'jiangsu-2017.yaml'], en),
      policy(['validate', 'jiangsu-2017.yaml']),
    ]);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      findings: [{ line, where: '/catalogUpdateDays/n', code: 'QZ_PLATFORM_POLICY_WRONG' }],
    });
    expect(english.out).toContain(`jiangsu-2017.yaml:${line}  /catalogUpdateDays/n`);
    expect(english.out).toContain('qianzhi policy validate jiangsu-2017.yaml');
    expect(chinese.out).toContain('政策配置 jiangsu-2017.yaml');
  });

  it('finds a file named otherwise than its id, and a text that is no YAML', async () => {
    await writeFile(join(cwd, 'my-city.yaml'), jiangsu);
    await writeFile(join(cwd, 'broken.yaml'), 'id: "x\n');
    const [named, broken] = await Promise.all(
      ['my-city.yaml', 'broken.yaml'].map((file) => policy(['validate', file, '--json'])),
    );
    expect(JSON.parse(named!.out)).toMatchObject({ findings: [{ where: '/id' }] });
    expect(JSON.parse(broken!.out)).toMatchObject({
      findings: [{ where: '/', code: 'QZ_PLATFORM_POLICY_WRONG' }],
    });
    expect([named!.code, broken!.code]).toEqual([2, 2]);
  });

  it('says what there is when a profile is not there, and when a folder holds none', async () => {
    const empty = await testFolder();
    const [unknown, none] = await Promise.all([
      policy(['show', 'jiangsu', '--json']),
      policy(['validate', '--dir', empty, '--json']),
    ]);
    expect(unknown.code).toBe(5);
    expect(unknown.out).toContain('national-2025');
    expect(JSON.parse(none.out)).toMatchObject({ error: { code: 'QZ_PLATFORM_POLICY_NONE' } });
  });
});

describe('a new jurisdiction', () => {
  it('is one file: shown and compared like the others', async () => {
    const mine = jiangsu
      .replace('id: jiangsu-2017', 'id: my-city-2027')
      .replace('supplyDays: null', 'supplyDays: { n: 7, unit: day, excludeStartDay: true }');
    await writeFile(join(cwd, 'my-city-2027.yaml'), mine);
    const [diff, text, shown] = await Promise.all([
      policy(['diff', 'jiangsu-2017', 'my-city-2027.yaml', '--json']),
      policy(['diff', 'jiangsu-2017', 'my-city-2027.yaml'], en),
      policy(['show', 'my-city-2027.yaml']),
    ]);
    const right = { n: 7, unit: 'day', excludeStartDay: true };
    expect(JSON.parse(diff.out)).toEqual({
      left: 'jiangsu-2017',
      right: 'my-city-2027',
      differences: [{ path: 'supplyDays', left: null, right }],
    });
    expect(text.out).toMatch(/supply after consent +supplyDays +not stated +7 days/);
    expect(shown.out).toMatch(/同意后供数 +supplyDays +7 日/);
    expect(shown.out).toMatch(/更新目录 +catalogUpdateDays +15 个工作日/);
  });

  it('every rule has a name for people', async () => {
    const rules = policyRules(await readPolicy('jiangsu-2017', shippedProfiles));
    expect(rules.filter(({ path }) => ruleName(path) === path)).toEqual([]);
  });
});
