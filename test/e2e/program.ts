import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../packages/cli/bin/qianzhi.js', import.meta.url));

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it as another user; needs root. */
  readonly uid?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** One `qianzhi …` process. It is ended by its own pid, never by name. */
export interface Program {
  readonly pid: number;
  readonly output: { out: string; err: string };
  readonly ended: Promise<Ended>;
  /** What `pattern` matched in either output; throws at the deadline, or when the program ends without it. */
  until(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  /** SIGTERM unless told otherwise, then waits for the end; SIGKILL after 20 s. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Starts the built program as a shell does, with an environment of the test's own: nothing of the developer's shell decides. */
export function startProgram(args: readonly string[], { cwd, env, uid }: ProgramOptions): Program {
  const { PATH = '', HOME = '' } = process.env;
  const child: ChildProcess = spawn(binary, args, {
    cwd,
    env: { PATH, HOME, QZ_HOME: `${cwd}/home`, QZ_LANG: 'en', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const output = { out: '', err: '' };
  child.stdout!.setEncoding('utf8').on('data', (part) => (output.out += part));
  child.stderr!.setEncoding('utf8').on('data', (part) => (output.err += part));
  let over = false;
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      over = true;
      resolve({ code, signal, ...output });
    });
  });
  return {
    pid: child.pid!,
    output,
    ended,
    until: (pattern, deadlineMs = 60_000) =>
      eventually(`${pattern} in the output of qianzhi ${args.join(' ')}`, deadlineMs, () => {
        const found = pattern.exec(output.out) ?? pattern.exec(output.err);
        if (!found && over) throw new Error(`it ended without ${pattern}:\n${output.out}${output.err}`);
        return found ?? undefined;
      }),
    async stop(signal = 'SIGTERM') {
      if (over) return ended;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const result = await ended;
      clearTimeout(timer);
      return result;
    },
  };
}

/** Asks until `probe` answers something; no fixed sleep decides a test. */
export async function eventually<T>(
  what: string,
  deadlineMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
