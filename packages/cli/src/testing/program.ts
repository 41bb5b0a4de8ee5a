import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/qianzhi.js', import.meta.url));

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A program under test that goes on running. */
export interface Running {
  readonly output: { readonly out: string; readonly err: string };
  /** What `pattern` matched in either output; throws after the deadline or when the program has ended without it. */
  until(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  /** Resolves when the program has ended. */
  readonly ended: Promise<Ended>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Ended>;
}

/** Chinese unless a test says otherwise; nothing of the developer's own shell decides. */
function launch(args: readonly string[], { cwd, env }: RunOptions): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { PATH, HOME, QZ_HOME: `${cwd}/home`, LANG: 'zh_CN.UTF-8', ...env },
    stdio: 'pipe',
  });
}

function collect(child: ChildProcess) {
  const output = { out: '', err: '' };
  child.stdout!.setEncoding('utf8').on('data', (part) => (output.out += part));
  child.stderr!.setEncoding('utf8').on('data', (part) => (output.err += part));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return { output, ended };
}

/** Runs the built `qianzhi` to its end. */
export function runProgram(args: readonly string[], options: RunOptions): Promise<Ended> {
  const child = launch(args, options);
  child.stdin!.end(options.input ?? '');
  return collect(child).ended;
}

export function startProgram(args: readonly string[], options: RunOptions): Running {
  const child = launch(args, options);
  child.stdin!.end();
  const { output, ended } = collect(child);
  return {
    output,
    ended,
    async until(pattern, deadlineMs = 20_000) {
      const deadline = Date.now() + deadlineMs;
      for (;;) {
        const found = pattern.exec(output.out) ?? pattern.exec(output.err);
        if (found) return found;
        if (child.exitCode !== null || Date.now() > deadline)
          throw new Error(`no ${pattern} in the output:\n${output.out}\n${output.err}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
