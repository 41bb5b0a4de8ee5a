import type { CatalogResource, SecrecyReview } from '@qianzhi/model';
import type { Knex } from 'knex';
import { remember } from '../database/remember.js';
import { indexResource, listedColumns } from './search/index-text.js';

/** One publication of a resource. */
export interface Revision {
  readonly revision: number;
  /** Since this revision only words have changed: a review from it on is still good. */
  readonly basis: number;
  readonly resource: CatalogResource;
  readonly publishedBy: string;
  readonly publishedAt: string;
}

export interface RevisionRow {
  readonly code: string;
  readonly revision: number;
  readonly schema_version: number;
  readonly basis: number;
  readonly document: string;
  readonly published_by: string;
  readonly published_at: string;
}

export interface ReviewRow {
  readonly id: string;
  readonly code: string;
  readonly revision: number;
  readonly schema_version: number;
  readonly result: 'passed' | 'failed';
  readonly note: string;
  readonly reviewer: string;
  readonly reviewed_at: string;
}

export async function providerOf(db: Knex, code: string): Promise<string | undefined> {
  const row: { department: string } | undefined = await db('resources').where({ code }).first('department');
  return row?.department;
}

export async function currentRevision(db: Knex, code: string): Promise<Revision | undefined> {
  return remember(db, ['resource_revisions'], ['current', code], async () => {
    const newest = db('resource_revisions').where({ code }).orderBy('revision', 'desc');
    const row: RevisionRow | undefined = await newest.first();
    return row && revisionOf(row);
  });
}

/** The newest wording of each schema version, oldest version first. */
export async function schemaVersions(db: Knex, code: string): Promise<readonly Revision[]> {
  return remember(db, ['resource_revisions'], ['versions', code], async () => {
    const rows: readonly RevisionRow[] = await db('resource_revisions').where({ code }).orderBy('revision');
    return [...new Map(rows.map((row) => [row.schema_version, revisionOf(row)])).values()];
  });
}

/** Every publication, oldest first. */
export async function allRevisions(db: Knex, code: string): Promise<readonly Revision[]> {
  return (await db('resource_revisions').where({ code }).orderBy('revision')).map(revisionOf);
}

export async function insertRevision(trx: Knex.Transaction, next: Revision): Promise<void> {
  const { resource, revision } = next;
  const { code, department } = resource;
  const head = { code, department, revision, ...listedColumns(resource) };
  await trx('resources').insert(head).onConflict('code').merge();
  await indexResource(trx, resource);
  await trx('resource_revisions').insert({
    code,
    revision,
    schema_version: resource.schemaVersion,
    basis: next.basis,
    document: JSON.stringify(resource),
    published_by: next.publishedBy,
    published_at: next.publishedAt,
  });
}

export async function insertReview(
  trx: Knex.Transaction,
  review: SecrecyReview,
  revision: number,
): Promise<void> {
  await trx('secrecy_reviews').insert({
    id: review.id,
    code: review.resource,
    revision,
    schema_version: review.schemaVersion,
    result: review.result,
    note: review.note,
    reviewer: review.reviewer,
    reviewed_at: review.reviewedAt,
  });
}

/** The review that speaks of the revision: the latest since anything but words changed. */
export async function reviewOf(db: Knex, { resource, basis }: Revision): Promise<SecrecyReview | undefined> {
  const { code } = resource;
  const row = await remember(
    db,
    ['secrecy_reviews'],
    ['review', code, basis],
    async (): Promise<ReviewRow | undefined> =>
      db('secrecy_reviews').where({ code }).andWhere('revision', '>=', basis).orderBy('seq', 'desc').first(),
  );
  return row && reviewFrom(row);
}

export function reviewFrom(row: ReviewRow): SecrecyReview {
  return {
    id: row.id,
    resource: row.code,
    schemaVersion: row.schema_version,
    result: row.result,
    note: row.note,
    reviewer: row.reviewer,
    reviewedAt: row.reviewed_at,
  };
}

export function revisionOf(row: RevisionRow): Revision {
  return {
    revision: row.revision,
    basis: row.basis,
    resource: JSON.parse(row.document) as CatalogResource,
    publishedBy: row.published_by,
    publishedAt: row.published_at,
  };
}
