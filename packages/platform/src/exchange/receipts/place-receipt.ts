import { isDeepStrictEqual } from 'node:util';
import type { DeliveryStream, Receipt, Signed } from '@qianzhi/model';
import { statesTheSame } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { prepared } from '../../database/prepared.js';
import { type DeliveryStreamRow, deliveryKey } from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';
import type { ArchivedReceipts } from './archived-receipts.js';
import { aboutReceipt } from './check-receipt.js';

/**
 * Where a receipt stands among those held: `held` is a repeat; `next` goes on; `again` is about batches that have
 * their receipts already: kept as evidence and counted once.
 */
export type ReceiptPlace = 'held' | 'again' | 'next';

/** The last batch that has a receipt of this stage or a later one. */
export function receiptedUpTo({ stage }: Receipt, log: DeliveryStreamRow): number {
  return stage === 'staged' ? Math.max(log.staged_seq, log.final_seq) : log.final_seq;
}

/**
 * A target that was restored applies again and says so in a receipt that follows its last one; an agent that lost its
 * memory writes the receipts of its ledger anew, from an earlier one on, and must state the same. Throws
 * QZ_PLATFORM_RECEIPT_CONFLICT (integrity) for another statement that follows nothing, QZ_PLATFORM_RECEIPT_CHAIN
 * (conflict) where a new receipt does not follow the last.
 */
export async function placeOf(
  { db, archive }: { readonly db: Knex.Transaction; readonly archive: ArchivedReceipts },
  { signed, digest, archived }: PlacedReceipt,
  delivery: DeliveryStream,
  log: DeliveryStreamRow,
): Promise<ReceiptPlace> {
  const receipt = signed.body;
  const { id, previous, stage, seqFrom, seqTo } = receipt;
  const about = aboutReceipt(delivery, receipt);
  const key = { ...deliveryKey(delivery), issuer: receipt.issuer };
  const related = await relatedTo(db, { id, digest, previous: previous ?? '' });
  const held = related.filter((row) => Object.entries(key).every(([column, value]) => row[column] === value));
  if (held.some((row) => row.digest === digest)) return 'held';
  if (related.some((row) => row.id === id)) throw exchangeErrors.RECEIPT_CONFLICT(about);
  const follows =
    previous === null
      ? !(await db('receipts').where(key).first('id'))
      : held.some((row) => row.digest === previous) && !held.some((row) => row.previous === previous);
  if (seqTo > receiptedUpTo(receipt, log)) {
    if (!follows) throw exchangeErrors.RECEIPT_CHAIN(about);
    return 'next';
  }
  if (follows && !archived) return 'again';
  const rows = await db('receipts')
    .where({ ...key, stage, seq_from: seqFrom, seq_to: seqTo })
    .select('document');
  if (rows.some(({ document }) => statesTheSame(JSON.parse(document).body, receipt))) return 'again';
  const before = await archive.like(db, receipt);
  // both are proven: one signature is over one content
  if (before.some((one) => isDeepStrictEqual(one.signature, signed.signature))) return 'held';
  if (before.some(({ body }) => body.id !== id && statesTheSame(body, receipt))) return 'again';
  throw exchangeErrors.RECEIPT_CONFLICT(about);
}

/** A receipt whose signature is right; `archived`: what it covers has left the tables. */
export interface PlacedReceipt {
  readonly signed: Signed<Receipt>;
  readonly digest: string;
  readonly archived: boolean;
}

const relatedColumns = [
  'id',
  'digest',
  'previous',
  'agreement',
  'grant_version',
  'resource',
  'agent',
  'epoch',
  'issuer',
];

/**
 * What is held of a receipt itself, under its id, of the one before it and of what follows that. By columns that only few share, each
 * with an index of its own: beside others SQLite takes the index with the most columns, which is that of all receipts of a stream.
 */
const relatedTo = prepared<'id' | 'digest' | 'previous', readonly Readonly<Record<string, unknown>>[]>(
  (db, { id, digest, previous }) =>
    db('receipts')
      .where({ digest })
      .orWhere({ digest: previous })
      .orWhere({ previous })
      .orWhere({ id })
      .select(relatedColumns),
);
