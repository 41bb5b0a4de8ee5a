import { type CatalogEntry, checkResource, type Finding, type SecrecyReview } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import { type WithdrawalRow, withdrawalFrom } from './lifecycle/store.js';
import { type ReviewRow, type Revision, type RevisionRow, reviewFrom, revisionOf } from './store.js';
import { listWaivers } from './waivers/store.js';

/** Resources of one look into each table. */
const AT_ONCE = 500;

/** Current entries in the order of the codes: a look into each table for many of them, however many there are. */
export async function currentEntries(
  db: Knex,
  departments: Pick<Departments, 'all'>,
  codes: readonly string[],
): Promise<CatalogEntry[]> {
  const entries: CatalogEntry[] = [];
  for (let at = 0; at < codes.length; at += AT_ONCE) {
    const some = codes.slice(at, at + AT_ONCE);
    const rows: readonly RevisionRow[] = await db('resource_revisions')
      .join('resources', (on) => {
        on.on('resources.code', 'resource_revisions.code');
        on.andOn('resources.revision', 'resource_revisions.revision');
      })
      .whereIn('resource_revisions.code', some)
      .select('resource_revisions.*');
    entries.push(...(await entriesOf(db, departments, rows.map(revisionOf))));
  }
  const place = new Map(codes.map((code, at) => [code, at]));
  return entries.sort((a, b) => place.get(a.resource.code)! - place.get(b.resource.code)!);
}

/** What is known of each revision, in their order. */
export async function entriesOf(
  db: Knex,
  departments: Pick<Departments, 'all'>,
  revisions: readonly Revision[],
): Promise<CatalogEntry[]> {
  const codes = revisions.map(({ resource }) => resource.code);
  const police = new Set((await departments.all()).filter((one) => one.police).map(({ id }) => id));
  const versions = grouped<{ code: string; schema_version: number }>(
    await db('resource_revisions')
      .whereIn('code', codes)
      .distinct('code', 'schema_version')
      .orderBy('schema_version'),
  );
  const reviews = grouped<ReviewRow>(
    await db('secrecy_reviews').whereIn('code', codes).orderBy('seq', 'desc'),
  );
  const suppliers = grouped<{ code: string; agent: string }>(
    await db('supply_duties')
      .whereIn('resource', codes)
      .where({ ended_at: null })
      .orderBy('agent')
      .select({ code: 'resource' }, 'agent'),
  );
  const withdrawals = grouped<WithdrawalRow>(
    await db('catalog_withdrawals').whereIn('code', codes).whereNull('lifted_at'),
  );
  const waivers = new Map(
    (await listWaivers(db, { resources: codes })).map((waiver) => [waiver.resource, waiver]),
  );
  return revisions.map(({ resource, basis, publishedBy, publishedAt }) => {
    const { code, department } = resource;
    const review = reviews.get(code)?.find(({ revision }) => revision >= basis);
    return {
      resource,
      publishedBy,
      publishedAt,
      versions: (versions.get(code) ?? []).map((row) => row.schema_version),
      secrecyReview: review ? (reviewFrom(review) satisfies SecrecyReview) : null,
      withdrawn: withdrawalFrom(withdrawals.get(code)?.[0]),
      suppliers: (suppliers.get(code) ?? []).map(({ agent }) => agent),
      waiver: waivers.get(code) ?? null,
      warnings: checkResource(resource, { police: police.has(department) }).map(warningOf),
    };
  });
}

function grouped<R extends { readonly code: string }>(rows: readonly R[]): Map<string, R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const group = groups.get(row.code);
    if (group) group.push(row);
    else groups.set(row.code, [row]);
  }
  return groups;
}

function warningOf({ code, texts }: Finding): { code: string; zh: string; en: string } {
  return { code, zh: texts.zh, en: texts.en };
}
