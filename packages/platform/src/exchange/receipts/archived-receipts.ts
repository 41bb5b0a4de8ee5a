import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Receipt, Signed } from '@qianzhi/model';
import { subjectName } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { EVIDENCE_ARCHIVES } from '../archive/evidence-archive.js';

/** Receipts in archives, for those that are handed in once more after so long. */
export interface ArchivedReceipts {
  /** Those of the same issuer and stage that cover the same. Inside a transaction `db` is that. */
  like(db: Knex, receipt: Receipt): Promise<readonly Signed<Receipt>[]>;
}

type Found = ReadonlyMap<string, readonly Signed<Receipt>[]>;

/** The archives are read through once for all of one request, when the first of them is asked about. */
export function createArchivedReceipts(
  dataDir: string,
  asked: readonly { readonly signed: Signed<Receipt> }[],
): ArchivedReceipts {
  let found: Promise<Found> | undefined;
  return {
    async like(db, receipt) {
      found ??= readArchives(db, dataDir, new Set(asked.map(({ signed }) => coverage(signed.body))));
      return (await found).get(coverage(receipt)) ?? [];
    },
  };
}

async function readArchives(db: Knex, dataDir: string, wanted: ReadonlySet<string>): Promise<Found> {
  const files: { file: string; bytes: number }[] = await db('evidence_archives').select('file', 'bytes');
  const found = new Map<string, Signed<Receipt>[]>();
  for (const { file, bytes } of files) {
    const input = createReadStream(join(dataDir, EVIDENCE_ARCHIVES, file), { end: Number(bytes) - 1 });
    for await (const line of createInterface({ input })) {
      if (!line.startsWith('{"receipt":')) continue;
      const { receipt } = JSON.parse(line) as { readonly receipt: Signed<Receipt> };
      const name = coverage(receipt.body);
      if (wanted.has(name)) found.set(name, [...(found.get(name) ?? []), receipt]);
    }
  }
  return found;
}

function coverage(receipt: Receipt): string {
  const { issuer, stage, seqFrom, seqTo } = receipt;
  return [issuer, stage, seqFrom, seqTo, subjectName(receipt)].join(' ');
}
