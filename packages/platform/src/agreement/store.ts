import type { AgreementState, Grant, Signed } from '@qianzhi/model';
import type { Knex } from 'knex';
import { remember } from '../database/remember.js';
import type { GrantChange } from '../ports.js';
import type { GrantContent } from './content.js';

export interface AgreementRow {
  readonly id: string;
  readonly resource: string;
  readonly provider: string;
  readonly consumer: string;
  readonly state: AgreementState;
  /** Grant version in force; null before the first and after the end. */
  readonly live_grant: number | null;
}

export interface ApplicationRow {
  readonly seq: number;
  readonly agreement: string;
  readonly content: GrantContent;
  readonly applied_by: string;
  readonly applied_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly reason: string | null;
}

export interface GrantRow {
  readonly agreement: string;
  readonly grant_version: number;
  readonly resource: string;
  readonly consumer: string;
  readonly valid_from: string;
  readonly valid_to: string;
  readonly document: Signed<Grant>;
  /** Where queries and downloads may come from; null: anywhere. */
  readonly addresses: string[] | null;
  readonly ended_at: string | null;
  readonly end_change: GrantChange['change'] | null;
  readonly end_reason: string | null;
}

type Where = Readonly<Record<string, string | number | null>>;

export async function findAgreement(db: Knex, id: string): Promise<AgreementRow | undefined> {
  return db('agreements').where({ id }).first();
}

/** Newest first. */
export async function listAgreements(db: Knex, where: Where): Promise<readonly AgreementRow[]> {
  return db('agreements').where(where).orderBy('seq', 'desc');
}

export async function insertAgreement(trx: Knex.Transaction, row: AgreementRow): Promise<void> {
  await trx('agreements').insert(row);
}

/** Moves on only from the state and the grant that were seen; false when someone else was faster. */
export async function moveAgreement(
  trx: Knex.Transaction,
  { id, state, live_grant }: Pick<AgreementRow, 'id' | 'state' | 'live_grant'>,
  next: Partial<Pick<AgreementRow, 'state' | 'live_grant'>>,
): Promise<boolean> {
  return (await trx('agreements').where({ id, state, live_grant }).update(next)) === 1;
}

export async function setProvider(trx: Knex.Transaction, id: string, provider: string): Promise<void> {
  await trx('agreements').where({ id }).update({ provider });
}

export interface AgreementFilter {
  readonly resource?: string | undefined;
  /** As it is shown: a grant whose time is over at `at` counts as expired. */
  readonly state?: string | undefined;
  readonly at: string;
  /** Provider or consumer; undefined: of all departments. */
  readonly party?: string | undefined;
  /** The last one of the page before. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Newest first. */
export async function pageAgreements(db: Knex, filter: AgreementFilter): Promise<readonly AgreementRow[]> {
  const { resource, state, at, party, after, limit } = filter;
  const over = db('grants')
    .whereRaw('grants.agreement = agreements.id AND grants.grant_version = agreements.live_grant')
    .where('valid_to', '<=', at);
  const query = db('agreements').select('agreements.*').orderBy('seq', 'desc');
  if (resource !== undefined) query.where({ resource });
  if (party !== undefined) query.where((own) => own.where({ provider: party }).orWhere({ consumer: party }));
  if (after !== undefined) query.where('seq', '<', db('agreements').select('seq').where({ id: after }));
  if (state === 'granted') query.where({ state }).whereNotExists(over);
  else if (state === 'expired')
    query.where((ended) =>
      ended.where({ state }).orWhere((late) => late.where({ state: 'granted' }).whereExists(over)),
    );
  else if (state !== undefined) query.where({ state });
  if (limit !== undefined) query.limit(limit);
  return query;
}

/** The application that counts, of each of these agreements. */
export async function latestApplications(
  db: Knex,
  agreements: readonly string[],
): Promise<ReadonlyMap<string, ApplicationRow>> {
  const newest = db('applications').max('seq').whereIn('agreement', agreements).groupBy('agreement');
  const rows = await db('applications').whereIn('seq', newest);
  return new Map(rows.map((row) => [row.agreement, { ...row, content: JSON.parse(row.content) }]));
}

export async function latestApplication(db: Knex, agreement: string): Promise<ApplicationRow> {
  const row = await db('applications').where({ agreement }).orderBy('seq', 'desc').first();
  return { ...row, content: JSON.parse(row.content) as GrantContent };
}

/** The grant in force of each of these agreements, as it lies in the database, whatever is remembered: for persons. */
export async function liveGrants(
  db: Knex,
  agreements: readonly string[],
): Promise<ReadonlyMap<string, GrantRow>> {
  const rows = await db('grants')
    .join('agreements', (both) =>
      both.on('agreements.id', 'grants.agreement').on('agreements.live_grant', 'grants.grant_version'),
    )
    .whereIn('agreements.id', agreements)
    .select('grants.*');
  return new Map(rows.map((row) => [row.agreement, withDocument(row)]));
}

/** The newest application as it was handed in: what is refused in part goes on as another, under the bounds of what was granted. */
export async function askedFor(db: Knex, agreement: string): Promise<GrantContent> {
  const { applied_at } = await latestApplication(db, agreement);
  const row = await db('applications').where({ agreement, applied_at }).orderBy('seq').first();
  return JSON.parse(row.content) as GrantContent;
}

export async function insertApplication(
  trx: Knex.Transaction,
  row: Pick<ApplicationRow, 'agreement' | 'content' | 'applied_by' | 'applied_at'>,
): Promise<void> {
  await trx('applications').insert({ ...row, content: JSON.stringify(row.content) });
}

export async function decideApplication(
  trx: Knex.Transaction,
  seq: number,
  decision: { readonly by: string; readonly at: string; readonly reason: string | null },
): Promise<void> {
  const { by, at, reason } = decision;
  await trx('applications').where({ seq }).update({ decided_by: by, decided_at: at, reason });
}

export async function findGrants(db: Knex, where: Where): Promise<readonly GrantRow[]> {
  return remember(db, ['grants'], ['grants', where], async () => {
    const rows = await db('grants').where(where).orderBy(['agreement', 'grant_version']);
    return rows.map(withDocument);
  });
}

type Written = Omit<GrantRow, 'document' | 'addresses'> & {
  readonly document: string;
  readonly addresses: string | null;
};

function withDocument(row: Written): GrantRow {
  const addresses = row.addresses === null ? null : JSON.parse(row.addresses);
  return { ...row, document: JSON.parse(row.document) as Signed<Grant>, addresses };
}

export async function insertGrant(
  trx: Knex.Transaction,
  document: Signed<Grant>,
  addresses: readonly string[] | undefined,
): Promise<void> {
  const { agreement, grantVersion, resource, consumer, validFrom, validTo } = document.body;
  await trx('grants').insert({
    agreement,
    grant_version: grantVersion,
    resource,
    consumer,
    valid_from: validFrom,
    valid_to: validTo,
    document: JSON.stringify(document),
    addresses: addresses ? JSON.stringify(addresses) : null,
  });
}

export async function endGrant(
  trx: Knex.Transaction,
  grant: { readonly agreement: string; readonly grant_version: number },
  end: { readonly at: string; readonly change: GrantChange['change']; readonly reason: string },
): Promise<void> {
  const { agreement, grant_version } = grant;
  await trx('grants')
    .where({ agreement, grant_version, ended_at: null })
    .update({ ended_at: end.at, end_change: end.change, end_reason: end.reason });
}
