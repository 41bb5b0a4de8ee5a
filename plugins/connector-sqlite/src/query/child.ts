import { Worker } from 'node:worker_threads';
import { isQianzhiError, type QianzhiError, toProblem } from '@qianzhi/model';
import { classify } from '../file/classify.js';
import { type Asking, openAsking } from './asking.js';
import type { FromChild, ToChild } from './protocol.js';

/**
 * Asks one question of one file, in a process of its own: SQLite works on the thread that calls it and cannot be told to stop there,
 * but a process that only reads can be killed.
 */
let asking: Asking | undefined;
let path = '';

process.on('message', (message: ToChild) => void answer(message));
process.on('disconnect', () => process.exit(0));
endWithParent(process.ppid);

/** Whoever asked may be killed while SQLite holds this thread: another one looks, and ends the process. */
function endWithParent(parent: number): void {
  const watch = `setInterval(() => process.ppid === ${parent} || process.kill(process.pid, 'SIGKILL'), 500)`;
  new Worker(watch, { eval: true, env: {}, resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
}

async function answer(message: ToChild): Promise<void> {
  try {
    if ('open' in message) {
      const { config, spec, timeZone } = message.open;
      path = config.path;
      asking = await openAsking(config, spec, timeZone);
      send({ ready: true });
    } else if ('runEach' in message) {
      send({ each: await asking!.runEach(message.runEach.sets, message.runEach.limits) });
    } else {
      send({ rows: await asking!.run(message.run.values, message.run.limits) });
    }
  } catch (error) {
    send({ problem: toProblem(coded(error)) });
  }
}

function coded(error: unknown): QianzhiError {
  return isQianzhiError(error) ? error : classify(error, { doing: 'query', path });
}

function send(message: FromChild): void {
  process.send!(message);
}
