import type { QianzhiError } from '@qianzhi/model';
import { createChanges } from '../changes.js';
import { backoffMs, withDeadline } from '../clock.js';
import type { Core } from '../core.js';
import { codedError } from '../failure.js';
import type { UnheldReceipt } from '../store/receipt-table.js';
import type { Tables } from '../store/tables.js';

/** Hands this agent's receipts to the platform, in order, until it holds them. */
export interface Acknowledger {
  start(): void;
  /** Looks for new receipts, and tries refused ones again. */
  wake(): void;
  /** Resolves when the platform holds every receipt on these delivery streams; throws why it does not. */
  drained(names: readonly string[], signal: AbortSignal): Promise<void>;
  closed(): Promise<void>;
}

const AT_ONCE = 100;
const GATHER_MS = 50;
const REPORTED_AFTER = 3;

export function createAcknowledger(core: Core, tables: Tables): Acknowledger {
  const { limits, options } = core;
  const work = createChanges();
  const progress = createChanges();
  /** Somebody begins to wait until all is handed in. */
  const asked = createChanges();
  /** Delivery streams whose receipts are refused: they wait for a wake and hold up no other. */
  const refused = new Map<string, QianzhiError>();
  /** Delivery streams whose receipts were handed in again from the first on. */
  const sentAgain = new Set<string>();
  let failures = 0;
  let failure: QianzhiError | undefined;
  let running: Promise<void> = Promise.resolve();
  /** Runs that wait until all is handed in. */
  let awaited = 0;

  async function run(): Promise<void> {
    while (!core.closed.aborted) {
      const woken = work.next(core.closed);
      woken.catch(() => undefined);
      const batch = tables.receipts.unheld(AT_ONCE, [...refused.keys()]);
      if (batch.length === 0) {
        await woken;
        await gather();
        continue;
      }
      try {
        await handIn(batch);
        failures = 0;
        failure = undefined;
      } catch (error) {
        if (core.closed.aborted) return;
        failures++;
        failure = codedError(error, 'receipts');
        options.log.warn({ code: failure.code, failures }, failure.message);
        progress.notify();
        const pause = backoffMs(failures, limits.backoffFirstMs, limits.backoffCapMs);
        await Promise.race([core.clock.wait(pause, core.closed), woken]);
      }
      progress.notify();
    }
  }

  /** Nobody waits for receipts while a run goes on: those that come close to each other go in one request. */
  async function gather(): Promise<void> {
    if (awaited > 0) return;
    const enough = new AbortController();
    const unhear = asked.on(() => enough.abort());
    try {
      await core.clock.wait(GATHER_MS, AbortSignal.any([core.closed, enough.signal]));
    } catch (error) {
      if (!enough.signal.aborted) throw error;
    } finally {
      unhear();
    }
  }

  async function handIn(batch: readonly UnheldReceipt[]): Promise<void> {
    try {
      return await send(batch);
    } catch (error) {
      if (codedError(error, 'receipts').retry !== 'never') throw error;
    }
    // one of them is refused; which, is found stream by stream
    for (const subject of new Set(batch.map((one) => one.subject))) {
      try {
        await send(batch.filter((one) => one.subject === subject));
      } catch (error) {
        const coded = codedError(error, subject);
        if (coded.retry !== 'never') throw error;
        if (coded.code === 'QZ_PLATFORM_RECEIPT_CHAIN' && !sentAgain.has(subject)) {
          // a restored platform lost the ones before: it gets all of them again, once
          sentAgain.add(subject);
          core.store.write(() => tables.receipts.setUnheld(subject));
          continue;
        }
        refused.set(subject, coded);
        core.alarm(coded, subject);
      }
    }
  }

  async function send(batch: readonly UnheldReceipt[]): Promise<void> {
    const documents = batch.map((one) => one.document);
    await core.store.synced();
    await withDeadline('receipts', limits.channelTimeoutMs, core.closed, (signal) =>
      options.channel.acknowledge(documents, signal),
    );
    core.store.writeAhead(() => tables.receipts.setHeld(batch.map((one) => one.n)));
  }

  function wake(): void {
    refused.clear();
    work.notify();
  }

  async function allHeld(names: readonly string[], signal: AbortSignal): Promise<void> {
    while (tables.receipts.anyUnheld(names)) {
      const refusal = names.map((name) => refused.get(name)).find((error) => error !== undefined);
      if (refusal) throw refusal;
      if (failure && failures >= REPORTED_AFTER) throw failure;
      await progress.next(signal);
    }
  }

  return {
    start() {
      running = run().catch((error) => {
        if (!core.closed.aborted) core.alarm(codedError(error, 'receipts'), 'receipts');
      });
    },
    wake,
    async drained(names, signal) {
      awaited++;
      asked.notify();
      try {
        wake();
        await allHeld(names, signal);
      } finally {
        awaited--;
      }
    },
    closed: () => running,
  };
}
