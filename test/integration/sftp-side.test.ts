import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasSshd, type Sshd, startSshd } from '@qianzhi/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySteps } from '../../packages/cli/src/sftp-side/apply.js';
import { planSftpSide, sshdSnippet, userOf } from '../../packages/cli/src/sftp-side/plan.js';

const run = promisify(execFile);
const side = {
  root: '/srv/x',
  group: 'g',
  departments: ['mz'],
  keys: new Map([['mz', ['ssh-ed25519 AAAA']]]),
};

it('plans a user without shell, a chroot of root’s and two folders of the department', () => {
  const steps = planSftpSide(side);
  expect(steps).toContainEqual({ kind: 'folder', path: '/srv/x/qz-mz', owner: 'root:root', mode: '0755' });
  expect(steps).toContainEqual({ kind: 'folder', path: '/srv/x/qz-mz/in', owner: 'qz-mz:g', mode: '0750' });
  expect(steps).toContainEqual({
    kind: 'file',
    path: '/srv/x/.keys/qz-mz',
    owner: 'root:root',
    mode: '0644',
    text: 'restrict ssh-ed25519 AAAA\n',
  });
  expect(sshdSnippet(side)).toContain('ForceCommand internal-sftp');
});

// users and chroots are root's to make; CI and the containers of developers are root
describe.runIf(hasSshd() && userInfo().uid === 0)('on a real sshd', () => {
  const departments = [`ta${process.pid}`, `tb${process.pid}`];
  const group = `qz-test-${process.pid}`;
  let root: string;
  let keyFolder: string;
  let sshd: Sshd;

  beforeAll(async () => {
    // not below /tmp: every folder above a chroot has to be root's alone
    root = await mkdtemp('/srv/qianzhi-sftp-');
    await chmod(root, 0o755);
    keyFolder = await mkdtemp(join(tmpdir(), 'qianzhi-keys-'));
    const keys = new Map<string, string[]>();
    for (const department of departments) {
      const file = join(keyFolder, department);
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
      keys.set(department, [(await readFile(`${file}.pub`, 'utf8')).trim()]);
    }
    const steps = planSftpSide({ root, group, departments, keys });
    await applySteps(steps);
    await applySteps(steps); // again changes nothing
    sshd = await startSshd('', sshdSnippet({ root, group }));
  });
  afterAll(async () => {
    await sshd?.[Symbol.asyncDispose]();
    for (const department of departments) await run('userdel', [userOf(department)]);
    await run('groupdel', [group]);
    for (const folder of [root, keyFolder]) await rm(folder, { recursive: true, force: true });
  });

  function sftp(department: string, key: string, batch: string, more: readonly string[] = []) {
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes'];
    const child = run('sftp', [
      ...options.flatMap((option) => ['-o', option]),
      ...['-i', join(keyFolder, key), '-P', String(sshd.port), ...more, '-b', '-'],
      `${userOf(department)}@127.0.0.1`,
    ]);
    child.child.stdin?.end(batch);
    return child;
  }

  it('lets a department put and take files in its own folder, and see no other', async () => {
    const [mine, other] = departments as [string, string];
    const file = join(keyFolder, '登记.csv');
    await writeFile(file, 'id\n1\n');
    const { stdout } = await sftp(mine, mine, `put ${file} in/登记.csv\nls -1 /\nls -1 in\n`);
    expect(await readdir(join(root, userOf(mine), 'in'))).toEqual(['登记.csv']);
    expect(stdout).toMatch(/\/in\n\/out\n/);
    expect(stdout).not.toContain(userOf(other));
    await expect(sftp(mine, mine, `put ${file} /x.csv\n`)).rejects.toThrow(/Permission denied/);
    await expect(sftp(mine, mine, `get /../${userOf(other)}/in/x\n`)).rejects.toThrow(/not found/);
  });

  it('lets nobody in by another department’s key, and nobody run a command', async () => {
    const [mine, other] = departments as [string, string];
    await expect(sftp(mine, other, 'ls\n')).rejects.toThrow(/Permission denied/);
    const ssh = [
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'BatchMode=yes',
    ];
    const command = run('ssh', [
      ...ssh,
      ...['-i', join(keyFolder, mine), '-p', String(sshd.port), `${userOf(mine)}@127.0.0.1`, 'id'],
    ]);
    command.child.stdin?.end();
    const answer = await command.then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
    expect(answer).not.toContain('uid=');
  });
});
