import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAM = '/usr/sbin/sshd';
const READY_WITHIN_MS = 10_000;

export function hasSshd(): boolean {
  return existsSync(PROGRAM);
}

/** A real OpenSSH server with internal-sftp, on a free loopback port, for the user that runs it. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  /** Folder that sessions begin in. */
  readonly folder: string;
  /** Private key that may log in. */
  readonly privateKey: string;
  readonly keyFile: string;
  /** `SHA256:…` of the host key. */
  readonly fingerprint: string;
  /** Kills the server and all its sessions. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** `options`: of internal-sftp, such as `-P posix-rename`; `more`: further lines of sshd_config. */
export async function startSshd(options = '', more = ''): Promise<Sshd> {
  const root = await mkdtemp(join(tmpdir(), 'qianzhi-sshd-'));
  const folder = join(root, 'home');
  await mkdir(folder);
  const [hostKey, keyFile] = [join(root, 'host'), join(root, 'login')];
  for (const file of [hostKey, keyFile])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  const port = await freePort();
  const config = join(root, 'sshd_config');
  await writeFile(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${keyFile}.pub`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'PidFile none',
      'MaxSessions 100',
      'MaxStartups 100',
      `Subsystem sftp internal-sftp -d ${folder} ${options}`,
      more,
      '',
    ].join('\n'),
  );
  const { stdout } = await run('ssh-keygen', ['-lf', `${hostKey}.pub`]);
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  let server: ReturnType<typeof spawn> | undefined;

  async function start(): Promise<void> {
    // a group of its own, so that its sessions can be ended with it
    const started = spawn(PROGRAM, ['-D', '-e', '-f', config], { detached: true, stdio: 'ignore' });
    server = started;
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await answers(port))) {
      if (started.exitCode !== null || Date.now() > deadline)
        throw new Error(`sshd on port ${port} did not start`);
    }
  }

  async function stop(): Promise<void> {
    const running = server;
    server = undefined;
    if (!running?.pid || running.exitCode !== null) return;
    const gone = once(running, 'exit');
    await endSessions(running.pid);
    process.kill(running.pid, 'SIGKILL');
    await gone;
  }

  await start();
  return {
    port,
    user: userInfo().username,
    folder,
    keyFile,
    privateKey: await readFile(keyFile, 'utf8'),
    fingerprint: stdout.split(' ')[1]!,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Sessions are processes below the server, in process groups of their own. */
async function endSessions(pid: number): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter(Boolean).map(Number)) {
    await endSessions(child);
    try {
      process.kill(child, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return false;
  } finally {
    socket.destroy();
  }
}
