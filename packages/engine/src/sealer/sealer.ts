import type { BatchManifest, CatalogResource, Signed, SupplyDuty } from '@qianzhi/model';
import { namesOf, tellBatch } from '../batch-event.js';
import type { Core } from '../core.js';
import type { Outbox } from '../outbox/outbox.js';
import { newCounts, type RunCounts } from '../provider/run-counts.js';
import type { Tables } from '../store/tables.js';
import { addTo, type CleanBlock, type Cut, isOfFiles, newCut } from './block.js';
import { commitPrepared } from './commit.js';
import { type Prepared, prepareCut } from './prepare.js';

/** Gathers clean blocks into batches. Reading goes on while the batch before is compressed, written and sent. */
export interface Sealer {
  /** May wait for room; throws what went wrong with an earlier batch. */
  add(block: CleanBlock): Promise<void>;
  /** Rows are gathered and not yet cut. */
  readonly pending: boolean;
  /** Something is gathered, if only how far reading came. */
  readonly begun: boolean;
  /** Batches that are being sealed. */
  readonly underWay: number;
  /** What the batches sealed so far come to: what was read beyond them is read again. */
  readonly sealed: RunCounts;
  /** Ends the batch begun, whatever its size. */
  cut(): Promise<void>;
  /** Cuts and resolves when everything is sealed. */
  flush(): Promise<void>;
  /**
   * Resolves when nothing is being sealed any more, well or not. Await it before another run may begin: what it reads
   * starts behind the last sealed batch.
   */
  settled(): Promise<void>;
}

export interface SealerParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly outbox: Outbox;
  readonly resource: CatalogResource;
  readonly exchange: string;
  readonly counts: RunCounts;
  /** Called before each batch is sealed: the duty in force; throws when nothing more may leave. */
  readonly permit: () => Signed<SupplyDuty>;
  readonly signal: AbortSignal;
}

/** Cuts compressed and written at a time: enough to keep two cores busy, and memory flat. */
const DEPTH = 2;
/** Aim below the limit: the ratio of the next batch is only guessed from the last one. */
const AIM = 0.9;

export function createSealer(parts: SealerParts): Sealer {
  const { core, tables, outbox, resource, exchange, counts } = parts;
  const { limits } = core;
  let open: Cut | undefined;
  let ratio = 1;
  let lastRawBytes = 0;
  const sealed = newCounts();
  let failed: { readonly error: unknown } | undefined;
  const running: Promise<void>[] = [];
  const working = new Set<Promise<void>>();
  let tail: Promise<void> = Promise.resolve();

  function targetRawBytes(): number {
    return Math.min(limits.batchRawBytes, Math.max(limits.batchStoredBytes * AIM * ratio, limits.blockBytes));
  }

  function isFull(cut: Cut, block?: CleanBlock): boolean {
    return (
      cut.rawBytes + (block?.bytes.length ?? 0) > targetRawBytes() ||
      cut.rows + (block?.rows ?? 0) > limits.batchRows
    );
  }

  async function cut(): Promise<void> {
    if (failed) throw failed.error;
    const ready = open;
    open = undefined;
    if (!ready) return;
    lastRawBytes = ready.rawBytes;
    const duty = parts.permit();
    const emptyDelta = ready.phase === 'delta' && ready.rows === 0 && ready.rejected === 0;
    const work = emptyDelta ? advance(ready, tail) : seal(ready, duty, tail);
    tail = work;
    running.push(work);
    working.add(work);
    work
      .catch((error) => {
        failed ??= { error };
      })
      .finally(() => working.delete(work));
    while (running.length >= DEPTH) await running.shift();
    await outbox.room(resource.code, exchange, parts.signal);
  }

  async function seal(ready: Cut, duty: Signed<SupplyDuty>, before: Promise<void>): Promise<void> {
    const prepared = await prepareCut(core, outbox.folder, resource, ready);
    if (prepared.batches.length > 0) {
      const committed = await commitInTurn(prepared, duty, before);
      let raw = 0;
      let stored = 0;
      for (const [index, { row, bytes }] of committed.entries()) {
        raw += prepared.batches[index]!.rawBytes;
        stored += bytes.length;
        count(row.manifest.body, bytes.length);
        tell(row.manifest.body);
        outbox.offer(row, bytes);
      }
      if (raw > 0) ratio = Math.max(raw / stored, 0.5);
    }
    counts.repeated += prepared.folded;
    counts.read -= prepared.folded;
  }

  function count(batch: BatchManifest, bytes: number): void {
    for (const one of [counts, sealed]) {
      one.batches++;
      one.bytes += bytes;
      one.stored += batch.rows;
    }
    for (const name of ['read', 'rejected', 'flagged', 'repeated'] as const) sealed[name] += batch[name];
  }

  function tell(body: BatchManifest): void {
    const { rows, rejected, storedBytes } = body;
    tellBatch(core, { ...namesOf(body), stage: 'sealed', exchange, rows, rejected, bytes: storedBytes });
  }

  async function commitInTurn(prepared: Prepared, duty: Signed<SupplyDuty>, before: Promise<void>) {
    try {
      await before;
      return await commitPrepared(
        { core, tables, folder: outbox.folder, resource, exchange },
        prepared,
        duty,
      );
    } catch (error) {
      // nobody will name these files: a full disk gets its room back
      if (!core.crashed())
        for (const { file } of prepared.batches) if (file) await outbox.folder.discard(file);
      throw error;
    }
  }

  /** Nothing to send, but reading moved on: with everything receipted that is committed too. */
  async function advance(ready: Cut, before: Promise<void>): Promise<void> {
    await before;
    const { checkpoint } = ready;
    if (checkpoint === undefined) return;
    core.store.write(() => {
      const row = tables.streams.get(resource.code)!;
      const committed = row.receipted >= row.seq ? checkpoint : row.committed;
      tables.streams.put({ ...row, checkpoint, committed });
    });
  }

  return {
    get pending() {
      return open !== undefined && open.rows + open.rejected > 0;
    },
    get begun() {
      return open !== undefined;
    },
    get underWay() {
      return working.size;
    },
    async add(block) {
      if (open && (open.phase !== block.phase || isOfFiles(block) || block.restart || isFull(open, block)))
        await cut();
      open ??= newCut(block, lastRawBytes < limits.blockBytes ? lastRawBytes : targetRawBytes());
      addTo(open, block);
      if (open.last || isOfFiles(open) || isFull(open)) await cut();
    },
    sealed,
    cut,
    async flush() {
      await cut();
      await tail;
      if (failed) throw failed.error;
    },
    async settled() {
      await Promise.allSettled(working);
    },
  };
}
