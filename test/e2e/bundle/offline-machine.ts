import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A machine as an installer finds it: no network beside loopback, coreutils and the shell alone on PATH, nothing installed. */
export interface OfflineMachine {
  readonly folder: string;
  /** Where it believes `/` to be: install.sh's --root. */
  readonly root: string;
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** A process that goes on running; `close` ends it if it still runs. */
  start(program: string, args: readonly string[]): ChildProcess;
  close(): Promise<void>;
}

const asRoot = process.getuid?.() === 0;

/** Needs `unshare`, `nsenter` and `ip`; not root, but user namespaces then. */
export async function offlineMachine(): Promise<OfflineMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-bundle-'));
  const bin = join(folder, 'coreutils');
  await mkdir(bin);
  for (const name of coreutils()) await symlink(name.path, join(bin, name.name));

  const holder = spawn(
    'unshare',
    [
      ...(asRoot ? [] : ['--map-root-user']),
      '--net',
      'sh',
      '-c',
      'ip link set lo up && echo up && exec sleep infinity',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(holder.stdout!, 'data');
  const inside = [
    ...['--target', String(holder.pid), '--net'],
    ...(asRoot ? [] : ['--user', '--preserve-credentials']),
    ...[`--wd=${folder}`, '--'],
  ];
  const environment = { PATH: bin, HOME: join(folder, 'home'), QZ_LANG: 'en' };
  const nsenter = ['/usr/bin/nsenter', '/bin/nsenter'].find((path) => existsSync(path))!;
  const started: ChildProcess[] = [];

  return {
    folder,
    root: join(folder, 'root'),
    run: (program, args, env) =>
      new Promise((resolve, reject) => {
        const options = { env: { ...environment, ...env }, maxBuffer: 1 << 24 };
        execFile(nsenter, [...inside, program, ...args], options, (error, out, err) => {
          if (error !== null && typeof error.code !== 'number') reject(error);
          else resolve({ code: Number(error?.code ?? 0), out, err });
        });
      }),
    start(program, args) {
      const child = spawn(nsenter, [...inside, program, ...args], { env: environment, stdio: 'ignore' });
      started.push(child);
      return child;
    },
    async close() {
      for (const child of [...started, holder]) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const over = once(child, 'exit');
        child.kill('SIGKILL');
        await over;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The programs install.sh may count on. */
const allowed =
  'basename cat chgrp chmod chown cp cut date df dirname du env head id ln ls mkdir mv printf readlink rm sha256sum sleep sort stat sync tail tr true uname wc';

function coreutils(): { name: string; path: string }[] {
  return allowed.split(' ').map((name) => {
    const path = [`/usr/bin/${name}`, `/bin/${name}`].find((each) => existsSync(each));
    if (path === undefined) throw new Error(`this machine has no ${name} of coreutils`);
    return { name, path };
  });
}
