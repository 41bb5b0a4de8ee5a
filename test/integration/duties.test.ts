import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DutyEvent, type DutyView, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testFolders } from '../../packages/cli/src/testing/folder.js';
import { runProgram } from '../../packages/cli/src/testing/program.js';
import { createAuditLog } from '../../packages/platform/src/audit/audit-log.js';
import { openBeside } from '../../packages/platform/src/database/test-database.js';
import { createDutyClocks } from '../../packages/platform/src/duty/clocks.js';
import type { NewDuty } from '../../packages/platform/src/ports.js';
import type { PlatformContext } from '../../packages/platform/src/server/context.js';
import {
  PASSWORD,
  settle,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../packages/platform/src/server/test-platform.js';

const testFolder = testFolders();

const DAY_MS = 86_400_000;
let platform: TestPlatform;
let town: Town;
let cwd = '';
let late = '';
let far = '';

beforeAll(async () => {
  cwd = await testFolder();
  platform = await startTestPlatform({ monitor: { host: '127.0.0.1', port: 0 } });
  town = await settle(platform);
  await town.person('mz', 'operator');
  const body = {
    account: 'keeper',
    name: 'keeper',
    department: null,
    roles: ['system-admin' as const],
    password: PASSWORD,
  };
  await town.officer.call(personRoutes.createAccount, { body });
  const reply: NewDuty = {
    kind: 'agreement.reply',
    object: 'a1',
    owner: 'mz',
    rule: 'R058',
    profile: 'national-2025',
    deadline: { n: 1, unit: 'day', excludeStartDay: true },
  };
  late = await openDuty(reply, 60);
  far = await openDuty(
    { ...reply, object: 'a2', deadline: { ...reply.deadline!, n: 1200, unit: 'workingDay' } },
    0,
  );
  for (const [profile, account] of [
    ['mz', 'mz-operator'],
    ['admin', 'keeper'],
    ['officer', 'officer'],
  ]) {
    const words = ['login', '--url', platform.url, '--account', account!, '--password-file', '-'];
    const { code, err } = await runProgram([...words, '--profile', profile!], { cwd, input: PASSWORD });
    expect(err).toBe('');
    expect(code).toBe(0);
  }
});
afterAll(() => platform?.remove());

/** As a feature of the platform opens one, so many days ago. */
async function openDuty(duty: NewDuty, daysAgo: number): Promise<string> {
  const db = await openBeside(platform.dataDir);
  try {
    const now = () => new Date(platform.now().getTime() - daysAgo * DAY_MS);
    const context = { db, now, audit: createAuditLog(db, now) } as PlatformContext;
    const clocks = createDutyClocks(context, { remindDays: 2, escalateDays: 3 });
    return await db.transaction((trx) => clocks.open(trx, duty, 'platform'));
  } finally {
    await db.destroy();
  }
}

async function run(words: string, as: string, env = {}) {
  return runProgram([...words.split(' '), '--profile', as], { cwd, env });
}
async function json<T>(words: string, as = 'mz'): Promise<T> {
  const { out, err } = await run(`${words} --json`, as);
  expect(err).toBe('');
  return JSON.parse(out) as T;
}

it('R058 R059 a duty that is broken is marked by the running platform, listed first, and in the metrics', async () => {
  const history = async () =>
    (await json<{ events: DutyEvent[] }>(`duty history ${late}`)).events.map(({ event }) => event);
  await expect.poll(history, { timeout: 20_000 }).toEqual(['opened', 'reminded', 'overdue', 'escalated']);
  const { duties } = await json<{ duties: DutyView[] }>('duty list');
  expect(duties.map(({ id, standing }) => [id, standing])).toEqual([
    [late, 'overdue'],
    [far, 'running'],
  ]);
  const metrics = await (await fetch(`${platform.monitorUrl}/metrics`)).text();
  expect(metrics).toContain('qianzhi_platform_duties{standing="overdue"} 1');
  expect(metrics).toContain('qianzhi_platform_duties{standing="running"} 1');
});

it('people read it in Chinese and English', async () => {
  const [chinese, english, shown] = await Promise.all([
    run('duty list', 'mz'),
    run('duty list --overdue', 'mz', { QZ_LANG: 'en' }),
    run(`duty show ${far}`, 'mz'),
  ]);
  expect(chinese.out).toMatch(/! 逾期 .*逾期 \d+ 日.*答复申请/);
  expect(chinese.out).toMatch(/期限内 .*(暂定).*个工作日.*R058 national-2025/);
  expect(english.out).toMatch(/! overdue .*days overdue.*reply to an application/);
  expect(english.out).not.toContain(far);
  expect(shown.out).toContain(far);
});

it('what is not the caller’s to see is not there, and says which command goes on', async () => {
  const none = await run(`duty show ${late}`, 'admin');
  expect(none.code).toBe(5);
  expect(none.err).toContain('QZ_PLATFORM_DUTY_UNKNOWN');
  expect(none.err).toContain('qianzhi duty list');
});

it('an administrator enters a year and sets days apart; others may not', async () => {
  const year = Number(platform.now().toISOString().slice(0, 4)) + 3;
  const file = join(cwd, 'year.yaml');
  const text = (day: string) =>
    `year: ${year}\nsource: 测试用,不是真实的安排\nholidays: [${year}-01-01, ${day}]\nworkdays: []\n`;
  await writeFile(file, text(`${year}-02-31`));
  const wrong = await run('duty calendar enter year.yaml', 'admin');
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain('year.yaml');
  await writeFile(file, text(`${year}-05-03`));
  const denied = await run('duty calendar enter year.yaml', 'mz');
  expect(denied.err).toContain('QZ_PLATFORM_ROLE_MISSING');

  const { recounted } = await json<{ recounted: DutyView[] }>('duty calendar enter year.yaml', 'admin');
  expect(recounted.map(({ id }) => id)).toEqual([far]);
  expect(recounted[0]!.provisionalYears).not.toContain(year);
  const set = await run(`duty calendar set ${year}-05-04 --off --reason 台风停工`, 'admin');
  expect(set.out).toContain(`${year}-05-04 已定为休息日`);
  const shown = await run('duty calendar show', 'mz');
  expect(shown.out).toMatch(new RegExp(`${year} .*测试用`));
  expect(shown.out).toMatch(new RegExp(`${year}-05-04 .*休息 .*台风停工 .*person:keeper`));
  expect((await run(`duty calendar clear ${year}-05-04`, 'admin')).code).toBe(0);
  const again = await run(`duty calendar clear ${year}-05-04`, 'admin');
  expect(again.err).toContain('QZ_PLATFORM_CALENDAR_DAY_NOT_SET');
});

it('a profile is taken into force with a reason, and everybody sees which', async () => {
  const denied = await run('policy use jiangsu-2017 --reason 本省规定', 'mz');
  expect(denied.err).toContain('QZ_PLATFORM_ROLE_MISSING');
  const used = await run('policy use jiangsu-2017 --reason 本省规定', 'officer');
  expect(used.out).toContain('现施行 jiangsu-2017');
  const current = await run('policy current', 'mz');
  expect(current.out).toMatch(/jiangsu-2017 .*person:officer .*本省规定/);
  expect(current.out).toMatch(/national-2025 .*platform .*default/);
  const duty = await json<DutyView>(`duty show ${late}`);
  expect(duty.profile).toBe('national-2025');
});
