import type { Knex } from 'knex';
import type { DeliveryStreamRow } from '../deliveries/delivery-table.js';
import { keyOf } from '../stream-table.js';

/** How far a live delivery may fall behind the last complete snapshot before it goes on from there. */
export interface MaxLag {
  readonly days: number;
  readonly bytes: number;
}

/** Whether the batches before `before` that are kept only for this delivery are too old or too many bytes. */
export async function lagsTooFar(
  db: Knex,
  log: DeliveryStreamRow,
  before: number,
  maxLag: MaxLag,
  now: Date,
): Promise<boolean> {
  const kept = await db('batches')
    .where({ ...keyOf(log), void: false })
    .where('seq', '>=', log.next_source)
    .where('seq', '<', before)
    .sum({ bytes: 'stored_bytes' })
    .min({ oldest: 'received_at' })
    .first();
  if (!kept?.oldest) return false;
  const days = (now.getTime() - Date.parse(String(kept.oldest))) / 86_400_000;
  return Number(kept.bytes) > maxLag.bytes || days > maxLag.days;
}
