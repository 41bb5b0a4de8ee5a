import { type CatalogResource, checkResource, type Finding, holdsFiles } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import { platformErrors } from '../errors.js';
import type { AwaitedEntries, PolicyService } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { indexItems } from './duplicates/index-items.js';
import { noteDuplicates } from './duplicates/note-duplicates.js';
import { catalogErrors } from './errors.js';
import { liftWithdrawal } from './lifecycle/store.js';
import { statutoryLines } from './lists/store.js';
import { nextRevision, same } from './revisions.js';
import { currentRevision, insertRevision, type Revision } from './store.js';
import type { UpdateDuties } from './update-duties.js';

/** How an entry comes into the catalog, whether by one person or at the end of its reviews. */
export interface Publication {
  /** What is wrong with an entry by the policy in force (R021–R024) and the provider's statutory list (R017); `complete`: as one that is to be registered. Throws QZ_PLATFORM_DEPARTMENT_UNKNOWN. */
  findings(resource: CatalogResource, complete: boolean): Promise<Finding[]>;
  /** Throws QZ_PLATFORM_CATALOG_REFUSED naming every finding of level error. */
  requireCorrect(resource: CatalogResource, complete: boolean): Promise<void>;
  /**
   * Publishes; the platform gives the schema version. What is there already changes nothing, but for a withdrawal that ends and duties
   * to bring it up to date, which are done. Throws QZ_PLATFORM_CONTENT_CHANGED, QZ_PLATFORM_OTHER_DEPARTMENT.
   */
  put(trx: Knex.Transaction, caller: PersonCaller, resource: CatalogResource): Promise<Revision>;
}

export function createPublication(
  { db, audit, now, region }: PlatformContext,
  departments: Departments,
  policies: PolicyService,
  updates: UpdateDuties,
  awaited: AwaitedEntries,
): Publication {
  async function findings(resource: CatalogResource, complete: boolean): Promise<Finding[]> {
    const { police } = await departments.require(resource.department);
    const { legalBasisRequiredFor } = await policies.current();
    const statutory = await statutoryLines(db, resource);
    return checkResource(resource, { police, complete, legalBasisRequiredFor, region, statutory });
  }

  return {
    findings,

    async requireCorrect(resource, complete) {
      refuseErrors(resource.code, await findings(resource, complete));
    },

    async put(trx, caller, input) {
      const { code } = input;
      const before = await currentRevision(trx, code);
      const revision = (before?.revision ?? 0) + 1;
      // a draft, or a publication at the same time, may have begun while the code was nobody's
      const { account } = caller;
      const { department } = before?.resource ?? input;
      if (department !== input.department)
        throw platformErrors.OTHER_DEPARTMENT({ account, department, what: 'catalog' });
      if (before && holdsFiles(before.resource) !== holdsFiles(input)) {
        throw catalogErrors.CONTENT_CHANGED({ resource: code });
      }
      const next = before && nextRevision(before.resource, input);
      const resource = { ...input, schemaVersion: next?.schemaVersion ?? 1 };
      const at = now().toISOString();
      const lifted = await liftWithdrawal(trx, code, at);
      const unchanged = before && same(before.resource, resource) ? before : undefined;
      if (unchanged && !lifted) {
        await updates.settle(trx, code, `revision ${unchanged.revision}: unchanged`, caller);
        await awaited.published(trx, unchanged.resource, caller);
        return unchanged;
      }
      const made: Revision = unchanged ?? {
        revision,
        basis: before && next?.wordsOnly ? before.basis : revision,
        resource,
        publishedBy: caller.account,
        publishedAt: at,
      };
      if (!unchanged) {
        await insertRevision(trx, made);
        await indexItems(trx, resource);
        await noteDuplicates(trx, resource, at);
      }
      await updates.settle(trx, code, `revision ${made.revision}`, caller);
      await awaited.published(trx, resource, caller);
      const details = { schemaVersion: resource.schemaVersion, items: resource.items.length };
      await audit.record(
        { actor: caller, action: 'catalog.publish', object: code, outcome: 'done', details },
        trx,
      );
      return made;
    },
  };
}

function refuseErrors(resource: string, findings: readonly Finding[]): void {
  const errors = findings.filter((finding) => finding.level === 'error');
  if (errors.length === 0) return;
  throw catalogErrors.CATALOG_REFUSED({
    resource,
    count: errors.length,
    findings: errors.map(({ code, item }) => (item === undefined ? code : `${code}(${item})`)).join(', '),
    findingsZh: errors.map(({ texts }) => texts.zh).join(';'),
    findingsEn: errors.map(({ texts }) => texts.en).join('; '),
  });
}
