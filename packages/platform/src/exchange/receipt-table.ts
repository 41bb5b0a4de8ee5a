import { noCounts, type Receipt, type Signed, type Stream } from '@qianzhi/model';
import type { Knex } from 'knex';
import { insertion } from '../database/prepared.js';
import { keyOf } from './stream-table.js';

/** What is kept beside a receipt: who may see it, and whether its batches have their receipts already. */
export interface ReceiptFacts {
  readonly provider: string;
  readonly consumer: string | null;
  /** Not counted: the batches were counted by an earlier receipt. */
  readonly again: boolean;
}

const insertRow = insertion('receipts');

export async function insertReceipt(
  trx: Knex.Transaction,
  signed: Signed<Receipt>,
  digest: string,
  facts: ReceiptFacts,
): Promise<void> {
  const { body } = signed;
  const { subject } = body;
  const granted = 'delivery' in subject ? subject.delivery : 'use' in subject ? subject.use : undefined;
  const counts = body.counts ?? rowsWithoutCounts(body);
  await insertRow(trx, {
    id: body.id,
    stage: body.stage,
    ...streamOf(body),
    agreement: granted?.agreement ?? null,
    grant_version: granted?.grantVersion ?? null,
    ...facts,
    issuer: body.issuer,
    previous: body.previous,
    seq_from: body.seqFrom,
    seq_to: body.seqTo,
    rows: body.rows,
    ...counts,
    digest,
    document: JSON.stringify(signed),
  });
}

/** A use belongs to no stream of an agent. */
function streamOf({ subject }: Receipt): Stream {
  if ('use' in subject) return { resource: subject.use.resource, agent: '', epoch: 0 };
  return keyOf('stream' in subject ? subject.stream : subject.delivery.stream);
}

/** Rows of a delivery that was rejected as a whole. */
function rowsWithoutCounts({ stage, rows }: Receipt) {
  return stage === 'rejected' ? { ...noCounts, delivered: rows, rejected: rows } : noCounts;
}

/** The receipt of stage `stored` for one batch, as it was given. */
export async function storedReceipt(
  db: Knex,
  stream: Stream,
  seq: number,
): Promise<Signed<Receipt> | undefined> {
  const row = await db('receipts')
    .where({ ...keyOf(stream), stage: 'stored' })
    .where('seq_from', '<=', seq)
    .where('seq_to', '>=', seq)
    // from the newest down: the index is on where they begin
    .orderBy('seq_from', 'desc')
    .first('document');
  return row && JSON.parse(row.document);
}

export async function storedReceiptsAfter(
  db: Knex,
  stream: Stream,
  seq: number,
  limit: number,
): Promise<Signed<Receipt>[]> {
  const rows = await db('receipts')
    .where({ ...keyOf(stream), stage: 'stored' })
    .where('seq_to', '>', seq)
    .orderBy('seq_from')
    .limit(limit)
    .select('document');
  return rows.map((row: { document: string }) => JSON.parse(row.document));
}
