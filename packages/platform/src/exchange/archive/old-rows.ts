import type { Delivery, Receipt, Signed } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { BatchRow } from '../batch-table.js';
import {
  type DeliveryStreamRow,
  deliveryKey,
  deliveryOf,
  listDeliveryStreams,
} from '../deliveries/delivery-table.js';
import { keyOf, listStreams, type StreamRow } from '../stream-table.js';
import { addBegins } from './begins.js';
import { oldOperations } from './old-operations.js';
import { type ArchivePlace, addPlaces } from './places.js';
import {
  addSums,
  addUsage,
  type EvidenceSums,
  type PartKey,
  sumsOfBatches,
  sumsOfDeliveries,
  total,
  type UsageSource,
} from './sums.js';

/** So many go into the archive, and then out of the tables, at once. */
export const AT_ONCE = 500;

/** Documents that are old enough, and how they leave the tables once they are in the archive. */
export interface OldRows {
  readonly lines: readonly string[];
  /** `place`: where they are in the archive. */
  remove(trx: Knex.Transaction, place: ArchivePlace): Promise<void>;
}

/**
 * What may leave the tables, oldest first: documents from before `before`, each chain from its beginning on and never its newest. Of
 * manifests those whose bytes are gone and whose deliveries have left; of deliveries and receipts those that are final. Each
 * answer has to be removed before the next is asked for. Operations leave with their receipts.
 */
export async function* oldRows(db: Knex, before: string): AsyncGenerator<OldRows> {
  const logs = await listDeliveryStreams(db, {});
  const streams = await listStreams(db, {});
  yield* oldReceipts(db, before, finals(streams, logs));
  yield* oldOperations(db, before);
  for (const log of logs) yield* oldDeliveries(db, before, log);
  for (const stream of streams) yield* oldBatches(db, before, stream);
}

/** From the first row on, as far as they may go; page after page, each gone when the next is read. */
async function* leading<T>(
  page: () => Promise<T[]>,
  mayGo: (row: T) => boolean,
  leave: (rows: readonly T[]) => OldRows,
): AsyncGenerator<OldRows> {
  for (;;) {
    const rows = await page();
    const stays = rows.findIndex((row) => !mayGo(row));
    const going = stays < 0 ? rows : rows.slice(0, stays);
    if (going.length > 0) yield leave(going);
    if (going.length < AT_ONCE) return;
  }
}

async function* oldBatches(db: Knex, before: string, stream: StreamRow): AsyncGenerator<OldRows> {
  const key = keyOf(stream);
  // fetching a delivery looks at the batch it is of
  const delivered = await db('deliveries').where(key).min({ seq: 'source_seq' }).first();
  const end = Math.min(stream.seq, Number(delivered?.seq ?? stream.seq));
  yield* leading(
    async (): Promise<BatchRow[]> => db('batches').where(key).orderBy('seq').limit(AT_ONCE),
    (row) => Number(row.seq) < end && row.bytes_id === null && row.received_at < before,
    (rows) => ({
      lines: rows.map(({ manifest }) => `{"manifest":${manifest}}`),
      async remove(trx) {
        await trx('batches').where(key).where('seq', '<=', rows.at(-1)!.seq).delete();
        await addSums(trx, partOf(key), sumsOfBatches(rows));
      },
    }),
  );
}

async function* oldDeliveries(db: Knex, before: string, log: DeliveryStreamRow): AsyncGenerator<OldRows> {
  const key = deliveryKey(deliveryOf(log));
  const end = Math.min(log.seq, log.state === 'closed' ? log.seq : log.final_seq + 1);
  yield* leading(
    async (): Promise<UsageSource[]> => db('deliveries').where(key).orderBy('seq').limit(AT_ONCE),
    (row) => Number(row.seq) < end && row.bytes_id === null && deliveredAt(row) < before,
    (rows) => ({
      lines: rows.map(({ document }) => `{"delivery":${document}}`),
      async remove(trx) {
        const last = rows.at(-1)!;
        await trx('deliveries').where(key).where('seq', '<=', last.seq).delete();
        await addSums(trx, key, sumsOfDeliveries(rows));
        await addUsage(trx, rows);
      },
    }),
  );
}

function deliveredAt({ document }: UsageSource): string {
  return (JSON.parse(document) as Signed<Delivery>).body.deliveredAt;
}

