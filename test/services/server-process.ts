import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { UnixUser } from './server-user.js';

export interface ServerProcessOptions {
  /** For messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly user: UnixUser | undefined;
  /** What its log says once it takes connections. */
  readonly ready: string;
  readonly signals: Readonly<Record<StopMode, NodeJS.Signals>>;
}

/** `fast` rolls open transactions back; `immediate` is a crash: the next start recovers from the log. */
export type StopMode = 'fast' | 'immediate';

/** A server of a test: it can be stopped and started again. */
export interface ServerProcess {
  /** Process id of the server while it runs. */
  pid(): number | undefined;
  start(): Promise<void>;
  stop(mode: StopMode): Promise<void>;
}

export function serverProcess({
  name,
  program,
  args,
  user,
  ready,
  signals,
}: ServerProcessOptions): ServerProcess {
  let server: ChildProcess | undefined;
  return {
    pid: () => server?.pid,
    async start() {
      if (server) throw new Error(`this ${name} runs already`);
      server = spawn(program, args, { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
      await saysIn(server, name, ready);
    },
    async stop(mode) {
      const running = server;
      server = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      running.kill(signals[mode]);
      await once(running, 'exit');
    },
  };
}

async function saysIn(server: ChildProcess, name: string, words: string): Promise<void> {
  let log = '';
  const stderr = server.stderr;
  if (!stderr) throw new Error(`${name} was started without its log`);
  stderr.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    const ended = () => reject(new Error(`${name} did not start:\n${log}`));
    server.once('exit', ended);
    stderr.on('data', (text: string) => {
      log = (log + text).slice(-8192);
      if (!log.includes(words)) return;
      server.off('exit', ended);
      stderr.removeAllListeners('data');
      stderr.resume();
      resolve();
    });
  });
}
