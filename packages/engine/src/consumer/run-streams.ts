import { type ConsumeExchange, deliveryName, type QianzhiError } from '@qianzhi/model';
import type { IncomingDelivery, TargetLedger } from '@qianzhi/plugin-api';
import { codedError, errorOf } from '../failure.js';
import type { ReceivedBatch } from '../inbox/inbox-file.js';
import type { ConsumerParts } from './apply-run.js';
import { type GrantInForce, grantState } from './grants.js';
import { followLedger } from './record-applied.js';
import {
  deliveryWrong,
  type Predecessor,
  type VerifiedDelivery,
  verifyDocuments,
} from './verify-delivery.js';

/** A delivery whose documents follow those before, or what was wrong with it. */
export interface Incoming {
  readonly name: string | undefined;
  readonly item: IncomingDelivery;
  readonly verified?: VerifiedDelivery;
  readonly error?: QianzhiError;
}

/** The delivery streams of one run: how far each came, and which of them take no more. */
export function createRunStreams(
  { core, tables, acknowledger }: ConsumerParts,
  exchange: ConsumeExchange,
  sink: TargetLedger,
  grants: readonly GrantInForce[],
  signal: AbortSignal,
) {
  const heads = new Map<string, Predecessor>();
  const ended = new Set<string>();
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
      ended.add(name);
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

  /** Where to go on with each stream of the grants. */
  async function open() {
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
    acknowledger.wake();
    return after;
  }

  /** Documents are proven as they come, in order. */
  async function* verified(incoming: AsyncIterable<IncomingDelivery>): AsyncGenerator<Incoming> {
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
    acknowledger.wake();
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

  return {
    open,
    verified,
    hasEnded: (name: string) => ended.has(name),
    /** Nothing more of the stream is applied in this run. */
    end: (name: string) => void ended.add(name),
    applied: ({ name, body }: VerifiedDelivery) => void seen.delete(`${name}#${body.seq}`),
    /** Received as far as their documents and not applied. */
    seenOf(name: string): readonly ReceivedBatch[] {
      const mine = [...seen.values()].filter((one) => one.name === name);
      return mine.map(({ body: { seq, manifest } }) => ({
        seq,
        rows: manifest.body.rows,
        rowsDigest: manifest.body.rowsDigest,
      }));
    },
    note,
    noteRevoked,
    firstError: () => firstError,
  };
}
