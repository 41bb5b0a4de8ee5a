import type { DeliveryStream, Receipt, Signed } from '@qianzhi/model';
import { statesTheSame } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { type DeliveryStreamRow, deliveryKey } from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';
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
  db: Knex,
  signed: Signed<Receipt>,
  digest: string,
  delivery: DeliveryStream,
  log: DeliveryStreamRow,
): Promise<ReceiptPlace> {
  const receipt = signed.body;
  const about = aboutReceipt(delivery, receipt);
  const key = { ...deliveryKey(delivery), issuer: receipt.issuer };
  const held: Held = (where) => findHeld(db, key, where);
  if ((await held({ digest })).length > 0) return 'held';
  if (await db('receipts').where({ id: receipt.id }).first('id')) {
    throw exchangeErrors.RECEIPT_CONFLICT(about);
  }
  const follows = await followsTheLast(db, key, held, receipt.previous);
  if (receipt.seqTo > receiptedUpTo(receipt, log)) {
    if (!follows) throw exchangeErrors.RECEIPT_CHAIN(about);
    return 'next';
  }
  if (follows) return 'again';
  const { stage, seqFrom, seqTo } = receipt;
  const rows = await db('receipts')
    .where({ ...key, stage, seq_from: seqFrom, seq_to: seqTo })
    .select('document');
  const same = rows.some(({ document }) => statesTheSame(JSON.parse(document).body, receipt));
  if (!same) throw exchangeErrors.RECEIPT_CONFLICT(about);
  return 'again';
}

type Held = (
  where: { readonly digest: string } | { readonly previous: string },
) => Promise<readonly object[]>;

/**
 * Receipts of the delivery stream by a digest that only few have. By that alone: of several conditions SQLite takes the index with
 * the most columns, which is that of all receipts of a stream.
 */
async function findHeld(
  db: Knex,
  key: Readonly<Record<string, unknown>>,
  where: Parameters<Held>[0],
): Promise<readonly object[]> {
  const columns = Object.keys(key);
  const rows: Readonly<Record<string, unknown>>[] = await db('receipts').where(where).select(columns);
  return rows.filter((row) => columns.every((column) => row[column] === key[column]));
}

/** Whether `previous` is held and nothing held follows it; null where nothing is held at all. */
async function followsTheLast(
  db: Knex,
  key: Readonly<Record<string, unknown>>,
  held: Held,
  previous: string | null,
): Promise<boolean> {
  if (previous === null) return !(await db('receipts').where(key).first('id'));
  return (await held({ digest: previous })).length > 0 && (await held({ previous })).length === 0;
}
