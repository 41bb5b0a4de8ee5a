import { type DeliveryStream, deliveryName, isQianzhiError, type Receipt, type Signed } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { AgentCaller } from '../../server/caller.js';
import { aboutDelivery } from '../about.js';
import {
  type DeliveryRow,
  type DeliveryStreamRow,
  deliveriesBetween,
  deliveryKey,
  findDeliveryStream,
} from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { insertReceipt } from '../receipt-table.js';
import {
  checkAgainstDelivered,
  checkIssuer,
  checkStart,
  deliveredRows,
  foreignReceipt,
} from './check-receipt.js';
import { placeOf, receiptedUpTo } from './place-receipt.js';

/**
 * Takes a consumer's receipts of stage staged, applied or rejected: contiguous over each delivery stream, chained,
 * with the digests and rows that were delivered and counts that balance. Repeats are harmless. A wrong one stops
 * the receipts of its own delivery stream only: the others are taken, then its error is thrown. Receipts of what
 * was delivered are taken after the grant has ended too; `rejected` for `revoked` closes the sequence.
 */
export type Acknowledge = (caller: AgentCaller, receipts: readonly Signed<Receipt>[]) => Promise<number>;

export function createAcknowledge({ context, monitors }: ExchangeParts): Acknowledge {
  const { db, keys, audit } = context;

  async function take(caller: AgentCaller, signed: Signed<Receipt>, delivery: DeliveryStream): Promise<void> {
    const receipt = signed.body;
    const log = await findDeliveryStream(db, delivery);
    if (!log || log.consumer !== caller.department || receipt.seqTo > log.seq) {
      throw exchangeErrors.DELIVERY_UNKNOWN({ ...aboutDelivery(delivery), seq: receipt.seqTo });
    }
    const digest = await checkIssuer(signed, caller, keys);
    const last = receiptedUpTo(receipt, log);
    const from = Math.min(receipt.seqFrom, last + 1);
    const rows = await deliveriesBetween(db, delivery, from, receipt.seqTo);
    const range = rows.filter((row) => row.seq >= receipt.seqFrom);
    if (receipt.seqTo > last) checkStart(receipt, delivery, last, rows);
    checkAgainstDelivered(receipt, delivery, range);
    const place = await placeOf(db, signed, digest, delivery, log);
    if (place === 'held') return;
    await db.transaction(async (trx) => {
      const parties = { provider: log.provider, consumer: log.consumer };
      await insertReceipt(trx, signed, digest, { ...parties, again: place === 'again' });
      if (place === 'next') await advance(trx, receipt, delivery, log, range);
      if (receipt.stage === 'rejected' && receipt.reason === 'revoked') await close(trx, delivery);
    });
    context.failpoint?.('acknowledge:recorded');
    context.meter?.receiptTaken(receipt.stage, receipt.rows, receipt.counts?.rejected ?? 0);
  }

  async function refused(caller: AgentCaller, signed: Signed<Receipt>, error: unknown): Promise<void> {
    if (!isQianzhiError(error) || error.kind !== 'integrity') return;
    const { id, subject } = signed.body;
    const object = 'delivery' in subject ? `${deliveryName(subject.delivery)} ${id}` : id;
    context.log.error({ code: error.code, object }, 'receipt refused');
    await audit.record({
      actor: caller,
      action: 'receipt.acknowledge',
      object,
      outcome: 'failed',
      details: { code: error.code },
    });
  }

  return async (caller, receipts) => {
    let accepted = 0;
    let failure: unknown;
    const stopped = new Set<string>();
    for (const signed of receipts) {
      const { subject, stage } = signed.body;
      const delivery = 'delivery' in subject ? subject.delivery : undefined;
      const name = delivery ? deliveryName(delivery) : '';
      if (stopped.has(name)) continue;
      try {
        if (!delivery || stage === 'stored') throw foreignReceipt(signed.body);
        await monitors.within(`delivery ${name}`, () => take(caller, signed, delivery));
        accepted++;
      } catch (error) {
        await refused(caller, signed, error);
        failure ??= error;
        stopped.add(name);
      }
    }
    if (failure !== undefined) throw failure;
    return accepted;
  };
}

async function advance(
  trx: Knex.Transaction,
  receipt: Receipt,
  delivery: DeliveryStream,
  log: DeliveryStreamRow,
  range: readonly DeliveryRow[],
): Promise<void> {
  const key = deliveryKey(delivery);
  const { stage, seqFrom, seqTo } = receipt;
  if (stage === 'staged') {
    await trx('delivery_streams').where(key).update({ staged_seq: seqTo });
    return;
  }
  // A receipt that counts the rows of void deliveries accounts for them, too.
  const all = receipt.rows === deliveredRows(range).all;
  const accounted = trx('deliveries').where(key).whereBetween('seq', [seqFrom, seqTo]);
  if (!all) accounted.where({ void: false });
  await accounted.update({ final: true, void: false });
  const staged_seq = Math.max(log.staged_seq, seqTo);
  await trx('delivery_streams').where(key).update({ final_seq: seqTo, staged_seq });
}

async function close(trx: Knex.Transaction, delivery: DeliveryStream): Promise<void> {
  await trx('delivery_streams').where(deliveryKey(delivery)).update({ state: 'closed' });
}
