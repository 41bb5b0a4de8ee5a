import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { type Running, runProgram, startProgram } from './testing/program.js';

const testFolder = testFolders();

/** The whole way by the program alone: platform, persons, two agents, a supply with a bad row, a pull, receipts. */
const PASSWORD = 'a-password-nobody-else-has';
let cwd = '';
let url = '';
let token = '';
let platform: Running;
const agents: Running[] = [];
const outputs: string[] = [];

async function run(...args: string[]) {
  const ended = await runProgram(args, { cwd });
  outputs.push(ended.out, ended.err);
  return ended;
}

async function ok(...args: string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect(code, `qianzhi ${args.join(' ')}\n${out}${err}`).toBe(0);
  return out;
}

async function json(...args: string[]) {
  const { code, out } = await run(...args, '--json');
  return { code, answer: JSON.parse(out) };
}

const as = (profile: string, ...args: string[]) => ok(...args, '--profile', profile);

async function addAccount(account: string, department: string, ...roles: string[]) {
  const flags = roles.flatMap((role) => ['--role', role]);
  await as(
    'officer',
    'account',
    'create',
    account,
    '--name',
    account,
    '--department',
    department,
    ...flags,
    '--password-file',
    'password',
  );
  await as(account, 'login', '--url', url, '--account', account, '--password-file', 'password');
}

async function enrolAgent(department: string, config: string) {
  await writeFile(join(cwd, `${department}.yaml`), config);
  await as(
    'officer',
    'agent',
    'invite',
    `${department}-agent`,
    '--department',
    department,
    '--out',
    `${department}.token`,
  );
  token = (await readFile(join(cwd, `${department}.token`), 'utf8')).trim();
  await ok('enroll', '--config', `${department}.yaml`, '--token-file', `${department}.token`);
}

async function startAgent(department: string): Promise<Running> {
  const agent = startProgram(['agent', 'start', '--config', `${department}.yaml`], { cwd });
  agents.push(agent);
  await agent.until(/✓ 前置机 .* 已启动/);
  return agent;
}

beforeAll(async () => {
  cwd = await testFolder();
  await writeFile(join(cwd, 'password'), PASSWORD, { mode: 0o600 });
  const legacy = new Database(join(cwd, 'legacy.sqlite'));
  legacy.pragma('journal_mode = WAL');
  legacy.exec('CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT)');
  const insert = legacy.prepare('INSERT INTO town VALUES (?, ?)');
  for (const [code, name] of [
    ['441301', '桥东街道'],
    ['441302', '河南岸街道'],
    ['441303', '超'.repeat(99)],
  ])
    insert.run(code, name);
  legacy.close();
  platform = startProgram(
    [
      'platform',
      'start',
      '--data-dir',
      'platform',
      '--port',
      '0',
      '--audience',
      'test',
      '--code-file',
      'code',
      '--json',
    ],
    { cwd },
  );
  const started = JSON.parse((await platform.until(/^\{"url":.*\}$/m))[0]) as {
    url: string;
    firstStartCode?: string;
  };
  url = started.url;
  expect(started.firstStartCode, 'shown only where no file was asked for').toBeUndefined();
  expect((await stat(join(cwd, 'code'))).mode & 0o777).toBe(0o600);
  await ok(
    'platform',
    'setup',
    '--url',
    url,
    '--account',
    'officer',
    '--name',
    '张三',
    '--code-file',
    'code',
    '--password-file',
    'password',
  );
  await as('officer', 'login', '--url', url, '--account', 'officer', '--password-file', 'password');
  await as('officer', 'department', 'put', 'mz', '--name', '民政局');
  await as('officer', 'department', 'put', 'sw', '--name', '税务局');
  await addAccount('mzj', 'mz', 'catalog-editor', 'department-admin');
  await addAccount('swj', 'sw', 'consumer', 'operator');
  await enrolAgent(
    'mz',
    `platform: { url: ${url} }\nstateDir: ./mz-state\nconnectors: { civil: { type: sqlite, path: ./legacy.sqlite } }\nexchanges:\n  - { name: supply-town, supply: town, connector: civil, source: { table: town }, rejectLimit: 1 }\n`,
  );
  await enrolAgent(
    'sw',
    `platform: { url: ${url} }\nstateDir: ./sw-state\nconnectors: { own: { type: sqlite, path: ./own.sqlite, create: true } }\nexchanges:\n  - { name: pull-town, consume: town, connector: own, target: { table: town, create: true } }\n`,
  );
  const resource =
    'code: town\nname: 乡镇街道\nsummary: 测试\ndepartment: mz\nsharing: unconditional\nupdateCycle: yearly\nsubject: place\nitems:\n  - { name: 代码, column: code, type: C, length: 6, key: true }\n  - { name: 名称, column: name, type: C, length: 20, required: true, sensitivity: personal }\n';
  await writeFile(join(cwd, 'town.yaml'), resource);
  await as('mzj', 'catalog', 'publish', 'town.yaml');
  await startAgent('mz');
}, 180_000);

afterAll(async () => {
  for (const agent of agents) await agent.stop();
  await platform?.stop();
});

