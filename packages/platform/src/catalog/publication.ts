import { type CatalogResource, checkResource, type Finding, holdsFiles } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import { platformErrors } from '../errors.js';
import type { AuditEntry, AwaitedEntries, PolicyService } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { indexItems } from './duplicates/index-items.js';
import { noteDuplicates } from './duplicates/note-duplicates.js';
import { catalogErrors } from './errors.js';
import { liftWithdrawal } from './lifecycle/store.js';
import type { StatutoryDuties } from './lists/statutory.js';
import { statutoryLines } from './lists/store.js';
import type { ProjectDuties } from './project-duties.js';
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
   * Publishes; the platform gives the schema version. What is there already changes nothing, but for a withdrawal that ends; a change
   * closes duties to bring the entry up to date, and what is published now those to have what laws ask for (R017). Throws QZ_PLATFORM_CONTENT_CHANGED, QZ_PLATFORM_OTHER_DEPARTMENT.
   */
  put(trx: Knex.Transaction, caller: PersonCaller, resource: CatalogResource): Promise<Revision>;
  /** Publishes the entry as another department's; whether it is withdrawn and what is owed of it stay as they are. */
  reassign(
    trx: Knex.Transaction,
    caller: PersonCaller,
    before: Revision,
    resource: CatalogResource,
  ): Promise<Revision>;
}

export function createPublication(
  { db, audit, now, region }: PlatformContext,
  departments: Departments,
  policies: PolicyService,
  updates: UpdateDuties,
  statutory: Pick<StatutoryDuties, 'published'>,
  projects: ProjectDuties,
  awaited: AwaitedEntries,
): Publication {
  async function findings(resource: CatalogResource, complete: boolean): Promise<Finding[]> {
    const { police } = await departments.require(resource.department);
    const { legalBasisRequiredFor } = await policies.current();
    const lines = await statutoryLines(db, resource);
    return checkResource(resource, { police, complete, legalBasisRequiredFor, region, statutory: lines });
  }

  const recordPublication = (
    trx: Knex.Transaction,
    actor: PersonCaller,
    object: string,
    details: AuditEntry['details'],
  ) => audit.record({ actor, action: 'catalog.publish', object, outcome: 'done', details }, trx);

  /** The next revision; the one before where nothing differs. */
  async function revise(
    trx: Knex.Transaction,
    caller: PersonCaller,
    before: Revision | undefined,
    input: CatalogResource,
  ): Promise<Revision> {
    const next = before && nextRevision(before.resource, input);
    const resource = { ...input, schemaVersion: next?.schemaVersion ?? 1 };
    if (before && same(before.resource, resource)) return before;
    const revision = (before?.revision ?? 0) + 1;
    const at = now().toISOString();
    const made: Revision = {
      revision,
      basis: before && next?.wordsOnly ? before.basis : revision,
      resource,
      publishedBy: caller.account,
      publishedAt: at,
    };
    await insertRevision(trx, made);
    await indexItems(trx, resource);
    await noteDuplicates(trx, resource, at);
    return made;
  }

  return {
    findings,

    async requireCorrect(resource, complete) {
      refuseErrors(resource.code, await findings(resource, complete));
    },

    async put(trx, caller, input) {
      const { code } = input;
      const before = await currentRevision(trx, code);
      // a draft, or a publication at the same time, may have begun while the code was nobody's
      const { account } = caller;
      const { department } = before?.resource ?? input;
      if (department !== input.department)
        throw platformErrors.OTHER_DEPARTMENT({ account, department, what: 'catalog' });
      if (before && holdsFiles(before.resource) !== holdsFiles(input)) {
        throw catalogErrors.CONTENT_CHANGED({ resource: code });
      }
      const lifted = await liftWithdrawal(trx, code, now().toISOString());
      const made = await revise(trx, caller, before, input);
      const note = `revision ${made.revision}`;
      if (made !== before) await updates.settle(trx, code, note, caller);
      await statutory.published(trx, caller, code, note);
      await awaited.published(trx, made.resource, caller);
      if (made === before && !lifted) return made;
      await projects.follow(trx, code, made.resource, caller);
      const { schemaVersion, items } = made.resource;
      await recordPublication(trx, caller, code, { schemaVersion, items: items.length });
      return made;
    },

    reassign: revise,
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
