import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { throwIfCancelled } from '@qianzhi/model';
import { demoErrors } from './errors.js';

const binary = fileURLToPath(new URL('../../bin/qianzhi.js', import.meta.url));

/** The qianzhi programs of the demo, each a process of its own with its log in the demo's folder. */
export interface Processes {
  /** Starts `qianzhi …args` and leaves it running. */
  start(name: string, args: readonly string[]): void;
  /** Runs `qianzhi …args` to its end; throws QZ_DEMO_PROCESS_ENDED unless it exits with 0. */
  run(name: string, args: readonly string[]): Promise<void>;
  /** Tries `probe` until it answers something; fails early when `name` has ended. */
  until<T>(name: string, what: string, probe: () => Promise<T | undefined>, signal: AbortSignal): Promise<T>;
  pids(): Readonly<Record<string, number>>;
  stopAll(): Promise<void>;
  /** Lets them run on after this process. */
  release(): void;
}

export function createProcesses(folder: string, env: NodeJS.ProcessEnv): Processes {
  const running = new Map<string, ChildProcess>();
  const logOf = (name: string) => join(folder, `${name}.log`);

  /** Output goes straight to the log file: a process that is kept must not hang on this one's pipes. */
  function launch(name: string, args: readonly string[]): ChildProcess {
    const log = openSync(logOf(name), 'a', 0o600);
    try {
      return spawn(process.execPath, [binary, ...args], {
        cwd: folder,
        env: { ...process.env, ...env },
        stdio: ['ignore', log, log],
        detached: true,
      });
    } finally {
      closeSync(log);
    }
  }

  function ended(child: ChildProcess): boolean {
    return child.exitCode !== null || child.signalCode !== null;
  }

  return {
    start: (name, args) => void running.set(name, launch(name, args)),
    async run(name, args) {
      const child = launch(name, args);
      const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
      if (exit !== 0) throw demoErrors.PROCESS_ENDED({ name, exit, log: logOf(name) });
    },
    async until(name, what, probe, signal) {
      const deadline = Date.now() + 120_000;
      for (;;) {
        throwIfCancelled(signal, 'demo');
        const found = await probe();
        if (found !== undefined) return found;
        const child = running.get(name);
        if (child && ended(child))
          throw demoErrors.PROCESS_ENDED({ name, exit: child.exitCode, log: logOf(name) });
        if (Date.now() > deadline) throw demoErrors.NOT_READY({ what, seconds: 120, log: folder });
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    pids: () => Object.fromEntries([...running].map(([name, child]) => [name, child.pid!])),
    async stopAll() {
      const stopping = [...running.values()].filter((child) => !ended(child));
      await Promise.all(
        stopping.map(async (child) => {
          const closed = new Promise((resolve) => child.once('close', resolve));
          child.kill('SIGTERM');
          const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
          await closed;
          clearTimeout(timer);
        }),
      );
    },
    release() {
      for (const child of running.values()) child.unref();
    },
  };
}
