import { randomUUID } from 'node:crypto';
import { type ApplyCounts, type DeliveryStream, deliveryName, type Receipt } from '@qianzhi/model';
import { signWithDigest } from '@qianzhi/model/crypto';
import type { Core } from '../core.js';
import type { Tables } from '../store/tables.js';

export interface ReceiptFacts {
  readonly delivery: DeliveryStream;
  readonly stage: Exclude<Receipt['stage'], 'stored'>;
  readonly seqFrom: number;
  readonly rowsDigests: readonly string[];
  readonly rows: number;
  /** Of files alone: sizes of those that `rows` counts. */
  readonly bytes?: number;
  readonly counts?: ApplyCounts;
  readonly reason?: string;
}

/** Signs a receipt into the chain of this agent's receipts on a delivery stream. Call inside a store transaction. */
export function issueReceipt(core: Core, tables: Tables, facts: ReceiptFacts): void {
  const { agent, signingKey } = core.options.identity;
  const subject = deliveryName(facts.delivery);
  const body: Receipt = {
    type: 'receipt',
    version: 1,
    id: randomUUID(),
    stage: facts.stage,
    subject: { delivery: facts.delivery },
    issuer: agent,
    seqFrom: facts.seqFrom,
    seqTo: facts.seqFrom + facts.rowsDigests.length - 1,
    rowsDigests: [...facts.rowsDigests],
    rows: facts.rows,
    ...(facts.bytes !== undefined && { bytes: facts.bytes }),
    ...(facts.counts ? { counts: facts.counts } : {}),
    ...(facts.reason ? { reason: facts.reason } : {}),
    previous: tables.receipts.newest(subject, agent),
    issuedAt: core.now(),
  };
  const { document, digest } = signWithDigest(body, signingKey);
  tables.receipts.insert(subject, digest, document, false);
}
