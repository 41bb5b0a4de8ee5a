import type { ApplyCounts, DeliveryStream } from '@qianzhi/model';
import type { LedgerRow } from '@qianzhi/plugin-api';

/** What was applied: one row for each batch, written with its rows. */
export const LEDGER = 'qianzhi_ledger';
/** Which supplier feeds which table. */
export const TARGETS = 'qianzhi_targets';

/** Columns that name a delivery stream of an exchange; with `seq` they are the ledger's key. */
export const ledgerIdentity = [
  'exchange',
  'agreement',
  'grant_version',
  'resource',
  'agent',
  'epoch',
] as const;
export const ledgerCounts = [
  'delivered',
  'inserted',
  'updated',
  'unchanged',
  'deleted',
  'rejected',
] as const satisfies readonly (keyof ApplyCounts)[];
export const ledgerColumns = [
  ...ledgerIdentity,
  'seq',
  'rows_digest',
  'stage',
  'snapshot_id',
  'part',
  ...ledgerCounts,
  'committed_at',
] as const;

/** Values of `ledgerIdentity`, in its order. */
export function identityValues(exchange: string, delivery: DeliveryStream): (string | number)[] {
  const { resource, agent, epoch } = delivery.stream;
  return [exchange, delivery.agreement, delivery.grantVersion, resource, agent, epoch];
}

/** Values of `ledgerColumns`, in its order. */
export function ledgerValues(row: LedgerRow, part: number | undefined): (string | number | null)[] {
  return [
    ...identityValues(row.exchange, row.delivery),
    row.seq,
    row.rowsDigest,
    row.stage,
    row.snapshotId,
    part ?? null,
    ...ledgerCounts.map((name) => row.counts[name]),
    row.committedAt,
  ];
}

/** A ledger row from what a driver read, numbers as numbers or as text. */
export function ledgerRowOf(
  exchange: string,
  delivery: DeliveryStream,
  stored: Readonly<Record<string, unknown>>,
): LedgerRow {
  const counts = Object.fromEntries(ledgerCounts.map((name) => [name, Number(stored[name])]));
  return {
    exchange,
    delivery,
    seq: Number(stored['seq']),
    rowsDigest: String(stored['rows_digest']),
    stage: stored['stage'] === 'staged' ? 'staged' : 'applied',
    snapshotId: (stored['snapshot_id'] ?? null) as string | null,
    counts: counts as unknown as ApplyCounts,
    committedAt: String(stored['committed_at']),
  };
}
