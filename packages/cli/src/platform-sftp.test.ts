import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

/** The plan alone: `--apply` needs root, and is in test/integration/sftp-side.test.ts. */
async function plan(...args: string[]) {
  const cwd = await testFolder();
  await writeFile(join(cwd, 'mz.pub'), 'ssh-ed25519 AAAA mz\n');
  await writeFile(join(cwd, 'other.txt'), 'no key\n');
  const { code, out } = await runProgram(['platform', 'sftp', ...args, '--json'], { cwd });
  return { code, answer: JSON.parse(out) };
}

it('leaves the keys of a department alone that is named without one', async () => {
  const { answer } = await plan('--department', 'mz', '--department', 'sw', '--key', 'mz=mz.pub');
  const files = (answer.steps as { kind: string; path: string }[]).filter(({ kind }) => kind === 'file');
  expect(files.map(({ path }) => path)).toEqual(['/srv/qianzhi-sftp/.keys/qz-mz']);
});

it('refuses keys that would open nothing: of a department that is not named, of a file without any, of no file', async () => {
  const refused = async (key: string) => {
    const { code, answer } = await plan('--department', 'mz', '--key', key);
    return [code, answer.error?.code];
  };
  expect(await refused('sw=mz.pub')).toEqual([2, 'QZ_CLI_SFTP_KEY_STRANGER']);
  expect(await refused('mz=other.txt')).toEqual([2, 'QZ_CLI_SFTP_NO_KEY']);
  expect(await refused('mz=none.pub')).toEqual([2, 'QZ_CLI_FILE_MISSING']);
});
