import { appliedRows, type BatchOutcome, type Stream } from '@qianzhi/model';
import type { Knex } from 'knex';
import {
  type DeliveryStreamRow,
  deliveryKey,
  deliveryOf,
  listDeliveryStreams,
} from '../deliveries/delivery-table.js';
import { keyOf } from '../stream-table.js';

/** Of batches of one stream, both ends included. */
export interface BatchRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What consumers have made of a provider's batches, as far as their receipts say: one entry for each grant version that got of them,
 * or whose deliveries go on and will. Provider and consumer of a delivery know its counts (R043), nobody else: what goes on under another
 * department's grants, of files from before the resource became its own, is that one's to know.
 */
export async function outcomesOf(
  db: Knex,
  provider: string,
  stream: Stream,
  range: BatchRange,
): Promise<BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for (const log of await listDeliveryStreams(db, { ...keyOf(stream), provider })) {
    const outcome = await outcomeOf(db, log, range);
    if (outcome.deliveries > 0 || log.state === 'open') outcomes.push(outcome);
  }
  return outcomes;
}

async function outcomeOf(db: Knex, log: DeliveryStreamRow, { from, to }: BatchRange): Promise<BatchOutcome> {
  const key = deliveryKey(deliveryOf(log));
  const made = db('deliveries')
    .where({ ...key, void: false })
    .whereBetween('source_seq', [from, to]);
  const found: Partial<Record<'deliveries' | 'rows' | 'first' | 'last', unknown>> | undefined = await made
    .clone()
    .count({ deliveries: '*' })
    .sum({ rows: 'rows' })
    .min({ first: 'seq' })
    .max({ last: 'seq' })
    .first();
  const final: { readonly n?: unknown } | undefined = await made
    .where({ final: true })
    .count({ n: '*' })
    .first();
  const [first, last] = [Number(found?.first ?? 0), Number(found?.last ?? 0)];
  const receipts = await db('receipts')
    .where({ ...key, again: false })
    .whereIn('stage', ['applied', 'rejected'])
    .where('seq_from', '<=', last)
    .where('seq_to', '>=', first)
    .select('seq_from', 'seq_to', 'delivered', 'inserted', 'updated', 'unchanged', 'deleted', 'rejected');
  const sum = (column: string) => receipts.reduce((total, row) => total + Number(row[column]), 0);
  const counts = {
    delivered: sum('delivered'),
    inserted: sum('inserted'),
    updated: sum('updated'),
    unchanged: sum('unchanged'),
    deleted: sum('deleted'),
    rejected: sum('rejected'),
  };
  return {
    agreement: log.agreement,
    grantVersion: log.grant_version,
    consumer: log.consumer,
    deliveries: Number(found?.deliveries ?? 0),
    confirmed: Number(final?.n ?? 0),
    rows: Number(found?.rows ?? 0),
    applied: appliedRows(counts),
    rejected: counts.rejected,
    wider: receipts.some(({ seq_from, seq_to }) => Number(seq_from) < first || Number(seq_to) > last),
  };
}
