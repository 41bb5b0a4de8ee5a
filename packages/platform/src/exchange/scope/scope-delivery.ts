import type { BatchManifest, DeliveryStream } from '@qianzhi/model';
import type { Knex } from 'knex';
import { aboutDelivery } from '../about.js';
import type { BatchRow } from '../batch-table.js';
import { type DeliveryStreamRow, deliveryKey, listDeliveryStreams } from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';
import { findStream } from '../stream-table.js';
import { type HeldChange, heldOf } from './held-keys.js';
import { judgeRows, packHeld, type ScopedRows, settleFates, unpackHeld } from './judge-rows.js';

/** What a row scope makes of a batch: the same however often it is made. */
export interface ScopedBatch {
  /** `rowFate` of each row. */
  readonly fates: Uint8Array;
  readonly change: HeldChange;
  /** Which rows were held: with it the fates are made again after the held keys have moved on. */
  readonly heldRows: string;
}

/** Judges the next batch of a delivery stream against what its agreement holds. Throws QZ_PLATFORM_SCOPE_NEEDS_KEY. */
export async function scopeNext(
  db: Knex,
  delivery: DeliveryStream,
  source: BatchManifest,
  raw: Uint8Array,
  scoped: ScopedRows,
): Promise<ScopedBatch> {
  requireKey(delivery, source, scoped);
  const judged = await judgeRows(raw, source.kind, scoped);
  const held = new Set(await heldOf(db, delivery, judged.asked));
  const before = await heldBefore(db, delivery, source.seq);
  if (before) for (const key of await before(judged.asked)) held.add(key);
  const heldRows = packHeld(judged.asked, held);
  const removed = settleFates(judged, (key) => held.has(key));
  const { snapshot } = source;
  return {
    fates: judged.fates,
    heldRows,
    change: {
      ...(snapshot && { snapshot: { id: snapshot.id, first: snapshot.part === 1, last: snapshot.last } }),
      brought: judged.brought,
      removed,
    },
  };
}

/** The fates of a batch that was delivered before. */
export async function scopeAgain(
  source: BatchManifest,
  raw: Uint8Array,
  scoped: ScopedRows,
  heldRows: string,
): Promise<Uint8Array> {
  const judged = await judgeRows(raw, source.kind, scoped);
  settleFates(judged, unpackHeld(heldRows));
  return judged.fates;
}

function requireKey(delivery: DeliveryStream, { kind, seq }: BatchManifest, { keyFields }: ScopedRows): void {
  if (kind === 'delta' && keyFields.length === 0)
    throw exchangeErrors.SCOPE_NEEDS_KEY({ ...aboutDelivery(delivery), seq });
}

/**
 * A new grant version begins with a snapshot, which leaves nothing of the one before. Where a stream has none it begins with
 * the first batch, and what the version before had brought is still there: those keys are held, too.
 */
async function heldBefore(
  db: Knex,
  delivery: DeliveryStream,
  seq: number,
): Promise<((keys: readonly string[]) => Promise<Iterable<string>>) | undefined> {
  const { agreement, grantVersion, stream } = delivery;
  if (grantVersion === 1 || (await findStream(db, stream))?.complete_from) return undefined;
  const { resource, agent, epoch } = deliveryKey(delivery);
  const earlier = (await listDeliveryStreams(db, { agreement, resource, agent, epoch })).findLast(
    (log) => log.grant_version < grantVersion,
  );
  if (!earlier || earlier.next_source <= seq) return undefined;
  const old = { agreement, grantVersion: earlier.grant_version, stream };
  return async (keys) => ((await isScoped(db, earlier)) ? heldOf(db, old, keys) : keys);
}

async function isScoped(db: Knex, log: DeliveryStreamRow): Promise<boolean> {
  const { agreement, grant_version, resource, agent, epoch } = log;
  const key = { agreement, grant_version, resource, agent, epoch };
  return (await db('held_sets').where(key).first('id')) !== undefined;
}

/** Rows of a snapshot's parts before this one, as this agreement got them. */
export async function rowsOfSnapshot(
  db: Knex,
  delivery: DeliveryStream,
  source: Pick<BatchRow, 'resource' | 'agent' | 'epoch' | 'snapshot_id'>,
): Promise<number> {
  const { resource, agent, epoch, snapshot_id } = source;
  const parts = db('batches').where({ resource, agent, epoch, snapshot_id }).select('seq');
  const sum = await db('deliveries')
    .where({ ...deliveryKey(delivery), void: false })
    .whereIn('source_seq', parts)
    .sum({ rows: 'rows' })
    .first();
  return Number(sum?.rows ?? 0);
}
