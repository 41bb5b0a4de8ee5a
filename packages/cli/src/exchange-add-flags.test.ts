import { expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

const supply = ['--supply', 'town', '--table', 't_town'];

it.each([
  ['a pick-up column read by another strategy', [...supply, '--flag-column', 'picked', '--strategy', 'diff']],
  ['values of a pick-up column that is not named', [...supply, '--pending', '0']],
  ['a read strategy of what is consumed', ['--consume', 'town', '--strategy', 'log']],
  ['a pick-up column of what is consumed', ['--consume', 'town', '--flag-column', 'picked']],
])('exchange add refuses %s, which would be ignored', async (_, flags) => {
  const { code, out } = await runProgram(['exchange', 'add', ...flags, '--json'], {
    cwd: await testFolder(),
  });
  expect(code).toBe(2);
  expect(JSON.parse(out).error.code).toMatch(/^QZ_CLI_(USAGE_WRONG|FLAG_WRONG|FLAG_MISSING)$/);
});

it('and takes a pick-up column with its own strategy named, too', async () => {
  const flags = [...supply, '--flag-column', 'picked', '--pending', '0', '--strategy', 'flag'];
  const { out } = await runProgram(['exchange', 'add', ...flags, '--json'], { cwd: await testFolder() });
  expect(JSON.parse(out).error.code).toBe('QZ_AGENT_CONFIG_MISSING');
});

it.each([
  ['zh_CN.UTF-8', '--consume 与 --supply 不能同时给出'],
  ['en_US.UTF-8', '--consume and --supply exclude each other'],
])(
  'two flags that exclude each other are named in the language of %s, without their values',
  async (LANG, text) => {
    const flags = ['--supply', 'a-value', '--consume', 'a-value'];
    const cwd = await testFolder();
    const { code, out } = await runProgram(['exchange', 'add', ...flags, '--json'], { cwd, env: { LANG } });
    expect(code).toBe(2);
    const { message } = JSON.parse(out).error;
    expect(message).toContain(text);
    expect(message).not.toContain('a-value');
  },
);
