import { type ApplyCounts, appliedRows, type Reconciliation, type Stream } from '@qianzhi/model';
import type { Knex } from 'knex';
import { atOneMoment } from '../../database/at-one-moment.js';
import { archivedSums } from '../archive/sums.js';
import {
  type DeliveryStreamRow,
  deliveryKey,
  deliveryOf,
  listDeliveryStreams,
} from '../deliveries/delivery-table.js';
import type { Sight } from '../sight.js';
import { findStream, keyOf, listStreams, type StreamRow } from '../stream-table.js';

type DeliverySums = Reconciliation['deliveries'][number];

/**
 * The count equations, summed from manifests and receipts: read = stored + rejected over each stream and as
 * receipted; delivered = applied + rejected over each delivery with a final receipt. Batches without one are under way,
 * which is no imbalance; `problems` names each equation that does not hold. A provider sees its streams with all
 * their deliveries; a consumer sees its deliveries, and as `read` and `stored` the rows delivered to it. Each stream is counted at one
 * moment: what is stored, delivered or moved into an archive meanwhile is in all of its sums or in none.
 */
export async function reconcile(db: Knex, sight: Sight, resource?: string): Promise<Reconciliation[]> {
  const found: Reconciliation[] = [];
  for (const stream of await listStreams(db, { resource })) {
    const one = await atOneMoment(db, (trx) => reconcileStream(trx, keyOf(stream), sight));
    if (one) found.push(one);
  }
  return found;
}

async function reconcileStream(
  db: Knex.Transaction,
  key: Stream,
  sight: Sight,
): Promise<Reconciliation | undefined> {
  const stream = (await findStream(db, key))!;
  const own = sight.all || stream.department === sight.department;
  const logs = (await listDeliveryStreams(db, key)).filter((log) => own || log.consumer === sight.department);
  if (!own && logs.length === 0) return undefined;
  const problems: string[] = [];
  const deliveries: DeliverySums[] = [];
  for (const log of logs) deliveries.push(await reconcileDelivery(db, log, problems));
  const delivered = deliveries.reduce((sum, one) => sum + one.rows, 0);
  const sums = own
    ? await reconcileSource(db, stream, problems)
    : { read: delivered, repeated: 0, rejected: 0, flagged: 0, stored: delivered };
  return {
    resource: stream.resource,
    stream: key,
    ...sums,
    deliveries,
    balanced: problems.length === 0,
    problems,
  };
}

async function reconcileSource(db: Knex, stream: StreamRow, problems: string[]) {
  const old = await archivedSums(db, { ...keyOf(stream), agreement: '', grant_version: 0 });
  const kept = await sumOf(db('batches').where(keyOf(stream)), {
    read: 'read_rows',
    repeated: 'repeated',
    rejected: 'rejected',
    flagged: 'flagged',
    stored: 'rows',
  });
  const { read, repeated, rejected, flagged, stored } = old;
  const sums = added(kept, { read, repeated, rejected, flagged, stored });
  const receipts = await sumOf(db('receipts').where({ ...keyOf(stream), stage: 'stored' }), {
    receipted: 'rows',
  });
  const receipted = receipts.receipted + old.receipted;
  if (sums.read !== sums.stored + sums.rejected) {
    problems.push(`read ${sums.read} ≠ stored ${sums.stored} + rejected ${sums.rejected}`);
  }
  if (sums.stored !== receipted) problems.push(`stored ${sums.stored} ≠ receipted ${receipted}`);
  const batches = old.batches + (await count(db('batches').where(keyOf(stream))));
  if (batches !== stream.seq) problems.push(`${batches} manifests, head is batch ${stream.seq}`);
  return sums;
}

async function reconcileDelivery(
  db: Knex,
  log: DeliveryStreamRow,
  problems: string[],
): Promise<DeliverySums> {
  const key = deliveryKey(deliveryOf(log));
  const name = `${log.agreement}/${log.grant_version}`;
  const old = await archivedSums(db, key);
  const kept = await sumOf(db('deliveries').where({ ...key, void: false }), { rows: 'rows' });
  const rows = kept.rows + old.rows;
  const final = { ...key, void: false, final: true };
  const confirmed = await sumOf(db('deliveries').where(final), { rows: 'rows' });
  const confirmedRows = confirmed.rows + old.confirmedRows;
  const { delivered, inserted, updated, unchanged, deleted, refused } = old;
  const keptCounts: ApplyCounts = await sumOf(
    db('receipts')
      .where({ ...key, again: false })
      .whereIn('stage', ['applied', 'rejected']),
    {
      delivered: 'delivered',
      inserted: 'inserted',
      updated: 'updated',
      unchanged: 'unchanged',
      deleted: 'deleted',
      rejected: 'rejected',
    },
  );
  const counts = added(keptCounts, { delivered, inserted, updated, unchanged, deleted, rejected: refused });
  const sent = old.sent + (await count(db('deliveries').where(key)));
  const applied = appliedRows(counts);
  if (counts.delivered !== applied + counts.rejected) {
    problems.push(
      `${name}: delivered ${counts.delivered} ≠ applied ${applied} + rejected ${counts.rejected}`,
    );
  }
  if (confirmedRows !== counts.delivered) {
    problems.push(`${name}: ${confirmedRows} rows in receipted batches ≠ ${counts.delivered} in receipts`);
  }
  if (sent !== log.seq) problems.push(`${name}: ${sent} deliveries, head is batch ${log.seq}`);
  return {
    agreement: log.agreement,
    grantVersion: log.grant_version,
    consumer: log.consumer,
    sent,
    confirmed: old.confirmed + (await count(db('deliveries').where(final))),
    rows,
    counts,
  };
}

function added<K extends string>(one: Readonly<Record<K, number>>, other: Readonly<Record<K, number>>) {
  return Object.fromEntries(
    (Object.keys(one) as K[]).map((name) => [name, one[name] + other[name]]),
  ) as Record<K, number>;
}

async function sumOf<K extends string>(
  query: Knex.QueryBuilder,
  columns: Readonly<Record<K, string>>,
): Promise<Record<K, number>> {
  const row = await query.sum(columns).first();
  return Object.fromEntries(Object.keys(columns).map((name) => [name, Number(row?.[name] ?? 0)])) as Record<
    K,
    number
  >;
}

async function count(query: Knex.QueryBuilder): Promise<number> {
  return Number((await query.count({ n: '*' }).first())?.n);
}
