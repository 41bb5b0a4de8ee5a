import type { Logger } from 'pino';
import type { DatabaseHealth } from '../database/health.js';

interface House {
  readonly log: Logger;
  readonly health: DatabaseHealth;
}

/** Runs the tasks again and again, never two rounds at once; a task that fails is logged and tried in the next round. */
export function keepHouse(
  tasks: readonly (() => Promise<void>)[],
  everyMs: number,
  house: House,
): { stop(): Promise<void> } {
  let round: Promise<void> | undefined;
  const timer = setInterval(() => {
    round ??= runAll(tasks, house).finally(() => {
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

async function runAll(tasks: readonly (() => Promise<void>)[], { log, health }: House): Promise<void> {
  for (const task of tasks) {
    try {
      health.check();
      await task();
    } catch (error) {
      const coded = health.failed(error);
      log.error(coded ? { code: coded.code } : { err: error }, 'housekeeping failed; it is tried again');
    }
  }
}
