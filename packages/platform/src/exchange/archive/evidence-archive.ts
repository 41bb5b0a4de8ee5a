import { join } from 'node:path';
import type { EvidenceArchiveHeader } from '@qianzhi/model';
import type { PlatformContext } from '../../server/context.js';
import { keptFrom } from '../../server/kept-from.js';
import { type ArchiveFile, openArchiveFile } from './archive-file.js';
import { oldRows } from './old-rows.js';

/** Below the data folder. */
export const EVIDENCE_ARCHIVES = 'evidence';

interface ArchiveRow {
  readonly file: string;
  readonly before_at: string;
  readonly bytes: number;
  readonly documents: number;
  readonly closed_at: string | null;
}

/**
 * Moves manifests, deliveries and receipts of months that ended longer ago than they are kept into a file, and takes each out of the
 * tables only when it is on the disk there. What they add to counts and usage stays, as does where each chain of
 * receipts goes on. May be killed anywhere. Answers how many documents it moved.
 */
export type ArchiveEvidence = (now: Date) => Promise<number>;

type Parts = Pick<PlatformContext, 'db' | 'audit' | 'dataDir' | 'log' | 'failpoint'>;

export function createEvidenceArchive(context: Parts, keepDays: number): ArchiveEvidence {
  const { db, audit, dataDir, log } = context;

  let upToDate = '';

  async function unfinished(before: string): Promise<ArchiveRow | undefined> {
    const open = await db('evidence_archives').whereNull('closed_at').first();
    if (open) return open;
    if (await db('evidence_archives').where({ before_at: before }).first('file')) return undefined;
    const file = `evidence-${before.slice(0, 10)}.jsonl`;
    return { file, before_at: before, bytes: 0, documents: 0, closed_at: null };
  }

  async function fill(archive: ArchiveRow, now: Date): Promise<number> {
    const { file, before_at } = archive;
    const bytes = Number(archive.bytes);
    const header: EvidenceArchiveHeader = {
      type: 'evidence-archive',
      version: 1,
      owner: 'platform',
      before: before_at,
    };
    const open = () => openArchiveFile(join(dataDir, EVIDENCE_ARCHIVES, file), bytes);
    let opened: ArchiveFile | undefined;
    let documents = Number(archive.documents);
    let moved = 0;
    let end = bytes;
    try {
      for await (const { lines, remove } of oldRows(db, before_at)) {
        const head = bytes + moved === 0 ? [JSON.stringify(header)] : [];
        opened ??= await open();
        const offset = end;
        end = await opened.append([...head, ...lines]);
        context.failpoint?.('archive:appended');
        documents += lines.length;
        moved += lines.length;
        await db.transaction(async (trx) => {
          await remove(trx, { file, offset, length: end - offset });
          await trx('evidence_archives')
            .insert({ file, before_at, bytes: end, documents, sha256: null, closed_at: null })
            .onConflict('file')
            .merge(['bytes', 'documents']);
        });
        context.failpoint?.('archive:removed');
      }
      if (bytes + moved > 0) {
        opened ??= await open();
        await finish(file, documents, await opened.sha256(), now);
      }
    } finally {
      await opened?.close();
    }
    return moved;
  }

  async function finish(file: string, documents: number, sha256: string, now: Date): Promise<void> {
    await db.transaction(async (trx) => {
      const closed = { sha256, closed_at: now.toISOString() };
      await trx('evidence_archives').where({ file }).update(closed);
      const details = { documents, sha256 };
      await audit.record(
        { actor: 'platform', action: 'evidence.archive', object: file, outcome: 'done', details },
        trx,
      );
    });
    log.info({ file: join(dataDir, EVIDENCE_ARCHIVES, file), documents }, 'evidence archived');
  }

  return async (now) => {
    const before = keptFrom(now, keepDays);
    if (upToDate === before) return 0;
    let moved = 0;
    for (let archive = await unfinished(before); archive; archive = await unfinished(before)) {
      const here = await fill(archive, now);
      if (here === 0 && archive.bytes === 0) break;
      moved += here;
    }
    upToDate = before;
    return moved;
  };
}
