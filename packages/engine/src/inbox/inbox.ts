import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSupply } from '@qianzhi/model';
import type { Core } from '../core.js';
import { codedError } from '../failure.js';
import { durableFolder, storeDisk } from '../files/durable-folder.js';
import type { Tables } from '../store/tables.js';
import { fileOf, type InboxPlace, placeOf, type ReceivedBatch } from './inbox-file.js';

/**
 * Deliveries received and not yet applied, as their stored bytes on disk: after a restart they are not fetched again. What
 * it answers is unproven, like bytes from the line. One file each; where one is too small to be worth the disk's
 * confirmation, fetching it again is quicker. The prefetch limit bounds it.
 */
export interface Inbox {
  /** The bytes kept of just this batch, if any. */
  read(place: InboxPlace, batch: ReceivedBatch): Promise<Uint8Array | undefined>;
  /** Resolves when power loss cannot take them any more. Throws QZ_ENGINE_DISK_FULL or QZ_ENGINE_STORE_HALTED. */
  keep(place: InboxPlace, batch: ReceivedBatch, bytes: Uint8Array): Promise<void>;
  /** Applied, or damaged. */
  drop(place: InboxPlace, seq: number): Promise<void>;
  /** Nothing of this delivery stream is offered any more. */
  clear(place: InboxPlace): Promise<void>;
  /** Revoked: removes its bytes, and keeps none from now on. Answers, each time, what was held of it, in order. */
  erase(place: InboxPlace): Promise<readonly ReceivedBatch[]>;
  /** On start: finds what a run before received, and removes what no delivery waits for. */
  open(): Promise<void>;
}

export function createInbox(core: Core, tables: Tables): Inbox {
  const folder = durableFolder(join(core.options.stateDir, 'inbox'), storeDisk('inbox'));
  const held = new Map<string, Map<number, ReceivedBatch>>();
  const erased = new Map<string, Promise<readonly ReceivedBatch[]>>();
  const writing = new Set<Promise<void>>();

  const keyOf = ({ exchange, delivery }: InboxPlace) => `${exchange}\n${delivery}`;

  function batchesOf(place: InboxPlace): Map<number, ReceivedBatch> {
    const found = held.get(keyOf(place)) ?? new Map<number, ReceivedBatch>();
    held.set(keyOf(place), found);
    return found;
  }

  /** Nothing depends on a removal: what stays is found and removed on the next start. */
  async function remove(place: InboxPlace, batch: ReceivedBatch): Promise<void> {
    try {
      await folder.discard(fileOf(place, batch));
    } catch (error) {
      const { code, message } = codedError(error, 'inbox');
      core.options.log.warn({ code, delivery: place.delivery, seq: batch.seq }, message);
    }
  }

  async function drop(place: InboxPlace, seq: number): Promise<void> {
    const batch = batchesOf(place).get(seq);
    if (!batch) return;
    batchesOf(place).delete(seq);
    await remove(place, batch);
  }

  async function write(place: InboxPlace, batch: ReceivedBatch, bytes: Uint8Array): Promise<void> {
    const file = fileOf(place, batch);
    await folder.writePartial(file, bytes);
    await folder.publish([file]);
    batchesOf(place).set(batch.seq, batch);
  }

  async function eraseNow(place: InboxPlace): Promise<readonly ReceivedBatch[]> {
    await Promise.allSettled(writing);
    const batches = [...batchesOf(place).values()].sort((a, b) => a.seq - b.seq);
    batchesOf(place).clear();
    for (const batch of batches) await remove(place, batch);
    return batches;
  }

  return {
    async read(place, batch) {
      const known = batchesOf(place).get(batch.seq);
      if (!known) return undefined;
      try {
        if (known.rowsDigest === batch.rowsDigest)
          return await readFile(join(folder.path, fileOf(place, known)));
      } catch {
        // unreadable is as good as damaged
      }
      await drop(place, batch.seq);
      return undefined;
    },
    async keep(place, batch, bytes) {
      if (bytes.length < core.limits.inboxFromBytes || erased.has(keyOf(place)) || core.crashed()) return;
      const work = write(place, batch, bytes);
      writing.add(work);
      try {
        await work;
      } finally {
        writing.delete(work);
      }
    },
    drop,
    async clear(place) {
      for (const seq of [...batchesOf(place).keys()]) await drop(place, seq);
    },
    erase(place) {
      const begun = erased.get(keyOf(place)) ?? eraseNow(place);
      erased.set(keyOf(place), begun);
      return begun;
    },
    async open() {
      const consuming = new Set(core.options.exchanges().flatMap((one) => (isSupply(one) ? [] : [one.name])));
      const applied = new Map<string, number>();
      for (const { exchange, name, state } of tables.deliveries.all()) {
        if (state === 'revoked' || !consuming.has(exchange)) continue;
        const seq = tables.deliveries.newestApplied(exchange, name)?.seq ?? 0;
        applied.set(keyOf({ exchange, delivery: name }), seq);
      }
      await folder.sweep((file) => {
        const found = placeOf(file);
        const after = found && applied.get(keyOf(found.place));
        if (after === undefined || found!.batch.seq <= after) return false;
        batchesOf(found!.place).set(found!.batch.seq, found!.batch);
        return true;
      });
    },
  };
}
