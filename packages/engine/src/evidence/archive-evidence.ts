import { join } from 'node:path';
import type { EvidenceArchiveHeader } from '@qianzhi/model';
import type { Core } from '../core.js';
import { storeDisk } from '../files/durable-folder.js';
import { type EvidenceFile, issuedAt, type OldReceipt } from '../store/evidence-table.js';
import type { StreamRow } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import { appendLines, sha256Of } from './evidence-file.js';

/** Below the state folder. */
export const EVIDENCE_FOLDER = 'evidence';

const AT_ONCE = 500;
/** In one round of housekeeping, which holds up the planning of jobs: the next one goes on. */
const MOST_STEPS = 40;

/** Documents that are old enough, and how they leave the store once they are in a file. */
interface OldDocuments {
  readonly lines: readonly string[];
  remove(file: string): void;
}

/**
 * Moves manifests and receipts of months that ended longer ago than they are kept into a file, and takes each out of the store only when it
 * is on the disk there; where each chain of receipts goes on stays known. May be killed anywhere.
 */
export function createEvidenceArchive(core: Core, tables: Tables): () => Promise<void> {
  const { store, clock, limits, options } = core;
  const { evidence } = tables;
  const disk = storeDisk('evidence');
  const pathOf = (file: string) => join(options.stateDir, EVIDENCE_FOLDER, file);
  let upToDate = '';

  /** Whole months, so that there is one file a month. */
  function keptFrom(): string {
    const oldest = new Date(clock.now().getTime() - limits.keepEvidenceMs);
    return new Date(Date.UTC(oldest.getUTCFullYear(), oldest.getUTCMonth(), 1)).toISOString();
  }

  function nextFile(before: string): EvidenceFile | undefined {
    const open = evidence.open();
    if (open || evidence.has(before)) return open;
    return { file: `evidence-${before.slice(0, 10)}.jsonl`, beforeAt: before, bytes: 0, documents: 0 };
  }

  /** Each answer has to be removed before the next is asked for. */
  function* oldDocuments(before: string): Generator<OldDocuments> {
    yield* oldReceipts(before);
    for (const stream of tables.streams.all())
      for (let epoch = 1; epoch <= stream.epoch; epoch++) yield* oldBatches(stream, epoch, before);
  }

  /** Those without receipt are of an epoch that was given up, and stay. */
  function* oldBatches({ resource, epoch: current, seq }: StreamRow, epoch: number, before: string) {
    const end = epoch < current ? Number.POSITIVE_INFINITY : seq;
    for (;;) {
      const page = evidence.firstBatches(resource, epoch, AT_ONCE);
      const stays = page.findIndex(
        (batch) => batch.file !== null || (batch.receiptedAt ?? before) >= before || batch.seq >= end,
      );
      const going = stays < 0 ? page : page.slice(0, stays);
      if (going.length > 0)
        yield {
          lines: going.map(({ manifest }) => `{"manifest":${manifest}}`),
          remove: () => evidence.removeBatches(going),
        };
      if (going.length < AT_ONCE) return;
    }
  }

  /** In the order they came, each chain from its beginning on, and never its newest. */
  function* oldReceipts(before: string): Generator<OldDocuments> {
    const keeping = new Set<string>();
    for (let after = 0; ; ) {
      const page = evidence.receiptsAfter(after, AT_ONCE);
      const going: OldReceipt[] = [];
      let young = 0;
      for (const receipt of page) {
        const name = `${receipt.issuer} ${receipt.subject}`;
        const old = issuedAt(receipt) < before;
        if (!old) young++;
        if (old && receipt.held === 1 && !keeping.has(name) && evidence.isFollowed(receipt))
          going.push(receipt);
        else keeping.add(name);
      }
      if (going.length > 0)
        yield {
          lines: going.map(({ document }) => `{"receipt":${document}}`),
          remove: (file) => evidence.removeReceipts(going, file),
        };
      // the store's order is that of time: behind so many young ones there are no old ones
      if (page.length < AT_ONCE || young === page.length) return;
      after = page.at(-1)!.n;
    }
  }

  /** Answers whether all of the file's time is in it. */
  async function fill(begun: EvidenceFile): Promise<EvidenceFile | undefined> {
    let file = begun;
    let steps = 0;
    for (const { lines, remove } of oldDocuments(begun.beforeAt)) {
      if (steps++ === MOST_STEPS || core.stopping.aborted) return undefined;
      const header: EvidenceArchiveHeader = {
        type: 'evidence-archive',
        version: 1,
        owner: options.identity.agent,
        before: file.beforeAt,
      };
      const head = file.bytes === 0 ? [JSON.stringify(header)] : [];
      const bytes = await appendLines(disk, pathOf(file.file), file.bytes, [...head, ...lines]);
      core.failpoint('evidence:appended');
      file = { ...file, bytes, documents: file.documents + lines.length };
      store.write(() => {
        remove(file.file);
        evidence.put(file);
      });
      core.failpoint('evidence:removed');
    }
    return file;
  }

  return async () => {
    const before = keptFrom();
    if (upToDate === before) return;
    for (let begun = nextFile(before); begun; begun = nextFile(before)) {
      const { file, bytes, documents } = (await fill(begun)) ?? {};
      if (file === undefined) return;
      if (bytes === 0) break;
      const sha256 = await sha256Of(pathOf(file), bytes!);
      store.write(() => evidence.close(file, sha256, core.now()));
      options.log.info({ file: pathOf(file), documents, sha256 }, 'evidence archived');
    }
    upToDate = before;
  };
}
