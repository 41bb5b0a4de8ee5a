import { join } from 'node:path';
import type { QianzhiError } from '@qianzhi/model';
import { backoffMs } from '../clock.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { codedError, errorOf } from '../failure.js';
import { type DurableFolder, durableFolder, storeDisk } from '../files/durable-folder.js';
import { type BatchRow, inDatabase } from '../store/batch-table.js';
import type { Tables } from '../store/tables.js';
import type { HeadsGate } from '../streams/heads.js';
import { createReceiptAcceptor } from './receipts.js';
import { createSender, type Sender } from './sender.js';

/** Sealed batches on disk until their receipts, whatever the medium does. */
export interface Outbox {
  readonly folder: DurableFolder;
  sender(resource: string): Sender;
  offer(batch: BatchRow, bytes: Uint8Array): void;
  /** Resolves when unreceipted bytes are under the limit. Throws QZ_ENGINE_OUTBOX_FULL while the link does not answer. */
  room(resource: string, exchange: string, signal: AbortSignal): Promise<void>;
  /** Sends what has no receipt and listens for receipts until the engine closes. */
  start(): void;
  wake(): void;
  /** Removes files kept long enough after their receipt. */
  housekeep(): Promise<void>;
  /** Resolves when nothing of the outbox runs any more. */
  closed(): Promise<void>;
}

export interface OutboxParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly gate: HeadsGate;
  readonly stop: (resource: string, error: QianzhiError) => void;
}

const SWEEP_AT_ONCE = 1000;

export function createOutbox(parts: OutboxParts): Outbox {
  const { core, tables, gate, stop } = parts;
  const { limits, options } = core;
  const folder = durableFolder(join(options.stateDir, 'outbox'), storeDisk('outbox'));
  const senders = new Map<string, Sender>();
  let listening: Promise<unknown> = Promise.resolve();
  /** No more than this is without receipt: receipts only make it less. Counted anew where it comes to the limit, not with each batch. */
  let unreceiptedAtMost = Number.POSITIVE_INFINITY;

  const receipts = createReceiptAcceptor({
    core,
    tables,
    stop,
    committed: (resource) => sender(resource).onReceipted(),
  });

  function sender(resource: string): Sender {
    let found = senders.get(resource);
    if (!found) {
      found = createSender({ core, tables, folder, gate, stop }, resource);
      senders.set(resource, found);
    }
    return found;
  }

  async function listen(): Promise<void> {
    let failures = 0;
    while (!core.closed.aborted) {
      try {
        for await (const receipt of options.channel.receipts(core.closed)) {
          failures = 0;
          receipts.accept(receipt);
        }
      } catch (error) {
        if (core.closed.aborted) return;
        const coded = codedError(error, 'receipts');
        options.log.warn({ code: coded.code }, coded.message);
      }
      failures++;
      const pause = backoffMs(failures, limits.backoffFirstMs, limits.backoffCapMs);
      await core.clock.wait(pause, core.closed).catch(() => undefined);
    }
  }

  /** Both sides compare heads on start; where the platform was restored, that alone gives work. */
  async function compareHeads(): Promise<void> {
    for (let failures = 1; !core.closed.aborted; failures++) {
      try {
        await gate.ensure(core.closed);
        break;
      } catch (error) {
        if (core.closed.aborted) return;
        const coded = codedError(error, 'heads');
        options.log.warn({ code: coded.code, failures }, coded.message);
      }
      const pause = backoffMs(failures, limits.backoffFirstMs, limits.backoffCapMs);
      await core.clock.wait(pause, core.closed).catch(() => undefined);
    }
    for (const row of tables.streams.all()) sender(row.resource).wake();
  }

  return {
    folder,
    sender,
    offer(batch, bytes) {
      unreceiptedAtMost += batch.storedBytes;
      sender(batch.resource).offer(batch, bytes);
    },
    async room(resource, exchange, signal) {
      for (;;) {
        if (unreceiptedAtMost < limits.outboxBytes) return;
        const bytes = tables.batches.unreceiptedBytes();
        unreceiptedAtMost = bytes;
        if (bytes < limits.outboxBytes) return;
        const failure = sender(resource).failure();
        const row = tables.streams.get(resource);
        if (row?.state === 'stopped' && row.problem) throw errorOf(row.problem);
        // with nothing of its own under way this stream waits for others, and nobody would wake it
        if (failure || !row || row.receipted >= row.seq) {
          throw engineErrors.OUTBOX_FULL({ exchange, bytes, limit: limits.outboxBytes }, failure);
        }
        await sender(resource).changed(signal);
      }
    },
    start() {
      listening = Promise.all([listen(), compareHeads()]);
    },
    wake() {
      for (const one of senders.values()) one.wake();
    },
    async housekeep() {
      const before = new Date(core.clock.now().getTime() - limits.keepAfterReceiptMs).toISOString();
      for (;;) {
        const batches = tables.batches.outdated(before, SWEEP_AT_ONCE);
        if (batches.length === 0) return;
        core.store.write(() => {
          for (const batch of batches) tables.batches.forgetBytes(batch);
        });
        for (const { file } of batches) if (file !== inDatabase) await folder.remove(file!);
      }
    },
    async closed() {
      for (const one of senders.values()) one.close();
      await listening;
    },
  };
}
