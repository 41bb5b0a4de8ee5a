import { join } from 'node:path';
import type { ExchangePorts, StreamService } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import { createEvidenceArchive } from './archive/evidence-archive.js';
import { indexedEnds, sweepFiles } from './byte-index.js';
import { createDeliveryBytes, type ReadDeliveryBytes } from './deliveries/delivery-bytes.js';
import { createDeliveryLog } from './deliveries/delivery-log.js';
import { createPoll, type Poll } from './deliveries/poll.js';
import { createProjectors } from './deliveries/projection.js';
import { createStandingConsumers } from './deliveries/standing.js';
import { createHeads, type Heads } from './heads.js';
import { createIntake, type Intake } from './intake/intake.js';
import { createRecover, type Recover } from './intake/recovery.js';
import { createListings, type Listings } from './listings.js';
import { createMonitors } from './monitor.js';
import type { ExchangeParts } from './parts.js';
import { type Acknowledge, createAcknowledge } from './receipts/acknowledge.js';
import type { MaxLag } from './retention/lag.js';
import { createRetention, type RunRetention } from './retention/retention.js';
import { startRetention } from './retention/retention-timer.js';
import { type BatchStore, openBatchStore } from './store/batch-store.js';
import type { Disk } from './store/disk.js';
import { stateOf } from './stream-table.js';
import { streamsUnder } from './streams-under.js';
import { createWakes } from './wakes.js';

const MAX_LAG_BYTES = 20 * 1024 ** 3;

export interface ExchangeOptions {
  /** How long a batch waits for the ones of its stream that it overtook. Default 5 s. */
  readonly orderWaitMs?: number;
  /** Bytes of the batches of one poll's answer together. Default 32 MiB. */
  readonly pollBytes?: number;
  /** Default 30 days and 20 GiB. */
  readonly maxLag?: MaxLag;
  /** Manifests, deliveries and receipts that are older are moved into files. Default 365. */
  readonly evidenceKeepDays?: number;
  /** How often retention runs; 0: never by itself. Default every 10 minutes. */
  readonly retentionEveryMs?: number;
  /** Faults for tests. */
  readonly disk?: Disk;
}

/** Batches in, deliveries out, and the receipts of both. */
export interface Exchange extends Intake, Heads {
  readonly recover: Recover;
  readonly poll: Poll;
  readonly deliveryBytes: ReadDeliveryBytes;
  readonly acknowledge: Acknowledge;
  readonly runRetention: RunRetention;
  readonly listings: Listings;
  readonly streams: StreamService;
  /** The store of batches, for monitoring. */
  readonly storage: Pick<BatchStore, 'bytes' | 'check' | 'pathOf'>;
  close(): Promise<void>;
}

/** Opens the batch store below the data folder and removes what a crash left in it. */
export async function openExchange(
  context: PlatformContext,
  ports: ExchangePorts,
  options: ExchangeOptions = {},
): Promise<Exchange> {
  const { db } = context;
  const store = await openBatchStore({
    folder: join(context.dataDir, 'batches'),
    ends: await indexedEnds(db),
    disk: options.disk,
  });
  const shared = {
    monitors: createMonitors(),
    wakes: createWakes(),
    consumers: createStandingConsumers(),
    heads: new Map(),
  };
  const parts: ExchangeParts = { context, ports, store, ...shared };
  await sweepFiles(db, store);
  const stopListening = ports.agreements.onGrantChanged(({ resource }) => {
    parts.consumers.changed(resource);
    parts.wakes.wake(resource);
  });
  const projectors = createProjectors(db);
  const runRetention = createRetention(
    parts,
    options.maxLag ?? { days: 30, bytes: MAX_LAG_BYTES },
    createEvidenceArchive(context, options.evidenceKeepDays ?? 365),
  );
  const stopRetention = startRetention(context, runRetention, options.retentionEveryMs ?? 600_000);
  const pollOptions = { pollBytes: options.pollBytes ?? 32 * 1024 * 1024 };
  return {
    ...createIntake(parts, { orderWaitMs: options.orderWaitMs ?? 5_000 }),
    ...createHeads(db),
    recover: createRecover(parts),
    poll: createPoll(parts, createDeliveryLog(parts, projectors), projectors, pollOptions),
    deliveryBytes: createDeliveryBytes(parts, projectors),
    acknowledge: createAcknowledge(parts),
    runRetention,
    listings: createListings(db),
    streams: streamService(parts),
    storage: store,
    async close() {
      stopListening();
      await stopRetention();
      await store.close();
    },
  };
}

function streamService({ context, ports }: ExchangeParts): StreamService {
  return {
    async streamsOf(grant) {
      const rows = await streamsUnder(context.db, ports.catalog, grant);
      return rows.toSorted((a, b) => b.epoch - a.epoch).map(stateOf);
    },
  };
}
