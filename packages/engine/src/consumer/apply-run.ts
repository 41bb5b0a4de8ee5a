import { type ConsumeExchange, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import type { IncomingDelivery, LedgerRow, PartLoader } from '@qianzhi/plugin-api';
import { returnBytes } from '@qianzhi/rows';
import { namesOf, tellBatch } from '../batch-event.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { codedError, problemText } from '../failure.js';
import type { Inbox } from '../inbox/inbox.js';
import { stopsExchange } from '../provider/reject-limit.js';
import type { RunCounts } from '../provider/run-counts.js';
import type { RunControl } from '../provider/supply.js';
import type { Quarantine } from '../quarantine/quarantine.js';
import { requireClock } from '../require-clock.js';
import type { Tables } from '../store/tables.js';
import type { Acknowledger } from './acknowledger.js';
import { closeRevoked } from './close-revoked.js';
import { type GrantInForce, leaseState } from './grants.js';
import { loadAhead, loaderOf, type PartAhead } from './load-ahead.js';
import { type DeliveredBatch, isOfFiles, type Target } from './open-target.js';
import { prefetch } from './prefetch.js';
import { receiveBatch } from './receive-batch.js';
import { checkLedgerRow, recordApplied } from './record-applied.js';
import { createRejectGate } from './reject-gate.js';
import { createRunStreams } from './run-streams.js';
import type { VerifiedDelivery } from './verify-delivery.js';

export interface ConsumerParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly quarantine: Quarantine;
  readonly acknowledger: Acknowledger;
  readonly inbox: Inbox;
  /** A delivery stream stopped or was revoked. */
  readonly changed: (exchange: string, name: string) => void;
}

export interface ConsumeControl extends RunControl {
  readonly onWaiting: (batches: number, bytes: number) => void;
}

/** A delivery as far as it came: documents proven, bytes proven, or what was wrong with it. */
type Opened =
  | { readonly verified: VerifiedDelivery; readonly batch: DeliveredBatch }
  | {
      readonly verified?: VerifiedDelivery;
      readonly name: string | undefined;
      readonly error: QianzhiError;
    };

/** The smallest a delivery is counted with while it waits, its documents included. */
const DELIVERY_BYTES = 64 * 1024;

