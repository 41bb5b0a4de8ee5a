import type { BatchManifest, Signed } from '@qianzhi/model';
import { deliveryName } from '@qianzhi/model';
import type { Knex } from 'knex';
import { aboutDelivery } from '../about.js';
import { findBatch } from '../batch-table.js';
import {
  type DeliveryStreamRow,
  deliveryKey,
  deliveryOf,
  findDeliveryStream,
} from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { keyOf } from '../stream-table.js';

/**
 * A delivery that lags too far goes on from the last complete snapshot, under the same sequence: what was
 * delivered stays, the next delivery is the snapshot's first part. Where the snapshot is of a later epoch the
 * delivery stream is closed instead, because the later epoch's begins with it. Recorded in the audit chain under
 * QZ_PLATFORM_DELIVERY_RESTARTED.
 */
export async function restartDelivery(
  { context, monitors, consumers, wakes }: ExchangeParts,
  lagging: DeliveryStreamRow,
  snapshotFrom: number | undefined,
): Promise<void> {
  const delivery = deliveryOf(lagging);
  const name = deliveryName(delivery);
  await monitors.within(`delivery ${name}`, async () => {
    const log = await findDeliveryStream(context.db, delivery);
    if (!log || log.state === 'closed' || log.next_source !== lagging.next_source) return;
    const notice = exchangeErrors.DELIVERY_RESTARTED({ ...aboutDelivery(delivery), fromSeq: log.seq + 1 });
    await context.db.transaction(async (trx) => {
      await voidUnfinishedSnapshot(trx, log);
      await trx('delivery_streams')
        .where(deliveryKey(delivery))
        .update({
          restarts: log.restarts + 1,
          ...(snapshotFrom === undefined ? { state: 'closed' } : { next_source: snapshotFrom }),
        });
      const entry = {
        actor: 'platform' as const,
        action: 'delivery.restart',
        object: name,
        outcome: 'done' as const,
        details: { code: notice.code, fromSeq: log.seq + 1 },
      };
      await context.audit.record(entry, trx);
    });
    context.log.warn({ code: notice.code, delivery: name, fromSeq: log.seq + 1 }, notice.message);
  });
  consumers.changed(lagging.resource);
  wakes.wake(lagging.resource);
}

/** Parts of a snapshot whose rest is left out: the sink discards them when the next snapshot begins. */
async function voidUnfinishedSnapshot(trx: Knex.Transaction, log: DeliveryStreamRow): Promise<void> {
  const key = deliveryKey(deliveryOf(log));
  const last = await trx('deliveries').where(key).orderBy('seq', 'desc').first('source_seq');
  const batch = last && (await findBatch(trx, keyOf(log), Number(last.source_seq)));
  if (!batch || batch.snapshot_id === null) return;
  const { snapshot } = (JSON.parse(batch.manifest) as Signed<BatchManifest>).body;
  if (!snapshot || snapshot.last) return;
  const parts = trx('batches')
    .where({ ...keyOf(log), snapshot_id: batch.snapshot_id })
    .select('seq');
  await trx('deliveries')
    .where({ ...key, final: false })
    .whereIn('source_seq', parts)
    .update({ void: true });
}
