import type { ArchiveEvidence } from '../archive/evidence-archive.js';
import { sweepFiles } from '../byte-index.js';
import {
  type DeliveryStreamRow,
  deliveryKey,
  deliveryOf,
  listDeliveryStreams,
} from '../deliveries/delivery-table.js';
import type { ExchangeParts } from '../parts.js';
import { dropGone, endedHolders, followedHolders, forgetHeld } from '../scope/held-keys.js';
import { findStream, keyOf, listStreams, type StreamRow } from '../stream-table.js';
import { dropProjections, dropSourceBytes } from './drop-bytes.js';
import { lagsTooFar, type MaxLag } from './lag.js';
import { restartDelivery } from './restart.js';

export interface RetentionResult {
  /** Batches and projections whose bytes were dropped. */
  readonly dropped: number;
  readonly filesRemoved: number;
  /** Manifests, deliveries and receipts that were moved into an archive. */
  readonly archived: number;
  /** Deliveries that go on from the last complete snapshot because they lagged too far. */
  readonly restarted: number;
}

/**
 * Keeps the bytes of every stream from its last complete snapshot on, older ones while a live delivery needs them
 * and is no further behind than `maxLag`, and what a consumer was told of until its final receipt. Manifests and
 * receipts outlive them by far, and go into archives then. May be killed anywhere and run at any time.
 */
export type RunRetention = (now: Date) => Promise<RetentionResult>;

export function createRetention(
  parts: ExchangeParts,
  maxLag: MaxLag,
  archiveEvidence: ArchiveEvidence,
): RunRetention {
  const { context, ports, store } = parts;
  const { db } = context;

  /** Live delivery streams; those whose grant has ended are closed. */
  async function liveLogs(stream: StreamRow, now: Date): Promise<DeliveryStreamRow[]> {
    const live: DeliveryStreamRow[] = [];
    for (const log of await listDeliveryStreams(db, { ...keyOf(stream), state: 'open' })) {
      if (await ports.agreements.isLive(log.agreement, log.grant_version, now)) live.push(log);
      else
        await db('delivery_streams')
          .where(deliveryKey(deliveryOf(log)))
          .update({ state: 'closed' });
    }
    return live;
  }

  /** `snapshotFrom`: first batch that is kept in any case; undefined where a later epoch holds the snapshot. */
  async function keepStream(stream: StreamRow, snapshotFrom: number | undefined, now: Date) {
    const keptAnyway = snapshotFrom ?? stream.seq + 1;
    let keepFrom = keptAnyway;
    let restarted = 0;
    for (const log of await liveLogs(stream, now)) {
      if (log.next_source >= keptAnyway) continue;
      if (await lagsTooFar(db, log, keptAnyway, maxLag, now)) {
        await restartDelivery(parts, log, snapshotFrom);
        restarted++;
      } else {
        keepFrom = Math.min(keepFrom, log.next_source);
      }
    }
    return { dropped: await dropSourceBytes(db, stream, keepFrom), restarted };
  }

  /** Where a stream has no snapshot, a later version may have to take back what one that is closed had brought (`scopeNext`). */
  async function forgetEnded(): Promise<void> {
    for (const log of await endedHolders(db)) {
      const live = await ports.agreements.liveGrants(log.resource);
      const later = live.some(({ body }) => body.agreement === log.agreement);
      if (!later || (await findStream(db, keyOf(log)))?.complete_from) await forgetHeld(db, log);
    }
    for (const log of await followedHolders(db)) await forgetHeld(db, log);
    await dropGone(db);
  }

  return async (now) => {
    let dropped = 0;
    let restarted = 0;
    const streams = await listStreams(db, {});
    for (const stream of streams) {
      const later = streams.some(
        (other) =>
          other.resource === stream.resource &&
          other.agent === stream.agent &&
          other.epoch > stream.epoch &&
          other.complete_from !== null,
      );
      const kept = await keepStream(stream, later ? undefined : (stream.complete_from ?? 1), now);
      dropped += kept.dropped;
      restarted += kept.restarted;
    }
    dropped += await dropProjections(db);
    await forgetEnded();
    const filesRemoved = await sweepFiles(db, store);
    return { dropped, restarted, filesRemoved, archived: await archiveEvidence(now) };
  };
}
