import { type DeliveryStream, deliveryName, isQianzhiError, type Receipt, type Signed } from '@qianzhi/model';
import { documentDigest, suiteOf } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { AgentCaller } from '../../server/caller.js';
import {
  type DeliveryStreamRow,
  deliveriesBetween,
  deliveryKey,
  findDeliveryStream,
} from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { insertReceipt } from '../receipt-table.js';
import {
  aboutReceipt,
  checkAgainstDelivered,
  checkIssuer,
  checkStart,
  statesTheSame,
} from './check-receipt.js';

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
      throw exchangeErrors.DELIVERY_UNKNOWN({ delivery: deliveryName(delivery), seq: receipt.seqTo });
    }
    await checkIssuer(signed, caller, keys);
    if (await isRepeat(signed, delivery)) return;
    const open = await deliveriesBetween(db, delivery, log.final_seq + 1, receipt.seqTo);
    checkStart(receipt, log, open);
    const range = open.filter((row) => row.seq >= receipt.seqFrom);
    checkAgainstDelivered(receipt, delivery, range);
    const last = await lastReceipt(delivery, receipt.issuer);
    if (receipt.previous !== (last?.digest ?? null)) {
      throw exchangeErrors.RECEIPT_CHAIN(aboutReceipt(delivery, receipt));
    }
    const record = (await keys.find(signed.signature.keyId))!;
    const digest = documentDigest(signed, suiteOf(record.suite));
    const parties = { provider: log.provider, consumer: log.consumer };
    await db.transaction(async (trx) => {
      await insertReceipt(trx, signed, digest, parties);
      await advance(trx, receipt, delivery, log);
    });
  }

  /** True for what is held already; throws where another receipt of that stage covers part of the range. */
  async function isRepeat(signed: Signed<Receipt>, delivery: DeliveryStream): Promise<boolean> {
    const receipt = signed.body;
    const rows: { document: string }[] = await receiptsOf(delivery)
      .where('seq_from', '<=', receipt.seqTo)
      .where('seq_to', '>=', receipt.seqFrom)
      .select('document');
    const held = rows.map((row) => (JSON.parse(row.document) as Signed<Receipt>).body);
    if (held.some((other) => statesTheSame(other, receipt))) return true;
    // A staged range gets its final receipt later; two final receipts, or two of one stage, are a contradiction.
    const clashes = held.some((other) => other.stage === receipt.stage || other.stage !== 'staged');
    const idTaken = await db('receipts').where({ id: receipt.id }).first('id');
    if (clashes || idTaken) throw exchangeErrors.RECEIPT_CONFLICT(aboutReceipt(delivery, receipt));
    return false;
  }

  const receiptsOf = (delivery: DeliveryStream) => db('receipts').where(deliveryKey(delivery));

  async function lastReceipt(
    delivery: DeliveryStream,
    issuer: string,
  ): Promise<{ digest: string } | undefined> {
    return receiptsOf(delivery).where({ issuer }).orderBy('position', 'desc').first('digest');
  }

  async function advance(
    trx: Knex.Transaction,
    receipt: Receipt,
    delivery: DeliveryStream,
    log: DeliveryStreamRow,
  ): Promise<void> {
    const key = deliveryKey(delivery);
    if (receipt.stage === 'staged') {
      await trx('delivery_streams').where(key).update({ staged_seq: receipt.seqTo });
      return;
    }
    const revoked = receipt.stage === 'rejected' && receipt.reason === 'revoked';
    await trx('deliveries')
      .where({ ...key, void: false })
      .whereBetween('seq', [receipt.seqFrom, receipt.seqTo])
      .update({ final: true });
    await trx('delivery_streams')
      .where(key)
      .update({
        final_seq: receipt.seqTo,
        staged_seq: Math.max(log.staged_seq, receipt.seqTo),
        state: revoked ? 'closed' : log.state,
      });
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
      const { subject, stage, id } = signed.body;
      const delivery = 'delivery' in subject ? subject.delivery : undefined;
      const name = delivery ? deliveryName(delivery) : '';
      if (stopped.has(name)) continue;
      try {
        if (!delivery || stage === 'stored') throw exchangeErrors.RECEIPT_ISSUER({ receipt: id });
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
