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
  setAllFinal,
  setFinal,
  setReceipted,
} from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { insertReceipt } from '../receipt-table.js';
import { type ArchivedReceipts, withArchived } from './archived-receipts.js';
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

  /** Believes nothing of a receipt; undefined for one that is held. */
  async function check(
    trx: Knex.Transaction,
    caller: AgentCaller,
    { signed, digest }: Proven,
    delivery: DeliveryStream,
    known: DeliveryStreamRow | undefined,
    archive: ArchivedReceipts,
  ): Promise<Checked | undefined> {
    const receipt = signed.body;
    const log = known ?? (await findDeliveryStream(trx, delivery));
    if (!log || log.consumer !== caller.department || receipt.seqTo > log.seq) {
      throw exchangeErrors.DELIVERY_UNKNOWN({ ...aboutDelivery(delivery), seq: receipt.seqTo });
    }
    const last = receiptedUpTo(receipt, log);
    const from = Math.min(receipt.seqFrom, last + 1);
    const rows = await deliveriesBetween(trx, delivery, from, receipt.seqTo);
    const range = rows.filter((row) => row.seq >= receipt.seqFrom);
    // what is in an archive is final: its receipts can only come again
    const archived = receipt.seqTo <= last && range[0]?.seq !== receipt.seqFrom;
    if (receipt.seqTo > last) checkStart(receipt, delivery, last, rows);
    if (!archived) checkAgainstDelivered(receipt, delivery, range);
    const place = await placeOf({ db: trx, archive }, { signed, digest, archived }, delivery, log);
    return place === 'held' ? undefined : { log, range, place };
  }

  /** Takes receipts of one delivery stream in order and in one transaction, up to the first that is wrong. */
  async function take(
    caller: AgentCaller,
    delivery: DeliveryStream,
    receipts: readonly Signed<Receipt>[],
  ): Promise<{ readonly accepted: number; readonly refusal?: Refusal | undefined }> {
    const proven: Proven[] = [];
    let refusal: Refusal | undefined;
    for (const signed of receipts) {
      try {
        if (signed.body.stage === 'stored') throw foreignReceipt(signed.body);
        proven.push({ signed, digest: await checkIssuer(signed, caller, keys) });
      } catch (error) {
        refusal = { signed, error };
        break;
      }
    }
    const asked = proven.map(({ signed }) => signed.body);
    const { taken, accepted, refused } = await withArchived(context, asked, (archive) =>
      db.transaction((trx) => takeIn(trx, caller, delivery, proven, archive)),
    );
    if (taken.length > 0) context.failpoint?.('acknowledge:recorded');
    for (const { stage, rows, counts } of taken)
      context.meter?.receiptTaken(stage, rows, counts?.rejected ?? 0);
    return { accepted, refusal: refused ?? refusal };
  }

  /** In order, up to the first that is refused. */
  async function takeIn(
    trx: Knex.Transaction,
    caller: AgentCaller,
    delivery: DeliveryStream,
    proven: readonly Proven[],
    archive: ArchivedReceipts,
  ): Promise<{ readonly taken: readonly Receipt[]; readonly accepted: number; readonly refused?: Refusal }> {
    const taken: Receipt[] = [];
    let accepted = 0;
    let log: DeliveryStreamRow | undefined;
    let refused: Refusal | undefined;
    for (const one of proven) {
      const { signed } = one;
      const found = await check(trx, caller, one, delivery, log, archive).catch((error: unknown) => {
        // what the database refuses ends the transaction: nothing of it is taken
        if (!isQianzhiError(error)) throw error;
        return { error };
      });
      if (found && 'error' in found) {
        refused = { signed, error: found.error };
        break;
      }
      if (found) {
        log = await record(trx, one, delivery, found);
        taken.push(signed.body);
      }
      accepted++;
    }
    if (log)
      await setReceipted(trx, {
        ...deliveryKey(delivery),
        staged_seq: log.staged_seq,
        final_seq: log.final_seq,
      });
    return { taken, accepted, ...(refused && { refused }) };
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
    let failure: { readonly error: unknown } | undefined;
    const failed = async ({ signed, error }: Refusal) => {
      await refused(caller, signed, error);
      failure ??= { error };
    };
    for (const { delivery, ofDelivery } of byDelivery(receipts)) {
      const [first] = ofDelivery;
      if (!delivery) {
        await failed({ signed: first!, error: foreignReceipt(first!.body) });
        continue;
      }
      const name = deliveryName(delivery);
      const done = await monitors.within(`delivery ${name}`, () => take(caller, delivery, ofDelivery));
      accepted += done.accepted;
      if (done.refusal) await failed(done.refusal);
    }
    if (failure) throw failure.error;
    return accepted;
  };
}

interface Proven {
  readonly signed: Signed<Receipt>;
  readonly digest: string;
}

interface Checked {
  readonly log: DeliveryStreamRow;
  readonly range: readonly DeliveryRow[];
  readonly place: 'again' | 'next';
}

interface Refusal {
  readonly signed: Signed<Receipt>;
  readonly error: unknown;
}

/** Receipts of each delivery stream in the order they came; together those that are of none. */
function byDelivery(receipts: readonly Signed<Receipt>[]) {
  const groups = new Map<string, { delivery: DeliveryStream | undefined; ofDelivery: Signed<Receipt>[] }>();
  for (const signed of receipts) {
    const { subject } = signed.body;
    const delivery = 'delivery' in subject ? subject.delivery : undefined;
    const name = delivery ? deliveryName(delivery) : '';
    const group = groups.get(name) ?? { delivery, ofDelivery: [] };
    group.ofDelivery.push(signed);
    groups.set(name, group);
  }
  return groups.values();
}

/** Answers the delivery stream after it. */
async function record(
  trx: Knex.Transaction,
  { signed, digest }: Proven,
  delivery: DeliveryStream,
  { log, range, place }: Checked,
): Promise<DeliveryStreamRow> {
  const { stage, reason } = signed.body;
  const { provider, consumer } = log;
  await insertReceipt(trx, signed, digest, { provider, consumer, again: place === 'again' });
  if (stage === 'rejected' && reason === 'revoked') await close(trx, delivery);
  return place === 'next' ? advance(trx, signed.body, delivery, log, range) : log;
}

async function advance(
  trx: Knex.Transaction,
  receipt: Receipt,
  delivery: DeliveryStream,
  log: DeliveryStreamRow,
  range: readonly DeliveryRow[],
): Promise<DeliveryStreamRow> {
  const { stage, seqFrom, seqTo } = receipt;
  if (stage === 'staged') return { ...log, staged_seq: seqTo };
  // A receipt that counts the rows of void deliveries accounts for them, too.
  const accountFor = receipt.rows === deliveredRows(range).all ? setAllFinal : setFinal;
  await accountFor(trx, { ...deliveryKey(delivery), from: seqFrom, to: seqTo });
  return { ...log, staged_seq: Math.max(log.staged_seq, seqTo), final_seq: seqTo };
}

async function close(trx: Knex.Transaction, delivery: DeliveryStream): Promise<void> {
  await trx('delivery_streams').where(deliveryKey(delivery)).update({ state: 'closed' });
}
