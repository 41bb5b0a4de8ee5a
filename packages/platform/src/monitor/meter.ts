import type { Receipt } from '@qianzhi/model';

/** Told by the exchange and the server of what they did, once for a batch, delivery, receipt or request. */
export interface Meter {
  /** `department` provides. */
  batchStored(batch: { readonly department: string } & Amount): void;
  batchRefused(code: string): void;
  /** `department` consumes. */
  deliveryMade(delivery: { readonly department: string } & Amount): void;
  receiptTaken(stage: Receipt['stage'], rows: number, rejected: number): void;
  /** `by` is who answered, an agent or the platform; `outcome` is `complete`, `partial` or the code of what went wrong. */
  queryEnded(query: {
    readonly by: 'agent' | 'platform';
    readonly outcome: string;
    readonly rows: number;
    readonly ms: number;
  }): void;
  /** `route` as declared, never the address as called. */
  requestAnswered(route: string, status: number): void;
}

interface Amount {
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
}
