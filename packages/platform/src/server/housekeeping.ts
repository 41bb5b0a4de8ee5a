import type { Logger } from 'pino';

/** Runs the tasks again and again, never two rounds at once; a task that fails is logged and tried in the next round. */
export function keepHouse(
  tasks: readonly (() => Promise<void>)[],
  everyMs: number,
  log: Logger,
): { stop(): Promise<void> } {
  let round: Promise<void> | undefined;
  const timer = setInterval(() => {
    round ??= runAll(tasks, log).finally(() => {
      round = undefined;
    });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}

async function runAll(tasks: readonly (() => Promise<void>)[], log: Logger): Promise<void> {
  for (const task of tasks) {
    try {
      await task();
    } catch (error) {
      log.error({ err: error }, 'housekeeping failed; it is tried again');
    }
  }
}
