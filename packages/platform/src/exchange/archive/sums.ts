import { chinaDay, type Delivery, type Signed } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { BatchRow } from '../batch-table.js';
import type { DeliveryKey, DeliveryRow } from '../deliveries/delivery-table.js';

/** A stream, or a delivery stream; `agreement` is empty and `grant_version` 0 for the former. */
export type PartKey = DeliveryKey;

const sumNames = [
  'batches',
  'read',
  'repeated',
  'rejected',
  'flagged',
  'stored',
  'receipted',
  'sent',
  'rows',
  'confirmed',
  'confirmedRows',
  'delivered',
  'inserted',
  'updated',
  'unchanged',
  'deleted',
  'refused',
] as const;

/** What archived rows add to the count equations of a stream or delivery stream. */
export type EvidenceSums = Readonly<Record<(typeof sumNames)[number], number>>;

const nothing = Object.fromEntries(sumNames.map((name) => [name, 0])) as EvidenceSums;

/** Of what is in archives. */
export async function archivedSums(db: Knex, key: PartKey): Promise<EvidenceSums> {
  const row = await db('evidence_sums').where(key).first('sums');
  return row ? { ...nothing, ...JSON.parse(row.sums) } : nothing;
}

export async function addSums(trx: Knex.Transaction, key: PartKey, more: Partial<EvidenceSums>) {
  const before = await archivedSums(trx, key);
  const sums = Object.fromEntries(sumNames.map((name) => [name, before[name] + (more[name] ?? 0)]));
  await trx('evidence_sums')
    .insert({ ...key, sums: JSON.stringify(sums) })
    .onConflict(['resource', 'agent', 'epoch', 'agreement', 'grant_version'])
    .merge(['sums']);
}

export function sumsOfBatches(rows: readonly BatchRow[]): Partial<EvidenceSums> {
  return {
    batches: rows.length,
    read: total(rows, (row) => row.read_rows),
    repeated: total(rows, (row) => row.repeated),
    rejected: total(rows, (row) => row.rejected),
    flagged: total(rows, (row) => row.flagged),
    stored: total(rows, (row) => row.rows),
  };
}

export function sumsOfDeliveries(rows: readonly DeliveryRow[]): Partial<EvidenceSums> {
  const kept = rows.filter((row) => !row.void);
  const final = kept.filter((row) => row.final);
  return {
    sent: rows.length,
    rows: total(kept, (row) => row.rows),
    confirmed: final.length,
    confirmedRows: total(final, (row) => row.rows),
  };
}

/** What is kept of deliveries for usage by day. */
export interface UsageSource extends DeliveryKey, DeliveryRow {
  readonly delivered_on: string | null;
  readonly mode: string | null;
}

/** Usage of a day stays known when its deliveries are archived. */
export async function addUsage(trx: Knex.Transaction, rows: readonly UsageSource[]): Promise<void> {
  const days = new Map<string, UsageSource[]>();
  for (const row of rows) {
    const name = `${dayOf(row)} ${row.mode ?? 'docking'}`;
    days.set(name, [...(days.get(name) ?? []), row]);
  }
  for (const [name, ofDay] of days) {
    const [day, mode] = name.split(' ') as [string, string];
    const { agreement, grant_version, resource, agent, epoch } = ofDay[0]!;
    const of = { day, mode, agreement, grant_version, resource, agent, epoch };
    await addUsageOf(trx, of, {
      requests: ofDay.length,
      rows: total(ofDay, (row) => row.rows),
      bytes: total(ofDay, (row) => row.stored_bytes),
    });
  }
}

/** What was used on a day: a delivery stream, or in a mode that has none, where `agent` is empty and the two sides are told. */
export interface UsedOn extends PartKey {
  readonly day: string;
  readonly mode: string;
  readonly provider?: string;
  readonly consumer?: string;
}

export async function addUsageOf(
  trx: Knex.Transaction,
  { provider, consumer, ...key }: UsedOn,
  more: { readonly requests: number; readonly rows: number; readonly bytes: number },
): Promise<void> {
  const before = await trx('archived_usage').where(key).first();
  const counts = {
    requests: Number(before?.requests ?? 0) + more.requests,
    rows: Number(before?.rows ?? 0) + more.rows,
    bytes: Number(before?.bytes ?? 0) + more.bytes,
  };
  if (before) await trx('archived_usage').where(key).update(counts);
  else await trx('archived_usage').insert({ ...key, provider, consumer, ...counts });
}

/** Deliveries of before there were quotas have no day of their own. */
function dayOf({ delivered_on, document }: UsageSource): string {
  if (delivered_on !== null) return delivered_on;
  return chinaDay(new Date((JSON.parse(document) as Signed<Delivery>).body.deliveredAt));
}

export function total<T>(rows: readonly T[], of: (row: T) => number | string): number {
  return rows.reduce((sum, row) => sum + Number(of(row)), 0);
}