/** The delivery streams of one run: verified as they come, applied in order, each stopping for itself. */
export function createApplyRun(
  parts: ConsumerParts,
  exchange: ConsumeExchange,
  sink: Target,
  grants: readonly GrantInForce[],
  counts: RunCounts,
  control: ConsumeControl,
  signal: AbortSignal,
) {
  const { core, tables, quarantine, inbox } = parts;
  const streams = createRunStreams(parts, exchange, sink, grants, signal);
  const rejects = createRejectGate(quarantine, exchange);

  /** Documents are proven as they come, in order; bytes are fetched and proven ahead of their apply. */
  function openedOnes(incoming: AsyncIterable<IncomingDelivery>, listening: AbortSignal) {
    return prefetch(streams.verified(incoming), {
      maxBytes: core.limits.prefetchBytes,
      signal: listening,
      onWaiting: control.onWaiting,
      sizeOf: ({ verified }) =>
        DELIVERY_BYTES +
        (verified ? verified.body.manifest.body.storedBytes + verified.body.manifest.body.rawBytes : 0),
      async load({ name, item, verified, error }, inner): Promise<Opened> {
        if (!verified) return { name, error: error! };
        try {
          return { verified, batch: await receiveBatch(core, inbox, exchange.name, verified, item, inner) };
        } catch (cause) {
          return { verified, name, error: codedError(cause, verified.name) };
        }
      },
    });
  }

  /** `receive` is given up when a batch cannot be applied: nothing waits for what comes next. */
  async function applyAll(
    receive: (signal: AbortSignal) => AsyncIterable<IncomingDelivery>,
    listening: AbortSignal,
  ): Promise<void> {
    const failing = new AbortController();
    const open = AbortSignal.any([listening, failing.signal]);
    /** On their way into the target, in order: each has its turn when the one before is applied. */
    const underWay: Promise<void>[] = [];
    let stream: string | undefined;
    const atMost = async (most: number) => {
      for (; underWay.length > most; underWay.shift()) await underWay[0];
    };
    try {
      for await (const { loaded, release } of openedOnes(receive(open), open)) {
        const opened = await loaded;
        const loader = loaderFor(opened);
        const name = opened.verified?.name;
        if (!loader || name !== stream) await atMost(0);
        stream = name;
        const work = applyInTurn(opened, loader, underWay.at(-1)).finally(release);
        work.catch((error: unknown) => failing.abort(error));
        underWay.push(work);
        await atMost(loader ? loader.atOnce - 1 : 0);
        if (listening.aborted) break;
      }
      await atMost(0);
    } catch (error) {
      await Promise.allSettled(underWay);
      if (listening.aborted && !failing.signal.aborted && !signal.aborted) return;
      // what was given up says less than what it was given up for
      throw failing.signal.aborted ? failing.signal.reason : error;
    }
  }

  /** Where the batch may be loaded before its turn. */
  function loaderFor(opened: Opened): PartLoader | undefined {
    if ('error' in opened || streams.hasEnded(opened.verified.name)) return undefined;
    const { batch } = opened;
    return leaseState(core, batch.delivery).state === 'live' ? loaderOf(sink.parts, batch) : undefined;
  }

  async function applyInTurn(
    opened: Opened,
    loader: PartLoader | undefined,
    turn: Promise<void> | undefined,
  ): Promise<void> {
    await using ahead =
      loader && 'batch' in opened && !isOfFiles(opened.batch)
        ? loadAhead(loader, opened.batch, signal)
        : undefined;
    await turn;
    // grant and lease are looked at just before it is committed
    await ahead?.ready;
    await applyOne(opened, ahead);
  }

  async function applyOne(opened: Opened, ahead: PartAhead | undefined): Promise<void> {
    const { verified } = opened;
    if (verified && streams.hasEnded(verified.name)) return;
    // asked first: the platform refuses the bytes of what is revoked
    if (verified && (await closeIfRevoked(verified))) return;
    if ('error' in opened) return endStream(opened.name, opened.error);
    const { batch } = opened;
    const { name } = opened.verified;
    requireClock(core);
    const lease = leaseState(core, batch.delivery);
    if (lease.state === 'expired') {
      const { agreement } = batch.delivery;
      throw engineErrors.LEASE_EXPIRED({ agreement, expiresAt: lease.expiresAt });
    }
    try {
      await applyBatch(opened.verified, batch, ahead);
    } catch (error) {
      endStream(name, codedError(error, name));
    }
  }

  async function closeIfRevoked({ name, body }: VerifiedDelivery): Promise<boolean> {
    const lease = leaseState(core, body.delivery);
    if (lease.state !== 'revoked') return false;
    const row = tables.deliveries.of(exchange.name).find((one) => one.name === name)!;
    const error = await closeRevoked(parts, sink, row, lease.reason, streams.seenOf(name), signal);
    streams.end(name);
    parts.acknowledger.wake();
    parts.changed(exchange.name, name);
    streams.noteRevoked(error);
    return true;
  }

  async function applyBatch(
    verified: VerifiedDelivery,
    batch: DeliveredBatch,
    ahead: PartAhead | undefined,
  ): Promise<void> {
    core.failpoint('apply:before');
    const onRejected = rejects.forBatch(batch);
    const row = await (ahead ? ahead.commit(onRejected) : sink.write(batch, onRejected, signal));
    core.failpoint('apply:after');
    returnBytes(batch.bytes); // a sink that failed may still be looking at them
    checkLedgerRow(batch, row);
    recordApplied(core, tables, exchange.name, verified, row);
    streams.applied(verified);
    core.failpoint('apply:receipt-stored');
    await inbox.drop({ exchange: exchange.name, delivery: verified.name }, batch.seq);
    parts.acknowledger.wake();
    tell(verified, row);
    counts.batches++;
    counts.bytes += batch.bytes.length;
    if (row.stage === 'staged') return;
    for (const count of ['delivered', 'inserted', 'updated', 'unchanged', 'deleted', 'rejected'] as const) {
      counts[count] += row.counts[count];
    }
  }

  function tell({ body }: VerifiedDelivery, { stage, counts: { delivered, rejected } }: LedgerRow): void {
    const manifest = body.manifest.body;
    tellBatch(core, {
      ...namesOf(manifest),
      stage,
      exchange: exchange.name,
      rows: delivered - rejected,
      rejected: stage === 'staged' ? 0 : rejected,
      bytes: manifest.storedBytes,
    });
  }

  /** What a person must look at stops this stream alone; what passes by itself, or stops the exchange, ends the run. */
  function endStream(name: string | undefined, error: QianzhiError): void {
    const ofStream = error.kind === 'data' || error.kind === 'integrity' || error.kind === 'conflict';
    const ofAll = stopsExchange(error) || isQianzhiError(error, 'QZ_ENGINE_STORE_HALTED');
    if (name === undefined || !ofStream || ofAll || core.crashed()) throw error;
    if (streams.hasEnded(name)) return;
    streams.end(name);
    streams.note(error);
    core.store.write(() => tables.deliveries.setState(exchange.name, name, 'stopped', problemText(error)));
    core.alarm(error, name);
    parts.changed(exchange.name, name);
  }

  return { streams, applyAll };
}
