import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

let cwd = '';
beforeAll(async () => {
  cwd = await testFolder();
});

const twoLines = /^✗ QZ_[A-Z_]+ {2}.+\n {2}→ .+\n$/;

describe('a wrong command line', () => {
  it.each([
    ['unknown command', ['nothing', 'here'], 'QZ_CLI_COMMAND_UNKNOWN'],
    ['help of an unknown command', ['job', 'list', 'here', '--help'], 'QZ_CLI_COMMAND_UNKNOWN'],
    ['unknown flag', ['job', 'list', '--nope'], 'QZ_CLI_FLAG_UNKNOWN'],
    ['missing argument', ['job', 'run'], 'QZ_CLI_ARGUMENT_MISSING'],
    ['missing flag', ['agent', 'revoke', 'a'], 'QZ_CLI_FLAG_MISSING'],
    ['one argument too many', ['job', 'run', 'a', 'b'], 'QZ_CLI_ARGUMENT_UNEXPECTED'],
    ['an argument where none is taken', ['job', 'list', 'here'], 'QZ_CLI_ARGUMENT_UNEXPECTED'],
    ['a flag twice', ['job', 'list', '--limit', '1', '--limit', '2'], 'QZ_CLI_FLAG_REPEATED'],
    ['a flag of the wrong form', ['job', 'list', '--limit', 'many'], 'QZ_CLI_FLAG_WRONG'],
    ['a scene that is to be kept running', ['demo', '--scene', 'sftp', '--keep'], 'QZ_CLI_USAGE_WRONG'],
    ['a found file that is not there', ['trace', 'none.csv'], 'QZ_CLI_FILE_MISSING'],
    [
      'a region code that is none',
      ['department', 'put', 'bad', '--name', 'x', '--region', '12'],
      'QZ_CLI_FLAG_WRONG',
    ],
    ['a flag outside its choices', ['job', 'list', '--state', 'odd'], 'QZ_CLI_CHOICE_WRONG'],
  ])('%s: exit 2, two lines on stderr, nothing on stdout', async (_, args, code) => {
    const ended = await runProgram(args, { cwd });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(twoLines);
    expect(ended.err).toContain(code);
  });

  it('is one JSON object on stdout under --json', async () => {
    for (const args of [
      ['job', 'run', '--json'],
      ['nothing', '--json'],
    ]) {
      const ended = await runProgram(args, { cwd });
      expect(ended).toMatchObject({ code: 2, err: '' });
      expect(JSON.parse(ended.out)).toEqual({
        error: {
          code: expect.stringMatching(/^QZ_CLI_/),
          kind: 'config',
          message: expect.any(String),
          hint: expect.stringContaining('--help'),
          details: expect.any(Object),
        },
      });
    }
  });

  it('does not repeat what stood behind an unknown flag', async () => {
    const { err } = await runProgram(['login', '--password=hunter2hunter2', '--url', 'x', '--account', 'y'], {
      cwd,
    });
    expect(err).toContain('--password');
    expect(err).not.toContain('hunter2');
  });
});

describe('language', () => {
  it.each([
    [{ QZ_LANG: 'en' }, /there is no config file/],
    [{ QZ_LANG: 'zh', LANG: 'en_US.UTF-8' }, /找不到配置文件/],
    [{ LANG: 'en_US.UTF-8' }, /there is no config file/],
    [{ LANG: 'C' }, /找不到配置文件/],
  ])('%j', async (env, text) => {
    const { code, err } = await runProgram(['job', 'list'], { cwd, env });
    expect(code).toBe(2);
    expect(err).toMatch(text);
  });
});

describe('exit codes by kind', () => {
  it('3 for nobody signed in, 7 for an agent that does not run, 6 for a file that is there', async () => {
    await writeFile(join(cwd, 'agent.yaml'), 'platform: { url: "http://127.0.0.1:9" }\n');
    expect((await runProgram(['whoami'], { cwd })).code).toBe(3);
    const down = await runProgram(['agent', 'status'], { cwd });
    expect(down.code).toBe(7);
    expect(down.err).toContain('qianzhi agent start');
    const init = await runProgram(['init'], { cwd });
    expect(init.code).toBe(6);
    expect(init.err).toContain('QZ_CLI_FILE_EXISTS');
  });

  it('talks to the agent without the secrets of its config', async () => {
    const config =
      'platform: { url: "http://127.0.0.1:9" }\nconnectors: { a: { type: sqlite, path: "${env:QZ_NOT_SET}" } }\n';
    await writeFile(join(cwd, 'secret.yaml'), config);
    expect((await runProgram(['job', 'list'], { cwd, env: { QZ_CONFIG: 'secret.yaml' } })).code).toBe(7);
    expect((await runProgram(['agent', 'start', '--config', 'secret.yaml'], { cwd })).code).toBe(2);
  });
});
