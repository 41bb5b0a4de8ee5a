import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isQianzhiError } from '@qianzhi/model';
import { hasSshd, type Sshd, startSshd } from '@qianzhi/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySteps } from '../../packages/cli/src/sftp-side/apply.js';
import { planSftpSide, sshdSnippet, userOf } from '../../packages/cli/src/sftp-side/plan.js';
import { sftpConnector } from '../../plugins/connector-files/src/remote/connector.js';

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
    const byPassword = `Match User ${userOf(departments[0]!)}\n  PasswordAuthentication yes\n  AuthenticationMethods publickey password\n`;
    // the first that matches counts in sshd_config
    sshd = await startSshd('', byPassword + sshdSnippet({ root, group }));
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

  it('lets an agent in by password, once the host key is the pinned one; a wrong password is told as such', async () => {
    const [mine, other] = departments as [string, string];
    const password = randomBytes(18).toString('base64url');
    for (const department of [mine, other]) {
      const change = run('chpasswd', ['-c', 'SHA512']);
      change.child.stdin?.end(`${userOf(department)}:${password}\n`);
      await change;
    }
    const { port, fingerprint } = sshd;
    const signal = AbortSignal.timeout(30_000);
    const quiet = () => undefined;
    const check = async (department: string, more: object = {}) => {
      const config = { host: '127.0.0.1', port, user: userOf(department), folder: '/in', path: keyFolder };
      await using connection = await sftpConnector.open(
        { ...config, password, hostFingerprint: fingerprint, ...more },
        {
          log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
          now: () => new Date(),
          tempDir: keyFolder,
          timeZone: 'Asia/Shanghai',
        },
        signal,
      );
      return await connection.check(signal);
    };
    expect((await check(mine)).notes.map(({ level }) => level)).toEqual(['ok', 'ok']);
    const refused = async (more: object, department = mine) => {
      const error = await check(department, more).catch((reason: unknown) => reason);
      expect(isQianzhiError(error) && JSON.stringify([error.texts, error.details])).not.toContain(password);
      return isQianzhiError(error) ? error.code : error;
    };
    expect(await refused({ password: `${password}x` })).toBe('QZ_SFTP_LOGIN_FAILED');
    expect(await refused({ hostFingerprint: `SHA256:${'B'.repeat(43)}` })).toBe('QZ_SFTP_HOST_CHANGED');
    expect(await refused({ hostFingerprint: undefined })).toBe('QZ_SFTP_HOST_UNKNOWN');
    // its server takes keys alone from the other one
    expect(await refused({}, other)).toBe('QZ_SFTP_LOGIN_FAILED');
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
