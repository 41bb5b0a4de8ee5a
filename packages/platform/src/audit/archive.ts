import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditExportHeader, AuditHead, AuditRecord, Signed } from '@qianzhi/model';
import { realDisk, syncFolder } from '../exchange/store/disk.js';
import type { PlatformContext } from '../server/context.js';
import { keptFrom } from '../server/kept-from.js';
import { signedHead } from './heads.js';

/** Below the data folder. */
export const ARCHIVES = 'audit';
const PAGE = 1000;

export interface AuditArchive {
  /**
   * Moves entries of months that ended longer ago than they are kept into a file, and only when that is on the disk takes them out of the
   * table; the head at the last of them, signed, anchors the rest. Killed anywhere, it writes the same file again.
   */
  archiveOld(): Promise<void>;
  /** Signed heads at the ends of archives, oldest first. */
  heads(): Promise<Signed<AuditHead>[]>;
}

type Parts = Pick<PlatformContext, 'db' | 'now' | 'signingKey' | 'audit' | 'dataDir' | 'log'>;

interface Written {
  readonly file: string;
  readonly sha256: string;
  readonly first: AuditRecord;
  readonly last: AuditRecord;
}

export function createAuditArchive(context: Parts, keepDays: number): AuditArchive {
  const { db, now, audit, dataDir, log } = context;
  const folder = join(dataDir, ARCHIVES);

  async function* oldEntries(before: string): AsyncGenerator<AuditRecord> {
    for (let after = 0; ; ) {
      const page: AuditRecord[] = await db('audit').where('seq', '>', after).orderBy('seq').limit(PAGE);
      for (const entry of page) {
        if (entry.at >= before) return;
        yield entry;
      }
      if (page.length < PAGE) return;
      after = page.at(-1)!.seq;
    }
  }

  async function write(before: string): Promise<Written | undefined> {
    const temporary = join(folder, 'archive.part');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(temporary, 'w', 0o600);
    const hash = createHash('sha256');
    let first: AuditRecord | undefined;
    let last: AuditRecord | undefined;
    try {
      const header: AuditExportHeader = { type: 'audit-export', version: 1, owner: 'platform', log: 'audit' };
      let lines = `${JSON.stringify(header)}\n`;
      const flush = async () => {
        hash.update(lines);
        await handle.writeFile(lines);
        lines = '';
      };
      for await (const entry of oldEntries(before)) {
        lines += `${JSON.stringify(entry)}\n`;
        if (lines.length > 1024 * 1024) await flush();
        first ??= entry;
        last = entry;
      }
      await flush();
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!first || !last) {
      await rm(temporary);
      return undefined;
    }
    const file = `audit-${first.seq}-${last.seq}.jsonl`;
    await rename(temporary, join(folder, file));
    await syncFolder(folder, realDisk);
    await syncFolder(dataDir, realDisk);
    return { file, sha256: hash.digest('hex'), first, last };
  }

  async function remove({ file, sha256, first, last }: Written): Promise<void> {
    const document = JSON.stringify(signedHead(context, last));
    const row = {
      seq: last.seq,
      from_seq: first.seq,
      file,
      sha256,
      document,
      archived_at: now().toISOString(),
    };
    await db.transaction(async (trx) => {
      await trx('audit_archives').insert(row);
      await trx('audit').where('seq', '<=', last.seq).delete();
      const details = { from: first.seq, to: last.seq, digest: last.digest, sha256 };
      await audit.record(
        { actor: 'platform', action: 'audit.archive', object: file, outcome: 'done', details },
        trx,
      );
    });
    log.info({ file: join(folder, file), from: first.seq, to: last.seq }, 'audit entries archived');
  }

  return {
    async archiveOld() {
      const before = keptFrom(now(), keepDays);
      const oldest: { at: string } | undefined = await db('audit').orderBy('seq').first('at');
      if (!oldest || oldest.at >= before) return;
      const written = await write(before);
      if (written) await remove(written);
    },
    heads: async () =>
      (await db('audit_archives').orderBy('seq').select('document')).map(({ document }) =>
        JSON.parse(document),
      ),
  };
}
