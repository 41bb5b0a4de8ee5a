/** For tests: what a consuming agent does with deliveries, and the receipts it writes. */
import { randomUUID } from 'node:crypto';
import {
  type ApplyCounts,
  type Delivery,
  type DeliveryStream,
  deliveryName,
  noCounts,
  type Receipt,
  type Signed,
} from '@qianzhi/model';
import { documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { decodeRows, decompress } from '@qianzhi/rows';
import type { PollRequest } from './deliveries/poll.js';
import type { Rig, Signer } from './test-exchange.js';

export interface TestConsumer {
  /** Polls once after what was taken so far and takes the answer. */
  poll(change?: Partial<PollRequest>, signal?: AbortSignal): Promise<Signed<Delivery>[]>;
  /** Rows of one delivery, as `op field field …`; null as NULL. */
  rows(delivery: Signed<Delivery>): Promise<string[]>;
  /** The next receipt over these deliveries, chained; not handed in. */
  receipt(range: readonly Signed<Delivery>[], change?: Partial<Receipt>): Signed<Receipt>;
  acknowledge(...receipts: Signed<Receipt>[]): Promise<number>;
  /** Polls until nothing waits. */
  all(): Promise<Signed<Delivery>[]>;
}

export function createConsumer(rig: Rig, signer: Signer = rig.consumer): TestConsumer {
  const positions = new Map<string, { delivery: DeliveryStream; seq: number }>();
  const last = new Map<string, string>();
  const nobody = new AbortController().signal;

  async function poll(change: Partial<PollRequest> = {}, signal = nobody): Promise<Signed<Delivery>[]> {
    const after = [...positions.values()];
    const request = { resource: 'village', after, waitMs: 0, limit: 16, ...change };
    const deliveries = await rig.exchange.poll(signer.caller, request, signal);
    for (const { body } of deliveries) {
      positions.set(deliveryName(body.delivery), { delivery: body.delivery, seq: body.seq });
    }
    return deliveries;
  }

  return {
    poll,
    async rows({ body }) {
      const { bytes } = await rig.exchange.deliveryBytes(signer.caller, body.delivery, body.seq);
      const raw = await decompress(bytes, { rawBytes: body.manifest.body.rawBytes });
      return [...decodeRows(raw)].map((row) => [row.op, ...row.fields.map((f) => f ?? 'NULL')].join(' '));
    },
    receipt(range, change = {}) {
      const { delivery } = range[0]!.body;
      const name = deliveryName(delivery);
      const rows = range.reduce((sum, { body }) => sum + body.manifest.body.rows, 0);
      const counts: ApplyCounts = { ...noCounts, delivered: rows, inserted: rows };
      const body: Receipt = {
        type: 'receipt',
        version: 1,
        id: randomUUID(),
        stage: 'applied',
        subject: { delivery },
        issuer: signer.caller.agent,
        seqFrom: range[0]!.body.seq,
        seqTo: range.at(-1)!.body.seq,
        rowsDigests: range.map((one) => one.body.manifest.body.rowsDigest),
        rows,
        counts,
        previous: last.get(name) ?? null,
        issuedAt: new Date().toISOString(),
        ...change,
      };
      return signDocument(body, signer.key);
    },
    async acknowledge(...receipts) {
      const accepted = await rig.exchange.acknowledge(signer.caller, receipts);
      for (const receipt of receipts) {
        const { subject } = receipt.body;
        if ('delivery' in subject) {
          last.set(deliveryName(subject.delivery), documentDigest(receipt, intlSuite));
        }
      }
      return accepted;
    },
    async all() {
      const found: Signed<Delivery>[] = [];
      for (;;) {
        const page = await poll();
        if (page.length === 0) return found;
        found.push(...page);
      }
    },
  };
}
