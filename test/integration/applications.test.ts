import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Agreement, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testFolders } from '../../packages/cli/src/testing/folder.js';
import {
  publish,
  settle,
  startTestPlatform,
  type TestPlatform,
} from '../../packages/platform/src/server/test-platform.js';
import { signInPersons } from './persons.js';

const testFolder = testFolders();

let platform: TestPlatform;
let cwd = '';
const accounts = {
  applicant: ['sw', 'consumer'],
  provider: ['mz', 'approver'],
  competent: ['zs', 'approver'],
} as const;
type Who = keyof typeof accounts;
let persons: Awaited<ReturnType<typeof signInPersons<typeof accounts>>>;

beforeAll(async () => {
  cwd = await testFolder();
  platform = await startTestPlatform();
  const town = await settle(platform);
  await publish(town);
  await town.officer.call(personRoutes.usePolicy, {
    body: { profile: 'huizhou-draft-2016', reason: '本市' },
  });
  persons = await signInPersons(platform, town, cwd, accounts);
  await writeFile(join(cwd, 'secret.txt'), '安全保密协议');
});
afterAll(() => platform?.remove());

const run = (words: string, as: Who) => persons.run(words, as);
const done = (words: string, as: Who) => persons.done(words, as);
const shown = async (id: string) =>
  JSON.parse(await done(`agreement show ${id} --json`, 'applicant')) as Agreement;

const law = '--legal-basis 税收征收管理法第六条';
const bases = '--basis legal_person=税收征收管理法第六条';

it('a whole application goes by the commands that are printed, from what is missing to filing and suspension', async () => {
  const apply = `agreement apply social_group --item uscc --item name --item legal_person --matter 实名办税 ${law}`;
  const bare = await run(apply, 'applicant');
  expect(bare.code).toBe(8);
  expect(bare.err).toContain('R067');
  const applied = await done(`${apply} ${bases}`, 'applicant');
  const id = /^\S{36}/.exec(applied)![0];
  for (const next of ['return', 'approve', 'withdraw', 'sign'])
    expect(applied).toContain(`qianzhi agreement ${next} ${id}`);
  expect(await done(`agreement return ${id} --missing 缺依据`, 'provider')).toContain('计时暂停');
  const early = await run(`agreement refuse ${id} --reason 无关 --ground unrelated ${law}`, 'provider');
  expect(early).toMatchObject({
    code: 6,
    err: expect.stringContaining('“退回补正”环节,不能执行“不同意”'),
  });
  expect(await done(`agreement complete ${id} --note 已补 ${bases}`, 'applicant')).toContain('待答复');
  const unsigned = await run(`agreement approve ${id}`, 'provider');
  expect(unsigned.err).toContain(`qianzhi agreement sign ${id}`);
  await done(`agreement sign ${id} --file secret.txt --signatory 王五`, 'applicant');
  await done(`agreement approve ${id}`, 'provider');
  expect(await done(`agreement file ${id} --number 2026-1`, 'competent')).toContain('提供数据');
  await done(`agreement suspend ${id} --reason 核查`, 'provider');
  expect(await shown(id)).toMatchObject({ state: 'suspended', grant: null });
  await done(`agreement resume ${id} --reason 已核`, 'provider');
  expect(await shown(id)).toMatchObject({ state: 'granted', grant: { body: { grantVersion: 2 } } });
});

it('R078 a scenario is published until a day, fills an application in, and its end is told', async () => {
  const scenario = '--resource social_group --item uscc --item name --matter 核验 --usage data-check';
  const wrong = await run(
    `agreement scenario publish a --name 核验 ${scenario} --valid-to 明年`,
    'competent',
  );
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--valid-to 的值“明年”不符') });
  await done(`agreement scenario publish check --name 核验 ${scenario} --valid-to 2027-06-30`, 'competent');
  const listed = JSON.parse(await done('agreement scenario list --json', 'applicant'));
  expect(listed.scenarios).toMatchObject([{ id: 'check', validTo: '2027-06-30T15:59:59.000Z' }]);
  expect((await run('agreement apply --scenario none', 'applicant')).err).toContain(
    'QZ_CLI_SCENARIO_UNKNOWN',
  );
  const over = await run(
    `agreement apply --scenario check --item phone ${law} --basis phone=税收征收管理法第六条`,
    'applicant',
  );
  expect(over.err).toContain('QZ_PLATFORM_SCENARIO_EXCEEDED');
  expect(await done('agreement scenario end check --reason 到期', 'competent')).toContain('已终止 check');
  const late = await run('agreement apply --scenario check', 'applicant');
  expect(late).toMatchObject({ code: 6, err: expect.stringContaining('QZ_PLATFORM_SCENARIO_OVER') });
});
