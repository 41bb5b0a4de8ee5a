import { isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { createChanges } from '../changes.js';
import { backoffMs, withDeadline } from '../clock.js';
import type { Core } from '../core.js';
import { codedError } from '../failure.js';
import type { Tables } from '../store/tables.js';

/** Hands this agent's receipts to the platform, in order, until it holds them. */
export interface Acknowledger {
  start(): void;
  wake(): void;
  /** Resolves when the platform holds every receipt; throws why it does not after a few attempts. */
  drained(signal: AbortSignal): Promise<void>;
  closed(): Promise<void>;
}

const AT_ONCE = 100;
const REPORTED_AFTER = 3;

export function createAcknowledger(core: Core, tables: Tables): Acknowledger {
  const { limits, options } = core;
  const work = createChanges();
  const progress = createChanges();
  let failures = 0;
  let failure: QianzhiError | undefined;
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!core.closed.aborted) {
      const batch = tables.receipts.unheld(AT_ONCE);
      if (batch.length === 0) {
        await work.next(core.closed);
        continue;
      }
      try {
        await withDeadline('receipts', limits.channelTimeoutMs, core.closed, (signal) =>
          options.channel.acknowledge(
            batch.map((one) => one.document),
            signal,
          ),
        );
        core.store.write(() => tables.receipts.setHeld(batch.map((one) => one.n)));
        failures = 0;
        failure = undefined;
      } catch (error) {
        if (core.closed.aborted) return;
        failures++;
        failure = codedError(error, 'receipts');
        options.log.warn({ code: failure.code, failures }, failure.message);
        if (failure.retry === 'never' && failures === 1 && !isQianzhiError(failure, 'QZ_MODEL_CANCELLED')) {
          core.alarm(failure, 'receipts');
        }
        progress.notify();
        const pause = backoffMs(failures, limits.backoffFirstMs, limits.backoffCapMs);
        await Promise.race([core.clock.wait(pause, core.closed), work.next(core.closed)]);
      }
      progress.notify();
    }
  }

  return {
    start() {
      running = run().catch((error) => {
        if (!core.closed.aborted) core.alarm(codedError(error, 'receipts'), 'receipts');
      });
    },
    wake: () => work.notify(),
    async drained(signal) {
      work.notify();
      while (tables.receipts.unheld(1).length > 0) {
        if (failure && (failures >= REPORTED_AFTER || failure.retry === 'never')) throw failure;
        await progress.next(signal);
      }
    },
    closed: () => running,
  };
}
