import type { Head, Stream, StreamState } from '@qianzhi/model';
import type { Knex } from 'knex';
import { prepared } from '../database/prepared.js';

/** One stream as the platform knows it. `open`: batches are taken; `closed`: a later epoch is open, or it was given up. */
export interface StreamRow {
  readonly resource: string;
  readonly agent: string;
  readonly epoch: number;
  /** The providing department. */
  readonly department: string;
  readonly state: 'open' | 'closed';
  /** Head; 0 and nulls before the first batch. */
  readonly seq: number;
  readonly rows_digest: string | null;
  readonly manifest_digest: string | null;
  readonly receipt_digest: string | null;
  readonly rows: number;
  readonly bytes: number;
  readonly schema_version: number | null;
  readonly last_batch_at: string | null;
  /** The snapshot whose last part has not come yet; null when none is open. */
  readonly snapshot_id: string | null;
  readonly snapshot_from: number | null;
  readonly snapshot_part: number;
  readonly snapshot_rows: number;
  /** Seq of the first part of the last complete snapshot. */
  readonly complete_from: number | null;
  readonly opened_at: string;
  /** When its resource became another department's: what it holds of rows counts no more, not even under the same department again. */
  readonly given_up_at: string | null;
}

const headColumns = [
  'seq',
  'rows_digest',
  'manifest_digest',
  'receipt_digest',
  'rows',
  'bytes',
  'schema_version',
  'last_batch_at',
  'snapshot_id',
  'snapshot_from',
  'snapshot_part',
  'snapshot_rows',
  'complete_from',
] as const satisfies readonly (keyof StreamRow)[];

/** What a batch changes of its stream. */
export type StreamHead = Pick<StreamRow, (typeof headColumns)[number]>;

/** Sets the head of an open stream whose last seq is `before`; answers how many streams that was. */
export const advanceStreamFrom = prepared<keyof Stream | keyof StreamHead | 'before', number>(
  (db, values) => {
    const { resource, agent, epoch, before } = values;
    const head = Object.fromEntries(headColumns.map((column) => [column, values[column]]));
    return db('streams').where({ resource, agent, epoch, seq: before, state: 'open' }).update(head);
  },
);

export function newStreamRow(stream: Stream, department: string, openedAt: string): StreamRow {
  return {
    ...keyOf(stream),
    department,
    state: 'open',
    seq: 0,
    rows_digest: null,
    manifest_digest: null,
    receipt_digest: null,
    rows: 0,
    bytes: 0,
    schema_version: null,
    last_batch_at: null,
    snapshot_id: null,
    snapshot_from: null,
    snapshot_part: 0,
    snapshot_rows: 0,
    complete_from: null,
    opened_at: openedAt,
    given_up_at: null,
  };
}

/** The resource becomes another department's. Whoever supplies from now on begins with a whole copy, in an epoch of its own. */
export async function giveUpStreams(trx: Knex.Transaction, resource: string, at: string): Promise<void> {
  const given = { state: 'closed', given_up_at: at };
  await trx('streams').where({ resource, given_up_at: null }).update(given);
}

export function keyOf({ resource, agent, epoch }: Stream): Stream {
  return { resource, agent, epoch };
}

export function headOf(row: StreamRow): Head {
  return { seq: row.seq, rowsDigest: row.rows_digest };
}

export async function findStream(db: Knex, stream: Stream): Promise<StreamRow | undefined> {
  const row = await db('streams').where(keyOf(stream)).first();
  return row && streamRow(row);
}

const newest = prepared<'resource' | 'agent', StreamRow | undefined>((db, { resource, agent }) =>
  db('streams').where({ resource, agent }).orderBy('epoch', 'desc').first(),
);

/** The newest epoch of a resource from an agent. */
export async function newestStream(
  db: Knex,
  resource: string,
  agent: string,
): Promise<StreamRow | undefined> {
  const row = await newest(db, { resource, agent });
  return row && streamRow(row);
}

/** By agent, then epoch; all where no filter is given. */
export async function listStreams(
  db: Knex,
  where: { resource?: string; agent?: string; department?: string },
): Promise<StreamRow[]> {
  const filter = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
  return (await db('streams').where(filter).orderBy(['resource', 'agent', 'epoch'])).map(streamRow);
}

const ofResource = prepared<'resource', StreamRow[]>((db, { resource }) =>
  db('streams').where({ resource }).orderBy(['agent', 'epoch']),
);

/** By agent, then epoch. */
export async function streamsOfResource(db: Knex, resource: string): Promise<StreamRow[]> {
  return (await ofResource(db, { resource })).map(streamRow);
}

export function stateOf(row: StreamRow): StreamState {
  return {
    stream: keyOf(row),
    seq: row.seq,
    rows: row.rows,
    bytes: row.bytes,
    schemaVersion: row.schema_version,
    lastBatchAt: row.last_batch_at,
    state: row.state,
  };
}

/** PostgreSQL answers 64-bit integers as text. */
function streamRow(row: StreamRow): StreamRow {
  const orNull = (value: number | null) => (value === null ? null : Number(value));
  return {
    ...row,
    seq: Number(row.seq),
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    snapshot_from: orNull(row.snapshot_from),
    snapshot_part: Number(row.snapshot_part),
    snapshot_rows: Number(row.snapshot_rows),
    complete_from: orNull(row.complete_from),
  };
}
