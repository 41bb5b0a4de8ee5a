import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromProblem, withinTime } from '@qianzhi/model';
import type { OpenQuery, PluginContext, QueryRows, QuerySpec } from '@qianzhi/plugin-api';
import { queryErrors } from '@qianzhi/sql-kit';
import type { SqliteConfig } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { databasePath, inspectFile } from '../file/open-file.js';
import { throwIfAborted } from '../file/pace.js';
import type { FromChild, ToChild } from './protocol.js';

/** The built program, also when this module itself runs from source (tests). */
const program = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/query/child.js' : './child.js',
  import.meta.url,
);
const START_MS = 15_000;
/** The child needs none of the agent's variables, which may hold secrets. */
const passedOn = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TZ', 'QZ_LANG', 'LANG'] as const;

/** Asks in a child process: an abort or the time limit kills it, which ends whatever SQLite is doing. */
export async function openQuery(
  config: SqliteConfig,
  spec: QuerySpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<OpenQuery> {
  const doing = `query ${spec.resource.code}`;
  throwIfAborted(doing, signal);
  inspectFile({ ...config, create: false });
  const path = databasePath(config);
  const child = fork(fileURLToPath(program), [], {
    serialization: 'advanced',
    env: Object.fromEntries(
      passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    execArgv: [],
    // a group of its own: Ctrl-C at a terminal is the parent's to handle
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // whoever waits for an answer is told by `exit`
  child.on('error', () => undefined);

  async function ask(message: ToChild, timeoutMs: number, during: AbortSignal): Promise<FromChild> {
    throwIfAborted(doing, during);
    const timed = withinTime(timeoutMs, during);
    const kill = () => void child.kill('SIGKILL');
    timed.signal.addEventListener('abort', kill, { once: true });
    try {
      const answer = await exchange(child, message);
      if (answer && !timed.signal.aborted) return answer;
      throwIfAborted(doing, during);
      if (timed.late) throw queryErrors.QUERY_TIMEOUT({ server: path, timeoutMs });
      throw sqliteErrors.QUERY_ENDED({ path, reason: String(child.signalCode ?? child.exitCode ?? '?') });
    } finally {
      timed.done();
    }
  }

  async function settled(message: ToChild, timeoutMs: number, during: AbortSignal) {
    const answer = await ask(message, timeoutMs, during);
    if ('problem' in answer) throw fromProblem(answer.problem);
    return answer;
  }

  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  const { timeZone } = context;
  try {
    await settled({ open: { config: { ...config, path }, spec, timeZone } }, START_MS, signal);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get usable() {
      return child.connected && child.exitCode === null && child.signalCode === null;
    },
    async run(values, limits, during): Promise<QueryRows> {
      const answer = await settled({ run: { values, limits } }, spec.timeoutMs, during);
      if ('rows' in answer) return answer.rows;
      throw sqliteErrors.QUERY_ENDED({ path, reason: 'protocol' });
    },
    async runEach(sets, limits, during) {
      const answer = await settled({ runEach: { sets, limits } }, spec.timeoutMs, during);
      if ('each' in answer) return answer.each;
      throw sqliteErrors.QUERY_ENDED({ path, reason: 'protocol' });
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Undefined where the child ends before it answers. */
function exchange(child: ChildProcess, message: ToChild): Promise<FromChild | undefined> {
  return new Promise((resolve) => {
    const settle = (answer: FromChild | undefined) => {
      child.off('message', answered);
      child.off('exit', ended);
      resolve(answer);
    };
    const answered = (answer: unknown) => settle(answer as FromChild);
    const ended = () => settle(undefined);
    child.once('message', answered);
    child.once('exit', ended);
    if (child.exitCode !== null || child.signalCode !== null || !child.connected) return ended();
    child.send(message, (error) => error && ended());
  });
}
