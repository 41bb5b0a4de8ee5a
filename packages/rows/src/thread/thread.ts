import { Worker } from 'node:worker_threads';
import { QianzhiError } from '@qianzhi/model';
import { rowsErrors } from '../errors.js';
import { collectAll } from './collect.js';
import { dropIdleBytes } from './lent-bytes.js';
import type { ActOf, ThreadAnswer } from './protocol.js';

/** The built program, also when this module itself runs from source (tests). */
const program = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/thread/row-thread.js' : './row-thread.js',
  import.meta.url,
);
const IDLE_MS = 30_000;

let thread: Worker | undefined;
let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;
let idleTimer: NodeJS.Timeout | undefined;

/**
 * Has the row thread do one act; acts take turns. `request` is made when the turn comes, so that nothing is lent for
 * an act that still waits. The thread is started when it is first needed and ended when it was not for a while.
 */
export function inThread<A extends keyof ActOf>(
  request: () => ActOf[A]['request'],
): Promise<ActOf[A]['answer']> {
  waiting++;
  clearTimeout(idleTimer);
  const done = turn
    .then(() => ask(request()))
    .finally(() => {
      if (--waiting === 0) rest();
    });
  turn = done.then(nothing, nothing);
  return done as Promise<ActOf[A]['answer']>;
}

const nothing = () => undefined;

async function ask(request: ActOf[keyof ActOf]['request']): Promise<ActOf[keyof ActOf]['answer']> {
  thread ??= start();
  const worker = thread;
  worker.ref();
  const result = await new Promise<ThreadAnswer>((resolve) => {
    const ended = (reason: string) => {
      if (thread === worker) thread = undefined;
      resolve({ broken: reason });
    };
    worker.removeAllListeners();
    worker.once('message', resolve);
    worker.once('error', (error) => ended(String(error)));
    worker.once('exit', (code) => ended(`exit ${code}`));
    worker.postMessage(request);
  });
  worker.unref();
  if ('answer' in result) return result.answer;
  if ('refusal' in result) throw new QianzhiError(result.refusal);
  throw rowsErrors.THREAD_BROKEN({ reason: result.broken });
}

function start(): Worker {
  return new Worker(program, { name: 'rows', execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 2 } });
}

/**
 * An agent that has nothing to do gives its memory back: the thread's and, since V8 would not look at large memory that
 * has grown old for hours, that of the slots at once.
 */
function rest(): void {
  idleTimer = setTimeout(async () => {
    const worker = thread;
    thread = undefined;
    dropIdleBytes();
    worker?.removeAllListeners();
    await worker?.terminate();
    collectAll();
  }, IDLE_MS);
  idleTimer.unref();
}
