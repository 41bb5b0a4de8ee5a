import type { Receipt, Signed } from '@qianzhi/model';
import { subjectName } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { PlatformContext } from '../../server/context.js';
import { type ArchivePlace, placesOf, receiptsAt } from '../archive/places.js';

/** Receipts in archives, for those that are handed in once more after so long. */
export interface ArchivedReceipts {
  /** Those of the same issuer and stage that cover the same. What it throws where they are still to be read has to end the transaction. */
  like(trx: Knex.Transaction, receipt: Receipt): Promise<readonly Signed<Receipt>[]>;
}

/**
 * Does work in a transaction that may ask about the receipts in archives, and does it again once the places where they are have been
 * read: a transaction waits for no file, and nothing is read of what is in no archive.
 */
export async function withArchived<T>(
  { db, dataDir }: Pick<PlatformContext, 'db' | 'dataDir'>,
  asked: readonly Receipt[],
  work: (archive: ArchivedReceipts) => Promise<T>,
): Promise<T> {
  const wanted = new Set(asked.map(coverage));
  const read = new Map<string, readonly Signed<Receipt>[]>();
  for (;;) {
    let unread = false;
    const archive: ArchivedReceipts = {
      async like(trx, receipt) {
        const places = await placesOf(trx, receipt);
        unread = places.some((place) => !read.has(nameOf(place)));
        if (unread) throw new Error('receipts in archives are to be read first');
        const found = places.flatMap((place) => read.get(nameOf(place))!);
        return found.filter(({ body }) => coverage(body) === coverage(receipt));
      },
    };
    try {
      return await work(archive);
    } catch (error) {
      if (!unread) throw error;
    }
    for (const receipt of asked) {
      for (const place of await placesOf(db, receipt)) {
        if (read.has(nameOf(place))) continue;
        const here: Signed<Receipt>[] = [];
        for await (const one of receiptsAt(dataDir, place))
          if (wanted.has(coverage(one.body))) here.push(one);
        read.set(nameOf(place), here);
      }
    }
  }
}

const nameOf = ({ file, offset }: ArchivePlace) => `${offset} ${file}`;

function coverage(receipt: Receipt): string {
  const { issuer, stage, seqFrom, seqTo } = receipt;
  return [issuer, stage, seqFrom, seqTo, subjectName(receipt)].join(' ');
}
