import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../program.js';
import type { Ended, OfflineMachine } from './offline-machine.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs the bundler below `out`; answers the path it printed. The build must be there. */
export function bundle(out: string, ...options: readonly string[]): string {
  const printed = execFileSync(
    process.execPath,
    [join(repository, 'config/bundle/bundle.js'), '--out', out, ...options],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return printed.trim();
}

/** What stands below the root of an offline machine, and the commands an administrator gives there. */
export function installation(machine: OfflineMachine) {
  const at = (...path: string[]) => join(machine.root, ...path);
  const qz = (...args: string[]): Promise<Ended> => machine.run(at('usr/local/bin/qianzhi'), args);
  return {
    at,
    qz,
    /** The same; throws unless it ends well. */
    async must(...args: string[]): Promise<string> {
      const ended = await qz(...args);
      if (ended.code !== 0)
        throw new Error(`qianzhi ${args.join(' ')} → ${ended.code}\n${ended.out}${ended.err}`);
      return ended.out;
    },
    /** `sh install.sh --root …` of an unpacked archive. */
    install: (folder: string, ...args: string[]): Promise<Ended> =>
      machine.run('/bin/sh', [join(folder, 'install.sh'), '--root', machine.root, ...args]),
    current: (): string | undefined =>
      existsSync(at('opt/qianzhi/current')) ? readlinkSync(at('opt/qianzhi/current')) : undefined,
    versions: () =>
      readdirSync(at('opt/qianzhi/versions'))
        .filter((name) => !name.startsWith('.'))
        .sort(),
    backups: () => (existsSync(at('var/backups/qianzhi')) ? readdirSync(at('var/backups/qianzhi')) : []),
    unit: (role: string) => readFileSync(at(`etc/systemd/system/qianzhi-${role}.service`), 'utf8'),
    /** Starts a service by the ExecStart line of its unit; answers its process when `started` holds. */
    async startUnit(role: string, started: () => Promise<boolean>): Promise<Service> {
      const line = /^ExecStart=(.+)$/m.exec(
        readFileSync(at(`etc/systemd/system/qianzhi-${role}.service`), 'utf8'),
      )![1]!;
      // below the root instead of `/`
      const [program, ...args] = line
        .split(' ')
        .map((word) => word.replace(/^\/(?=opt|etc|var)/, `${machine.root}/`));
      const child = machine.start(program!, args);
      await eventually(`${role} runs`, 60_000, async () => {
        if (child.exitCode !== null) throw new Error(`${line} ended with ${child.exitCode}`);
        return (await started()) || undefined;
      });
      return {
        commandLine: readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0'),
        environment: readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0'),
        runs: () => child.exitCode === null && child.signalCode === null,
        async stop() {
          const over = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGTERM');
          await over;
        },
      };
    },
    /** A platform of one officer and one department, and this machine's agent enrolled at it. */
    async enrol(secret: string): Promise<void> {
      const { must } = this;
      const password = join(machine.folder, 'officer.pw');
      await writeFile(password, `${secret}\n`, { mode: 0o600 });
      const url = ['--url', 'http://127.0.0.1:8340'];
      const officer = ['--account', 'officer', '--password-file', password];
      const code = at('var/lib/qianzhi-platform/first-start-code');
      await must('platform', 'setup', ...url, ...officer, '--name', '张三', '--code-file', code);
      await must('login', ...url, ...officer);
      await must('department', 'put', 'mz', '--name', '民政局');
      const token = join(machine.folder, 'token');
      await must('agent', 'invite', 'mz-agent', '--department', 'mz', '--out', token);
      await must('enroll', '--token-file', token);
    },
    identity: () => readFile(at('var/lib/qianzhi-agent/identity.json'), 'utf8'),
  };
}

export interface Service {
  readonly commandLine: readonly string[];
  readonly environment: readonly string[];
  runs(): boolean;
  stop(): Promise<void>;
}
