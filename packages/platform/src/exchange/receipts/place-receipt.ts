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
  const held = () => db('receipts').where({ ...deliveryKey(delivery), issuer: receipt.issuer });
  if (await held().where({ digest }).first('id')) return 'held';
  if (await db('receipts').where({ id: receipt.id }).first('id')) {
    throw exchangeErrors.RECEIPT_CONFLICT(about);
  }
  const follows = await followsTheLast(held, receipt.previous);
  if (receipt.seqTo > receiptedUpTo(receipt, log)) {
    if (!follows) throw exchangeErrors.RECEIPT_CHAIN(about);
    return 'next';
  }
  if (follows) return 'again';
  const { stage, seqFrom, seqTo } = receipt;
  const rows = await held().where({ stage, seq_from: seqFrom, seq_to: seqTo }).select('document');
  const same = rows.some(({ document }) => statesTheSame(JSON.parse(document).body, receipt));
  if (!same) throw exchangeErrors.RECEIPT_CONFLICT(about);
  return 'again';
}

/** Whether `previous` is held and nothing held follows it; null where nothing is held at all. */
async function followsTheLast(held: () => Knex.QueryBuilder, previous: string | null): Promise<boolean> {
  if (previous === null) return !(await held().first('id'));
  const known = await held().where({ digest: previous }).first('id');
  return known !== undefined && !(await held().where({ previous }).first('id'));
}
