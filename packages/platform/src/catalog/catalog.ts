import { randomUUID } from 'node:crypto';
import {
  type CatalogEntry,
  type CatalogResource,
  chinaDay,
  type Payload,
  type personRoutes,
  type SecrecyReview,
} from '@qianzhi/model';
import type { Departments } from '../department/departments.js';
import type { CatalogOffers, CatalogService, OrderNews } from '../ports.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Duties } from './duties.js';
import { currentEntries, entriesOf } from './entries.js';
import { catalogErrors } from './errors.js';
import { withdrawalOf } from './lifecycle/store.js';
import { requireOwn } from './own.js';
import type { Publication } from './publication.js';
import { type CatalogFilter, findCodes } from './search/find-codes.js';
import {
  currentRevision,
  insertReview,
  providerOf,
  type Revision,
  reviewOf,
  schemaVersions,
} from './store.js';
import { standingWaiver } from './waivers/store.js';

type Review = Payload<(typeof personRoutes.reviewSecrecy)['body']>;

export interface Catalog extends CatalogService, CatalogOffers {
  /** In the order of codes; a page where a limit is given, else all. */
  list(query: CatalogFilter): Promise<{ resources: CatalogEntry[]; next: string | null }>;
  /** Throws QZ_PLATFORM_RESOURCE_UNKNOWN or _RESOURCE_VERSION_UNKNOWN. */
  show(code: string, schemaVersion?: number): Promise<CatalogEntry>;
  /**
   * Publishes a resource of the caller's department; the platform gives the schema version. Publishing what is
   * there already changes nothing. Throws QZ_PLATFORM_CATALOG_REFUSED naming every finding of level error, _CONTENT_CHANGED,
   * and _CATALOG_REVIEWS_REQUIRED where every entry goes through its reviews.
   */
  publish(caller: PersonCaller, code: string, resource: CatalogResource): Promise<CatalogEntry>;
  reviewSecrecy(caller: PersonCaller, code: string, review: Review): Promise<SecrecyReview>;
  /** Throws QZ_PLATFORM_SECRECY_REVIEW_MISSING, _SUPPLIER_NOT_ENROLLED or _SUPPLY_WAIVED. */
  assignSupply(caller: PersonCaller, code: string, agent: string): Promise<CatalogEntry>;
}

export function createCatalog(
  context: PlatformContext,
  departments: Departments,
  duties: Duties,
  enrolledDepartment: (agent: string) => Promise<string | undefined>,
  news: OrderNews,
  publication: Publication,
  reviewsRequired: boolean,
): Catalog {
  const { db, audit, now } = context;

  async function required(code: string): Promise<Revision> {
    const revision = await currentRevision(db, code);
    if (!revision) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
    return revision;
  }

  async function entryOf(revision: Revision): Promise<CatalogEntry> {
    const [entry] = await entriesOf(db, departments, [revision]);
    return entry!;
  }

  async function show(code: string, schemaVersion?: number): Promise<CatalogEntry> {
    const current = await required(code);
    if (schemaVersion === undefined) return entryOf(current);
    const found = (await schemaVersions(db, code)).find(
      (revision) => revision.resource.schemaVersion === schemaVersion,
    );
    if (!found) throw catalogErrors.RESOURCE_VERSION_UNKNOWN({ resource: code, version: schemaVersion });
    return entryOf(found);
  }

  async function versions(code: string): Promise<readonly CatalogResource[]> {
    return (await schemaVersions(db, code)).map((revision) => revision.resource);
  }

  return {
    show,
    versions,
    provider: (code) => providerOf(db, code),
    current: async (code) => (await currentRevision(db, code))?.resource,
    async offered(code) {
      const { resource } = await required(code);
      const withdrawn = await withdrawalOf(db, code);
      if (withdrawn) throw catalogErrors.RESOURCE_WITHDRAWN({ resource: code, reason: withdrawn.reason });
      return resource;
    },
    resource: async (code, schemaVersion) =>
      (await versions(code)).find((version) => version.schemaVersion === schemaVersion),

    async list(query) {
      const limit = query.limit === undefined ? undefined : query.limit + 1;
      const codes = await findCodes(db, { ...query, limit }, chinaDay(now()));
      const more = limit !== undefined && codes.length === limit;
      const page = more ? codes.slice(0, -1) : codes;
      return {
        resources: await currentEntries(db, departments, page),
        next: more ? page.at(-1)! : null,
      };
    },

    async publish(caller, code, input) {
      if (input.code !== code) throw catalogErrors.RESOURCE_CODE_DIFFERS({ path: code, body: input.code });
      requireOwn(caller, input.department);
      requireOwn(caller, (await providerOf(db, code)) ?? input.department);
      if (reviewsRequired) throw catalogErrors.CATALOG_REVIEWS_REQUIRED({ resource: code });
      await publication.requireCorrect(input, false);
      const published = await db.transaction((trx) => publication.put(trx, caller, input));
      news.ofResource(published.resource);
      return entryOf(published);
    },

    async reviewSecrecy(caller, code, { result, note }) {
      const { resource, revision } = await required(code);
      if (!(hasRole(caller, 'security-officer') && caller.department === null)) {
        requireOwn(caller, resource.department);
      }
      const review: SecrecyReview = {
        id: randomUUID(),
        resource: code,
        schemaVersion: resource.schemaVersion,
        result,
        note,
        reviewer: caller.account,
        reviewedAt: now().toISOString(),
      };
      await db.transaction(async (trx) => {
        await insertReview(trx, review, revision);
        if (result === 'passed') await duties.renew(trx, code, resource.department, review.id);
        const details = { result, schemaVersion: resource.schemaVersion };
        await audit.record(
          { actor: caller, action: 'catalog.review', object: code, outcome: 'done', details },
          trx,
        );
      });
      news.ofResource(resource);
      return review;
    },

    async assignSupply(caller, code, agent) {
      const revision = await required(code);
      const { department, schemaVersion } = revision.resource;
      requireOwn(caller, department);
      const waiver = await standingWaiver(db, code);
      if (waiver) throw catalogErrors.SUPPLY_WAIVED({ resource: code, upper: waiver.upper });
      const review = await reviewOf(db, revision);
      if (review?.result !== 'passed') {
        throw catalogErrors.SECRECY_REVIEW_MISSING({ resource: code, version: schemaVersion, agent });
      }
      if ((await enrolledDepartment(agent)) !== department) {
        throw catalogErrors.SUPPLIER_NOT_ENROLLED({ agent, department });
      }
      if (!(await duties.duty(code, agent))) {
        await db.transaction(async (trx) => {
          await duties.order(trx, { resource: code, department, agent, review: review.id });
          const details = { agent, review: review.id };
          await audit.record(
            { actor: caller, action: 'supply.assign', object: code, outcome: 'done', details },
            trx,
          );
        });
        news.ofResource(revision.resource);
      }
      return entryOf(revision);
    },
  };
}
