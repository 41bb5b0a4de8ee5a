import type { DeliveryStream } from '@qianzhi/model';

/** Who delivers: all epochs and grant versions of one agreement and providing agent are one supplier. */
export function supplierOf({ agreement, stream }: DeliveryStream): string {
  return `${agreement}/${stream.resource}/${stream.agent}`;
}

/** What the table of targets holds in place of a supplier where several feed a table. */
export const SHARED = '*';

export interface Claim {
  /** Who feeds the table so far, as the table of targets has it. */
  readonly before: string | undefined;
  readonly supplier: string;
  readonly shared: boolean;
  readonly takeOver: boolean;
  /** Suppliers whose grants have ended. */
  readonly ended: readonly string[];
}

/**
 * Whether a supplier may feed a table. `taken`: another one does, whose rows would be deleted by this one's snapshots.
 * One whose grant has ended gives way. `wanted` is what the table of targets shall hold.
 */
export function judgeClaim({ before, supplier, shared, takeOver, ended }: Claim): {
  readonly state: 'held' | 'free' | 'taken';
  readonly wanted: string;
} {
  const wanted = shared ? SHARED : supplier;
  if (before === wanted) return { state: 'held', wanted };
  const free = shared || before === undefined || ended.includes(before) || takeOver;
  return { state: free ? 'free' : 'taken', wanted };
}
