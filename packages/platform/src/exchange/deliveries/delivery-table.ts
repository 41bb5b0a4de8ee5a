import type { Delivery, DeliveryStream, Grant, Signed } from '@qianzhi/model';
import type { Knex } from 'knex';
import { insertion, prepared } from '../../database/prepared.js';
import type { DeliveryMode } from './grants.js';

/** One delivery stream: what one grant version gets of one stream. */
export interface DeliveryStreamRow {
  readonly agreement: string;
  readonly grant_version: number;
  readonly resource: string;
  readonly agent: string;
  readonly epoch: number;
  readonly provider: string;
  readonly consumer: string;
  /** `closed`: nothing more is delivered; receipts of what was are still taken. */
  readonly state: 'open' | 'closed';
  /** Head: the last delivery made; 0 and null before the first. */
  readonly seq: number;
  readonly digest: string | null;
  /** Seq of the source batch that the next delivery begins its search at. */
  readonly next_source: number;
  /** Up to here there are receipts of stage staged or a final one, and up to here final ones. */
  readonly staged_seq: number;
  readonly final_seq: number;
  /** How often it went back to the last snapshot because the consumer lagged too far. */
  readonly restarts: number;
  readonly opened_at: string;
}

/** One delivery. Its document never changes; `bytes_id` is of the projection, null for the provider's own bytes. */
export interface DeliveryRow {
  readonly seq: number;
  readonly source_seq: number;
  readonly document: string;
  readonly rows_digest: string;
  readonly rows: number;
  readonly stored_bytes: number;
  readonly projected: number | boolean;
  readonly bytes_id: string | null;
  /** Of a delta under a row scope: which of its rows out of scope were held (`packHeld`). */
  readonly held_rows: string | null;
  /** A part of a snapshot that will never be complete: gets no final receipt of its own. */
  readonly void: number | boolean;
  /** Has a receipt of stage applied or rejected. */
  readonly final: number | boolean;
}

export interface DeliveryKey {
  readonly agreement: string;
  readonly grant_version: number;
  readonly resource: string;
  readonly agent: string;
  readonly epoch: number;
}

export function deliveryKey({ agreement, grantVersion, stream }: DeliveryStream): DeliveryKey {
  const { resource, agent, epoch } = stream;
  return { agreement, grant_version: grantVersion, resource, agent, epoch };
}

export function deliveryOf(row: DeliveryKey): DeliveryStream {
  const { agreement, grant_version, resource, agent, epoch } = row;
  return { agreement, grantVersion: grant_version, stream: { resource, agent, epoch } };
}

export function newDeliveryStreamRow(
  delivery: DeliveryStream,
  grant: Grant,
  nextSource: number,
  openedAt: string,
): DeliveryStreamRow {
  return {
    ...deliveryKey(delivery),
    provider: grant.provider,
    consumer: grant.consumer,
    state: 'open',
    seq: 0,
    digest: null,
    next_source: nextSource,
    staged_seq: 0,
    final_seq: 0,
    restarts: 0,
    opened_at: openedAt,
  };
}

function keyIn(values: Readonly<Record<keyof DeliveryKey, string>>) {
  const { agreement, grant_version, resource, agent, epoch } = values;
  return { agreement, grant_version, resource, agent, epoch };
}

const streamOf = prepared<keyof DeliveryKey, DeliveryStreamRow | undefined>((db, values) =>
  db('delivery_streams').where(keyIn(values)).first(),
);

export async function findDeliveryStream(
  db: Knex,
  delivery: DeliveryStream,
): Promise<DeliveryStreamRow | undefined> {
  const row = await streamOf(db, deliveryKey(delivery));
  return row && deliveryStreamRow(row);
}

export async function listDeliveryStreams(
  db: Knex,
  where: Partial<DeliveryStreamRow>,
): Promise<DeliveryStreamRow[]> {
  const rows = await db('delivery_streams')
    .where(where)
    .orderBy(['agreement', 'grant_version', 'resource', 'agent', 'epoch']);
  return rows.map(deliveryStreamRow);
}

const ofGrant = prepared<'agreement' | 'grant_version' | 'resource', DeliveryStreamRow[]>(
  (db, { agreement, grant_version, resource }) =>
    db('delivery_streams').where({ agreement, grant_version, resource }).orderBy(['agent', 'epoch']),
);

