import type { MatterStage, NewOffCatalogRequest } from '@qianzhi/model';
import type { Knex } from 'knex';
import { latestMatter, type MatterRow, type MatterTables } from '../matters/store.js';
import { offCatalogErrors } from './errors.js';

export const offCatalogMatters: MatterTables = {
  matters: 'off_catalog_matters',
  events: 'off_catalog_events',
  subject: 'request',
};

export interface RequestRow {
  readonly id: string;
  readonly consumer: string;
  readonly content: NewOffCatalogRequest;
  readonly applied_by: string;
  readonly applied_at: string;
  /** The entry made for it: named, and linked when it is published. */
  readonly resource: string | null;
  /** Columns of its items in the entry; before that is linked, those that were named. */
  readonly columns: Readonly<Record<string, string>>;
  readonly linked_at: string | null;
  readonly agreement: string | null;
}

type Stored = Omit<RequestRow, 'content' | 'columns'> & {
  readonly content: string;
  readonly columns: string;
};

const fromRow = ({ content, columns, ...same }: Stored): RequestRow => ({
  ...same,
  content: JSON.parse(content),
  columns: JSON.parse(columns),
});

const toRow = ({ content, columns, ...same }: Partial<RequestRow>) => ({
  ...same,
  ...(content && { content: JSON.stringify(content) }),
  ...(columns && { columns: JSON.stringify(columns) }),
});

export async function findRequest(db: Knex, id: string): Promise<RequestRow | undefined> {
  const row: Stored | undefined = await db('off_catalog_requests').where({ id }).first();
  return row && fromRow(row);
}

/** Throws QZ_PLATFORM_REQUEST_UNKNOWN. */
export async function requireRequest(db: Knex, id: string): Promise<RequestRow> {
  const row = await findRequest(db, id);
  if (!row) throw offCatalogErrors.REQUEST_UNKNOWN({ request: id });
  return row;
}

export async function matterOf(db: Knex, id: string): Promise<MatterRow> {
  const matter = await latestMatter(db, id, offCatalogMatters);
  if (!matter) throw new TypeError(`request ${id} has no matter`);
  return matter;
}

export async function insertRequest(trx: Knex.Transaction, row: RequestRow): Promise<void> {
  await trx('off_catalog_requests').insert(toRow(row));
}

export async function changeRequest(
  trx: Knex.Transaction,
  id: string,
  change: Partial<RequestRow>,
): Promise<void> {
  await trx('off_catalog_requests').where({ id }).update(toRow(change));
}

export interface RequestFilter {
  readonly stage?: MatterStage | undefined;
  /** Provider or applicant; undefined: of all departments. */
  readonly party?: string | undefined;
  /** The last one of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function pageRequests(db: Knex, filter: RequestFilter): Promise<readonly RequestRow[]> {
  const { stage, party, after, limit } = filter;
  const query = db('off_catalog_requests as requests')
    .join('off_catalog_matters as matters', 'matters.request', 'requests.id')
    .select('requests.*')
    .orderBy('requests.seq', 'desc')
    .limit(limit);
  if (stage !== undefined) query.where('matters.stage', stage);
  if (party !== undefined)
    query.where((own) => own.where('matters.provider', party).orWhere('requests.consumer', party));
  if (after !== undefined)
    query.where('requests.seq', '<', db('off_catalog_requests').select('seq').where({ id: after }));
  return ((await query) as (Stored & { readonly seq: number })[]).map(({ seq: _, ...row }) => fromRow(row));
}

/** Agreed to, and waiting for this entry. */
export async function awaiting(trx: Knex.Transaction, resource: string): Promise<readonly RequestRow[]> {
  const rows: (Stored & { readonly seq: number })[] = await trx('off_catalog_requests')
    .where({ resource, linked_at: null })
    .orderBy('seq');
  return rows.map(({ seq: _, ...row }) => fromRow(row));
}
