import { type ConsumeExchange, deliveryName, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import type { IncomingDelivery, Sink, SinkBatch } from '@qianzhi/plugin-api';
import { returnBytes } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { codedError, errorOf, problemText } from '../failure.js';
import type { Inbox } from '../inbox/inbox.js';
import type { ReceivedBatch } from '../inbox/inbox-file.js';
import { stopsExchange } from '../provider/reject-limit.js';
import type { RunCounts } from '../provider/run-counts.js';
import type { RunControl } from '../provider/supply.js';
import type { Quarantine } from '../quarantine/quarantine.js';
import { requireClock } from '../require-clock.js';
import type { Tables } from '../store/tables.js';
import type { Acknowledger } from './acknowledger.js';
import { closeRevoked } from './close-revoked.js';
import { type GrantInForce, grantState, leaseState } from './grants.js';
import { prefetch } from './prefetch.js';
import { receiveBatch } from './receive-batch.js';
import { checkLedgerRow, followLedger, recordApplied } from './record-applied.js';
import { createRejectGate } from './reject-gate.js';
import {
  deliveryWrong,
  type Predecessor,
  type VerifiedDelivery,
  verifyDocuments,
} from './verify-delivery.js';

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
  | { readonly verified: VerifiedDelivery; readonly batch: SinkBatch }
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
  sink: Sink,
  grants: readonly GrantInForce[],
  counts: RunCounts,
  control: ConsumeControl,
  signal: AbortSignal,
) {
  const { core, tables, quarantine, inbox } = parts;
  const heads = new Map<string, Predecessor>();
  const ended = new Map<string, QianzhiError>();
  const rejects = createRejectGate(quarantine, exchange);
  /** Verified and not yet applied: what a revocation closes. */
  const seen = new Map<string, VerifiedDelivery>();
  let firstError: QianzhiError | undefined;

  function note(error: QianzhiError): void {
    firstError ??= error;
  }

  /** An old grant version that ended is no failure while a newer one lives. */
  function noteRevoked(error: QianzhiError): void {
    const live = grants.some(({ grant: { body } }) => {
      const { agreement, grantVersion } = body;
      return grantState(core, agreement, grantVersion).state !== 'revoked';
    });
    if (!live) note(error);
  }

  async function openStream(delivery: VerifiedDelivery['body']['delivery']): Promise<number> {
    const name = deliveryName(delivery);
    core.store.write(() => tables.deliveries.ensure(exchange.name, name, delivery));
    const row = tables.deliveries.of(exchange.name).find((one) => one.name === name)!;
    if (row.state !== 'running') {
      ended.set(name, errorOf(row.problem!));
      if (row.state === 'stopped') note(errorOf(row.problem!));
    }
    const seq = await followLedger(core, tables, exchange.name, delivery, sink, signal);
    const last = tables.deliveries.applied(exchange.name, name, seq);
    heads.set(name, {
      seq,
      digest: last?.digest ?? null,
      manifestSeq: last?.manifestSeq ?? null,
      manifestDigest: last?.manifestDigest ?? null,
    });
    return seq;
  }

  async function openStreams() {
    const after: { delivery: VerifiedDelivery['body']['delivery']; seq: number }[] = [];
    for (const { grant, streams } of grants) {
      for (const stream of streams) {
        const delivery = {
          agreement: grant.body.agreement,
          grantVersion: grant.body.grantVersion,
          stream,
        };
        // the one applied last is met again: a restored platform may have made it anew
        after.push({ delivery, seq: Math.max(0, (await openStream(delivery)) - 1) });
      }
    }
    parts.acknowledger.wake();
    return after;
  }

  /** Documents are proven as they come, in order; bytes are fetched and proven ahead of their apply. */
  async function* verifiedOnes(incoming: AsyncIterable<IncomingDelivery>) {
    const broken = new Set<string>();
    for await (const item of incoming) {
      let name: string | undefined;
      try {
        const claimed = item.delivery.body.delivery;
        name = deliveryName(claimed);
        if (!heads.has(name)) await openStream(claimed);
        if (ended.has(name) || broken.has(name)) continue;
        const verified = verifyDocuments(core, item.delivery, grants, (of) => heads.get(of)!);
        const before = heads.get(name)!;
        if (verified.body.seq > before.seq) {
          const { seq } = verified.body;
          heads.set(name, headAt(verified));
          seen.set(`${name}#${seq}`, verified);
          yield { name, item, verified };
        } else {
          checkRepeat(name, verified);
          if (verified.body.seq === before.seq && verified.digest !== before.digest) adopt(name, verified);
        }
      } catch (error) {
        if (name !== undefined) broken.add(name);
        yield { name, item, error: codedError(error, name ?? exchange.name) };
      }
    }
  }

  function headAt({ body, digest, manifestDigest }: VerifiedDelivery): Predecessor {
    return { seq: body.seq, digest, manifestSeq: body.manifest.body.seq, manifestDigest };
  }

  /**
   * The same rows in another document: memory of it was lost here, or the platform was restored and made it anew. The
   * chain goes on from it, and receipts the platform may have lost are handed in again.
   */
  function adopt(name: string, verified: VerifiedDelivery): void {
    const known = heads.get(name)!.digest !== null;
    heads.set(name, headAt(verified));
    if (!known) return;
    core.options.log.warn({ delivery: name, seq: verified.body.seq }, 'delivery made anew: receipts again');
    core.store.write(() => tables.receipts.setUnheld(name));
    parts.acknowledger.wake();
  }

  /** A delivery met again must be the one that was applied. */
  function checkRepeat(name: string, { body }: VerifiedDelivery): void {
    const known = tables.deliveries.applied(exchange.name, name, body.seq);
    if (!known || known.rowsDigest === body.manifest.body.rowsDigest) return;
    throw deliveryWrong(body, {
      zh: '该序号已以其他内容应用',
      en: 'this sequence was applied with other content',
    });
  }

  async function applyAll(incoming: AsyncIterable<IncomingDelivery>, listening: AbortSignal): Promise<void> {
    const ahead = prefetch(verifiedOnes(incoming), {
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
          return { verified, name, error: codedError(cause, name) };
        }
      },
    });
    try {
      for await (const { loaded } of ahead) {
        await applyOne(await loaded);
        if (control.soft.aborted) return;
      }
    } catch (error) {
      if (!control.soft.aborted || signal.aborted) throw error;
    }
  }

  async function applyOne(opened: Opened): Promise<void> {
    const { verified } = opened;
    if (verified && ended.has(verified.name)) return;
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
      await applyBatch(opened.verified, batch);
    } catch (error) {
      endStream(name, codedError(error, name));
    }
  }

  function seenOf(name: string): readonly ReceivedBatch[] {
    const mine = [...seen.values()].filter((one) => one.name === name);
    return mine.map(({ body: { seq, manifest } }) => ({
      seq,
      rows: manifest.body.rows,
      rowsDigest: manifest.body.rowsDigest,
    }));
  }

  async function closeIfRevoked({ name, body }: VerifiedDelivery): Promise<boolean> {
    const lease = leaseState(core, body.delivery);
    if (lease.state !== 'revoked') return false;
    const row = tables.deliveries.of(exchange.name).find((one) => one.name === name)!;
    const error = await closeRevoked(parts, sink, row, lease.reason, seenOf(name), signal);
    ended.set(name, error);
    parts.acknowledger.wake();
    parts.changed(exchange.name, name);
    noteRevoked(error);
    return true;
  }

  async function applyBatch(verified: VerifiedDelivery, batch: SinkBatch): Promise<void> {
    core.failpoint('apply:before');
    const row = await sink.write(batch, rejects.forBatch(batch), signal);
    core.failpoint('apply:after');
    returnBytes(batch.bytes); // a sink that failed may still be looking at them
    checkLedgerRow(batch, row);
    recordApplied(core, tables, exchange.name, verified, row);
    seen.delete(`${verified.name}#${batch.seq}`);
    core.failpoint('apply:receipt-stored');
    await inbox.drop({ exchange: exchange.name, delivery: verified.name }, batch.seq);
    parts.acknowledger.wake();
    counts.batches++;
    counts.bytes += batch.bytes.length;
    if (row.stage === 'staged') return;
    for (const count of ['delivered', 'inserted', 'updated', 'unchanged', 'deleted', 'rejected'] as const) {
      counts[count] += row.counts[count];
    }
  }

  /** What a person must look at stops this stream alone; what passes by itself, or stops the exchange, ends the run. */
  function endStream(name: string | undefined, error: QianzhiError): void {
    const ofStream = error.kind === 'data' || error.kind === 'integrity' || error.kind === 'conflict';
    const ofAll = stopsExchange(error) || isQianzhiError(error, 'QZ_ENGINE_STORE_HALTED');
    if (name === undefined || !ofStream || ofAll || core.crashed()) throw error;
    if (ended.has(name)) return;
    ended.set(name, error);
    note(error);
    core.store.write(() => tables.deliveries.setState(exchange.name, name, 'stopped', problemText(error)));
    core.alarm(error, name);
    parts.changed(exchange.name, name);
  }

  return { openStreams, applyAll, noteRevoked, firstError: () => firstError };
}