/** By agent, then epoch. */
export async function streamsOfGrant(db: Knex, grant: Grant): Promise<DeliveryStreamRow[]> {
  const { agreement, grantVersion: grant_version, resource } = grant;
  return (await ofGrant(db, { agreement, grant_version, resource })).map(deliveryStreamRow);
}

/** Sets the head after a delivery. */
export const advanceDeliveries = prepared<keyof DeliveryKey | 'seq' | 'digest' | 'next_source', number>(
  (db, values) => {
    const { seq, digest, next_source } = values;
    return db('delivery_streams').where(keyIn(values)).update({ seq, digest, next_source });
  },
);

/** What usage is counted by. */
interface Counted {
  readonly delivered_on: string;
  readonly mode: DeliveryMode;
}

export const insertDelivery = insertion<DeliveryKey & DeliveryRow & Counted>('deliveries');

/** A delivery, the department it is for, and the provider's bytes that it is of: null once retention dropped them. */
export interface PlacedDelivery extends DeliveryRow {
  readonly consumer: string;
  readonly source_bytes_id: string | null;
}

const placed = prepared<keyof DeliveryKey | 'seq', PlacedDelivery | undefined>((db, values) => {
  const stream = ['resource', 'agent', 'epoch'];
  const same = (left: string, columns: readonly string[]) =>
    Object.fromEntries(columns.map((column) => [`${left}.${column}`, `deliveries.${column}`]));
  return db('deliveries')
    .join('delivery_streams as log', same('log', ['agreement', 'grant_version', ...stream]))
    .join('batches as source', { ...same('source', stream), 'source.seq': 'deliveries.source_seq' })
    .where('deliveries.agreement', values.agreement)
    .where('deliveries.grant_version', values.grant_version)
    .where('deliveries.resource', values.resource)
    .where('deliveries.agent', values.agent)
    .where('deliveries.epoch', values.epoch)
    .where('deliveries.seq', values.seq)
    .first('deliveries.*', 'log.consumer', 'source.bytes_id as source_bytes_id');
});

export async function findPlaced(
  db: Knex,
  delivery: DeliveryStream,
  seq: number,
): Promise<PlacedDelivery | undefined> {
  const row = await placed(db, { ...deliveryKey(delivery), seq });
  return row && { ...row, ...deliveryRow(row) };
}

const between = prepared<keyof DeliveryKey | 'from' | 'to', DeliveryRow[]>((db, values) =>
  db('deliveries').where(keyIn(values)).whereBetween('seq', [values.from, values.to]).orderBy('seq'),
);

/** Deliveries from `from` to `to`, in order. */
export async function deliveriesBetween(
  db: Knex,
  delivery: DeliveryStream,
  from: number,
  to: number,
): Promise<DeliveryRow[]> {
  const rows = await between(db, { ...deliveryKey(delivery), from, to });
  return rows.map(deliveryRow);
}

/** Deliveries from `from` to `to` have a final receipt; those of them that are void are left out. */
export const setFinal = prepared<keyof DeliveryKey | 'from' | 'to', number>((db, values) =>
  db('deliveries')
    .where({ ...keyIn(values), void: false })
    .whereBetween('seq', [values.from, values.to])
    .update({ final: true }),
);

/** The same with those that are void: they are so no more. */
export const setAllFinal = prepared<keyof DeliveryKey | 'from' | 'to', number>((db, values) =>
  db('deliveries')
    .where(keyIn(values))
    .whereBetween('seq', [values.from, values.to])
    .update({ final: true, void: false }),
);

/** Up to where there are receipts. */
export const setReceipted = prepared<keyof DeliveryKey | 'staged_seq' | 'final_seq', number>((db, values) => {
  const { staged_seq, final_seq } = values;
  return db('delivery_streams').where(keyIn(values)).update({ staged_seq, final_seq });
});

export function documentOf(row: DeliveryRow): Signed<Delivery> {
  return JSON.parse(row.document);
}

function deliveryStreamRow(row: DeliveryStreamRow): DeliveryStreamRow {
  return {
    ...row,
    seq: Number(row.seq),
    next_source: Number(row.next_source),
    staged_seq: Number(row.staged_seq),
    final_seq: Number(row.final_seq),
  };
}

function deliveryRow(row: DeliveryRow): DeliveryRow {
  return {
    ...row,
    seq: Number(row.seq),
    source_seq: Number(row.source_seq),
    rows: Number(row.rows),
    stored_bytes: Number(row.stored_bytes),
  };
}