describe('the main job, typed', () => {
  it('does not supply before the secrecy review and the order, and names the way on', async () => {
    const { code, answer } = await json('job', 'run', 'supply-town', '--wait', '--config', 'mz.yaml');
    expect(code).toBe(4);
    expect(answer).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_NO_DUTY' } });
    expect(answer.restart).toMatch(/^qianzhi /);
    const doctor = await json('doctor', '--config', 'mz.yaml');
    expect(doctor.answer.findings).toContainEqual(
      expect.objectContaining({
        check: 'exchange supply-town',
        level: 'warning',
        code: 'QZ_AGENT_SUPPLY_UNASSIGNED',
      }),
    );
  });

  it('supplies, and says that a row was rejected', async () => {
    await as('officer', 'catalog', 'review', 'town', '--result', 'passed');
    await as('mzj', 'catalog', 'supply', 'town', '--agent', 'mz-agent');
    await ok('agent', 'sync', '--config', 'mz.yaml');
    await run('job', 'resume', 'supply-town', '--config', 'mz.yaml');
    const { code, out } = await run('job', 'run', 'supply-town', '--wait', '--config', 'mz.yaml');
    expect(code, out).toBe(0);
    expect(out).toMatch(/完成,有拒绝.*拒绝 1/);
    expect(out).toContain('qianzhi quarantine list --exchange supply-town');
    const { answer } = await json('quarantine', 'list', '--config', 'mz.yaml');
    expect(answer.rows).toMatchObject([{ exchange: 'supply-town', item: 'name', reason: 'too-long' }]);
    const jobs = await json('job', 'list', '--config', 'mz.yaml', '--state', 'done');
    expect(await ok('job', 'log', jobs.answer.jobs[0].id, '--config', 'mz.yaml')).toContain('info');
    expect(await ok('stream', 'list', '--config', 'mz.yaml')).toContain('town/mz-agent/1');
  });

  it('previews by the catalog: only the personal item is hidden', async () => {
    const { answer } = await json(
      'connector',
      'preview',
      '--exchange',
      'supply-town',
      '--limit',
      '1',
      '--config',
      'mz.yaml',
    );
    expect(answer.rows).toEqual([['441301', '***']]);
  });

  it('pulls what was granted into the other database', async () => {
    await as('swj', 'agreement', 'apply', 'town', '--matter', '税源管理');
    await startAgent('sw');
    await ok('job', 'run', 'pull-town', '--wait', '--config', 'sw.yaml');
    const own = new Database(join(cwd, 'own.sqlite'), { readonly: true });
    expect(own.prepare('SELECT code, name FROM town ORDER BY code').raw().all()).toEqual([
      ['441301', '桥东街道'],
      ['441302', '河南岸街道'],
    ]);
    own.close();
  });

  it('proves it by receipts: from the agent, the platform and files alone', async () => {
    const fromAgent = await json('receipt', 'verify', '--config', 'sw.yaml');
    expect(fromAgent).toMatchObject({ code: 0, answer: { ok: true } });
    expect(fromAgent.answer.verified).toBeGreaterThan(0);
    const fromPlatform = await json('receipt', 'verify', '--platform', '--profile', 'swj');
    expect(fromPlatform).toMatchObject({ code: 0, answer: { ok: true } });
    await ok('receipt', 'list', '--out', 'receipts.json', '--keys-out', 'keys.json', '--config', 'mz.yaml');
    const offline = await json('receipt', 'verify', '--file', 'receipts.json', '--keys', 'keys.json');
    expect(offline).toMatchObject({ code: 0, answer: { ok: true } });
    expect(offline.answer.verified).toBeGreaterThan(0);
  });

  it('is found healthy by the doctor while it runs, and refuses a second instance', async () => {
    const { code, answer } = await json('doctor', '--config', 'mz.yaml');
    expect({ code, bad: answer.findings.filter((found: { level: string }) => found.level !== 'ok') }).toEqual(
      { code: 0, bad: [] },
    );
    const second = await run('agent', 'start', '--config', 'mz.yaml');
    expect(second.code).toBe(6);
    expect(second.err).toContain('QZ_ENGINE_ALREADY_RUNNING');
  });

  it('exports the rejected row to a new file of the owner alone', async () => {
    await ok('quarantine', 'export', '--out', 'rejected.txt', '--config', 'mz.yaml');
    expect(await readFile(join(cwd, 'rejected.txt'), 'utf8')).toContain('超超超');
    expect((await stat(join(cwd, 'rejected.txt'))).mode & 0o777).toBe(0o600);
    await rm(join(cwd, 'rejected.txt'));
  });

  it('ends with the reason when another machine takes over the identity', { timeout: 90_000 }, async () => {
    const config = (await readFile(join(cwd, 'sw.yaml'), 'utf8')).replace('./sw-state', './copied-state');
    await writeFile(join(cwd, 'copy.yaml'), config);
    await mkdir(join(cwd, 'copied-state'), { mode: 0o700 });
    await cp(join(cwd, 'sw-state', 'identity.json'), join(cwd, 'copied-state', 'identity.json'));
    const old = agents[1]!;
    await startAgent('copy');
    const { code, err } = await old.ended;
    expect(err).toContain('✗ QZ_PLATFORM_INSTANCE_FENCED');
    expect(code).toBe(4);
  });

  it('stops on SIGTERM with exit 0, platform and agent', async () => {
    expect((await agents[0]!.stop()).code).toBe(0);
    expect((await platform.stop()).code).toBe(0);
  });

  it('has shown no secret and no rejected value anywhere', () => {
    const shown = [
      ...outputs,
      ...[platform, ...agents].flatMap(({ output }) => [output.out, output.err]),
    ].join('\n');
    for (const secret of [PASSWORD, token, '超超超']) expect(shown).not.toContain(secret);
  });
});