export interface ReceiptRow extends PartKey {
  readonly position: number;
  readonly stage: Receipt['stage'];
  readonly provider: string;
  readonly consumer: string | null;
  readonly issuer: string;
  readonly seq_to: number;
  readonly rows: number;
  readonly digest: string;
  readonly again: number | boolean;
  readonly document: string;
  readonly delivered: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly rejected: number;
}

/** Up to where receipts of each stream and delivery stream are final. */
function finals(
  streams: readonly StreamRow[],
  logs: readonly DeliveryStreamRow[],
): ReadonlyMap<string, number> {
  return new Map([
    ...streams.map((row) => [nameOf(partOf(keyOf(row))), row.seq] as const),
    ...logs.map((log) => {
      const key = deliveryKey(deliveryOf(log));
      return [nameOf(key), log.state === 'closed' ? log.seq : log.final_seq] as const;
    }),
  ]);
}

/** In the order they came; those of queries and downloads, which belong to no stream, leave with the operation. */
async function* oldReceipts(
  db: Knex,
  before: string,
  finalUpTo: ReadonlyMap<string, number>,
): AsyncGenerator<OldRows> {
  const keeping = new Set<string>();
  for (let after = 0; ; ) {
    const page: ReceiptRow[] = await db('receipts')
      .where('position', '>', after)
      .orderBy('position')
      .limit(AT_ONCE);
    const followed = new Set(
      await db('receipts')
        .whereIn(
          'previous',
          page.map(({ digest }) => digest),
        )
        .pluck('previous'),
    );
    const isNewest = async ({ position, ...row }: ReceiptRow) => {
      const { agreement, grant_version, resource, agent, epoch, issuer } = row;
      const chain = { agreement, grant_version, resource, agent, epoch, issuer };
      return !(await db('receipts').where(chain).where('position', '>', position).first('id'));
    };
    const going: ReceiptRow[] = [];
    for (const row of page) {
      const old = (JSON.parse(row.document) as Signed<Receipt>).body.issuedAt < before;
      // the platform's own are in the order of time
      if (!old && row.issuer === 'platform') return void (yield* leave(going));
      const name = nameOf(partOf(row));
      const goes = old && !keeping.has(name) && Number(row.seq_to) <= (finalUpTo.get(name) ?? 0);
      // what an agent that lost its memory wrote before has nothing that follows it, and is not the newest
      if (goes && (followed.has(row.digest) || !(await isNewest(row)))) going.push(row);
      else keeping.add(name);
    }
    yield* leave(going);
    if (page.length < AT_ONCE) return;
    after = Number(page.at(-1)!.position);
  }
}

function* leave(rows: readonly ReceiptRow[]): Generator<OldRows> {
  if (rows.length === 0) return;
  yield {
    lines: rows.map(({ document }) => `{"receipt":${document}}`),
    async remove(trx, place) {
      await trx('receipts')
        .whereIn(
          'position',
          rows.map(({ position }) => position),
        )
        .delete();
      const parts = new Map<string, ReceiptRow[]>();
      for (const row of rows) {
        const name = nameOf(partOf(row));
        parts.set(name, [...(parts.get(name) ?? []), row]);
      }
      for (const ofPart of parts.values()) await addSums(trx, partOf(ofPart[0]!), sumsOfReceipts(ofPart));
      await addBegins(trx, rows, place.file);
      await addPlaces(trx, rows, place);
    },
  };
}

function sumsOfReceipts(rows: readonly ReceiptRow[]): Partial<EvidenceSums> {
  const stored = rows.filter(({ stage }) => stage === 'stored');
  const final = rows.filter(({ stage, again }) => !again && (stage === 'applied' || stage === 'rejected'));
  return {
    receipted: total(stored, (row) => row.rows),
    delivered: total(final, (row) => row.delivered),
    inserted: total(final, (row) => row.inserted),
    updated: total(final, (row) => row.updated),
    unchanged: total(final, (row) => row.unchanged),
    deleted: total(final, (row) => row.deleted),
    refused: total(final, (row) => row.rejected),
  };
}

/** Of a receipt's row or a stream. */
function partOf(row: Omit<PartKey, 'agreement' | 'grant_version'> & Partial<Nullable<PartKey>>): PartKey {
  const { resource, agent, epoch } = row;
  return { resource, agent, epoch, agreement: row.agreement ?? '', grant_version: row.grant_version ?? 0 };
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

function nameOf({ agreement, grant_version, resource, agent, epoch }: PartKey): string {
  return [agreement, grant_version, resource, agent, epoch].join(' ');
}
