import {
  type BatchManifest,
  chinaDay,
  type Delivery,
  type DeliveryStream,
  type Grant,
  type Signed,
} from '@qianzhi/model';
import { canonicalBytes, lastingDigest, type SignatureSuite, signWithDigest } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { ExchangeParts } from '../parts.js';
import {
  advanceDeliveries,
  type DeliveryRow,
  type DeliveryStreamRow,
  deliveryKey,
  insertDelivery,
} from './delivery-table.js';
import type { Asking } from './grants.js';

/** A delivery that is signed and not yet recorded. */
export interface MadeDelivery {
  readonly delivery: DeliveryStream;
  readonly document: Signed<Delivery>;
  /** The stream after it. */
  readonly log: DeliveryStreamRow;
  /** In one transaction. `projection`: the id of its bytes where they are not the provider's own, and what was held. */
  record(trx: Knex.Transaction, projection?: RecordedProjection): Promise<DeliveryRow>;
  /** Counts it once it is committed. */
  recorded(): void;
}

export interface RecordedProjection {
  readonly bytesId: string;
  readonly heldRows: string | null;
}

/** What is delivered next: the batch it is of, and the manifest as this grant sees it. */
export interface DeliverySource {
  readonly id: string;
  readonly seq: number;
  readonly manifest: Signed<BatchManifest>;
  readonly projected: boolean;
}

export function makeDelivery(
  { context, ports }: ExchangeParts,
  { grant, mode }: Asking,
  log: DeliveryStreamRow,
  delivery: DeliveryStream,
  { id: sourceBatch, seq: sourceSeq, manifest, projected }: DeliverySource,
): MadeDelivery {
  const { signingKey } = context;
  const { suite } = signingKey;
  const { consumer } = grant.body;
  const { rows, rowsDigest, storedBytes } = manifest.body;
  const at = context.now();
  const seq = log.seq + 1;
  const { document, digest } = signWithDigest<Delivery>(
    {
      type: 'delivery',
      version: 1,
      delivery,
      seq,
      previous: log.digest,
      sourceBatch,
      projected,
      manifest,
      grantDigest: lastingDigest(grant, suite),
      policyDigest: policyDigest(grant, suite),
      deliveredAt: at.toISOString(),
    },
    signingKey,
  );
  const head = { seq, digest, next_source: sourceSeq + 1 };
  const key = deliveryKey(delivery);
  return {
    delivery,
    document,
    log: { ...log, ...head },
    async record(trx, projection) {
      const row = {
        seq,
        source_seq: sourceSeq,
        document: JSON.stringify(document),
        rows_digest: rowsDigest,
        rows,
        stored_bytes: storedBytes,
        projected,
        bytes_id: projection?.bytesId ?? null,
        held_rows: projection?.heldRows ?? null,
        void: false,
        final: false,
      };
      await insertDelivery(trx, { ...key, ...row, mode, delivered_on: chinaDay(at) });
      await advanceDeliveries(trx, { ...key, ...head });
      return row;
    },
    recorded() {
      context.failpoint?.('delivery:recorded');
      ports.usage.delivered(grant.body, { rows, bytes: storedBytes });
      context.meter?.deliveryMade({ department: consumer, rows, rejected: 0, bytes: storedBytes });
    },
  };
}

const policies = new WeakMap<Signed<Grant>, string>();

/** Of what a grant lets through: items, masks and rows. Grants stay the same objects while they are known. */
function policyDigest(grant: Signed<Grant>, suite: SignatureSuite): string {
  const { items, masks, rows } = grant.body;
  const digest =
    policies.get(grant) ??
    suite.digest(canonicalBytes({ items, masks, ...(rows !== undefined && { rows }) }));
  policies.set(grant, digest);
  return digest;
}
