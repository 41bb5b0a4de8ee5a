import {
  type Delivery,
  type DeliveryStream,
  deliveryName,
  type KeyRecord,
  type Receipt,
  type Signed,
  type Stream,
} from '@qianzhi/model';
import { documentDigest, intlSuite, verifyDocument } from '@qianzhi/model/crypto';
import type { Channel, ReceiveRequest, SealedBatch } from '@qianzhi/plugin-api';
import type { createChanges } from '../changes.js';
import { platformDoubleErrors } from './errors.js';
import type { StoredBatch } from './memory-platform.js';

export interface Faults {
  down: boolean;
  holdReceipts: boolean;
  reverseReceipts: boolean;
  /** Damages what a consumer receives. */
  spoil?: (delivery: Signed<Delivery>) => Signed<Delivery>;
  spoilBytes?: (bytes: Uint8Array) => Uint8Array;
  refuseSend?: () => Error | undefined;
  refuseReceipts?: (receipts: readonly Signed<Receipt>[]) => void;
}

type Changes = ReturnType<typeof createChanges>;

/** The platform's memory as one agent's channel sees it. */
export interface ChannelSide {
  readonly faults: Faults;
  readonly keys: readonly KeyRecord[];
  readonly streams: ReadonlyMap<string, { stream: Stream; batches: StoredBatch[] }>;
  readonly deliveries: ReadonlyMap<string, { delivery: DeliveryStream; documents: Signed<Delivery>[] }>;
  readonly acknowledged: Signed<Receipt>[];
  readonly arrived: Changes;
  readonly queue: { items: Signed<Receipt>[]; changes: Changes };
  readonly counters: { sends: number; duringSend: number; mostInFlight: number };
  store(batch: SealedBatch): Promise<Signed<Receipt>>;
  bytesOf(delivery: Signed<Delivery>): Uint8Array;
}

export function createMemoryChannel(agent: string, side: ChannelSide): Channel {
  const { faults, keys, streams, deliveries, acknowledged, arrived, queue, counters, store, bytesOf } = side;
  const reachable = () => {
    if (faults.down) throw platformDoubleErrors.DOWN();
  };
  return {
    async send(batch) {
      counters.sends++;
      counters.mostInFlight = Math.max(counters.mostInFlight, ++counters.duringSend);
      try {
        reachable();
        const refusal = faults.refuseSend?.();
        if (refusal) throw refusal;
        const receipt = await store(batch);
        if (faults.reverseReceipts) queue.items.unshift(receipt);
        else queue.items.push(receipt);
        queue.changes.notify();
      } finally {
        counters.duringSend--;
      }
    },
    async *receipts(signal) {
      for (;;) {
        const enough = faults.reverseReceipts ? queue.items.length >= 3 : queue.items.length > 0;
        if (enough && !faults.holdReceipts) {
          for (const item of queue.items.splice(0)) yield item;
          // more may have come meanwhile, when nobody listened
          continue;
        }
        await queue.changes.next(signal);
      }
    },
    async *receive({ resource: code, after, waitMs }: ReceiveRequest, signal) {
      reachable();
      const at = new Map(after.map((one) => [deliveryName(one.delivery), one.seq]));
      const until = Date.now() + waitMs;
      for (;;) {
        for (const [name, { delivery, documents }] of deliveries) {
          if (delivery.stream.resource !== code) continue;
          for (const document of documents.slice(at.get(name) ?? 0)) {
            at.set(name, document.body.seq);
            const bytes = bytesOf(document);
            yield {
              delivery: faults.spoil?.(document) ?? document,
              bytes: async () => faults.spoilBytes?.(bytes) ?? bytes,
            };
          }
        }
        const left = until - Date.now();
        if (left <= 0) return;
        await arrived.next(AbortSignal.any([signal, AbortSignal.timeout(left)])).catch(() => undefined);
        if (signal.aborted) return;
      }
    },
    async acknowledge(receipts) {
      reachable();
      faults.refuseReceipts?.(receipts);
      for (const document of receipts) {
        verifyDocument(document, keys, document.body.issuedAt);
        if (acknowledged.some((one) => one.body.id === document.body.id)) continue;
        const mine = acknowledged.filter(
          (one) =>
            one.body.issuer === document.body.issuer &&
            JSON.stringify(one.body.subject) === JSON.stringify(document.body.subject),
        );
        const last = mine.at(-1);
        if (document.body.previous !== (last ? documentDigest(last, intlSuite) : null)) {
          throw platformDoubleErrors.WRONG({ what: 'receipt chain' });
        }
        acknowledged.push(document);
      }
    },
    async heads() {
      reachable();
      return [...streams.values()]
        .filter(({ stream }) => stream.agent === agent)
        .map(({ stream, batches }) => ({
          stream,
          head: { seq: batches.length, rowsDigest: batches.at(-1)?.manifest.body.rowsDigest ?? null },
        }));
    },
    async [Symbol.asyncDispose]() {},
  };
}
