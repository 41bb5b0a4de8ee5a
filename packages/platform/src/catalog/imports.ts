import {
  type CatalogResource,
  type Finding,
  holdsFiles,
  type ImportFinding,
  isQianzhiError,
  type Payload,
  type personRoutes,
} from '@qianzhi/model';
import type { OrderNews } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { catalogErrors } from './errors.js';
import type { Drafts } from './lifecycle/drafts.js';
import { withdrawalOf } from './lifecycle/store.js';
import { requireOwn } from './own.js';
import type { Publication } from './publication.js';
import { same } from './revisions.js';
import { currentRevision, providerOf } from './store.js';

type Imported = Payload<(typeof personRoutes.importCatalog)['response']>;

/** Many entries of the own department, all of them or none: published, or drafted where the platform asks for reviews. */
export interface Imports {
  /** Everything the import would be refused for, and what to look at; changes nothing. */
  check(
    caller: PersonCaller,
    resources: readonly CatalogResource[],
  ): Promise<{ drafts: boolean; findings: ImportFinding[] }>;
  /** Throws what publishing or drafting one of them throws, and QZ_PLATFORM_IMPORT_REPEATS; then nothing is changed. */
  run(caller: PersonCaller, resources: readonly CatalogResource[]): Promise<Imported>;
}

export function createImports(
  { db }: Pick<PlatformContext, 'db'>,
  publication: Publication,
  drafts: Pick<Drafts, 'draftIn' | 'requireFree'>,
  news: OrderNews,
  reviewsRequired: boolean,
): Imports {
  /** What stands in the way beside what is wrong with the entry itself. */
  async function requireFree(caller: PersonCaller, { code, department }: CatalogResource): Promise<void> {
    requireOwn(caller, department);
    requireOwn(caller, (await providerOf(db, code)) ?? department);
    if (reviewsRequired) await drafts.requireFree(db, code, department);
  }

  function requireOnce(resources: readonly CatalogResource[]): void {
    const codes = new Set<string>();
    for (const { code } of resources) {
      if (codes.has(code)) throw catalogErrors.IMPORT_REPEATS({ resource: code });
      codes.add(code);
    }
  }

  async function sameContent(resource: CatalogResource): Promise<void> {
    const before = await currentRevision(db, resource.code);
    if (before && holdsFiles(before.resource) !== holdsFiles(resource))
      throw catalogErrors.CONTENT_CHANGED({ resource: resource.code });
  }

  async function findingsOf(caller: PersonCaller, resource: CatalogResource): Promise<ImportFinding[]> {
    const { code } = resource;
    const found: ImportFinding[] = [];
    try {
      await requireFree(caller, resource);
      await sameContent(resource);
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      const { zh, en } = error.texts;
      found.push({ resource: code, level: 'error', code: error.code, zh: zh.message, en: en.message });
      if (error.code === 'QZ_PLATFORM_OTHER_DEPARTMENT') return found;
    }
    const plain = await publication.findings(resource, false);
    const tell = (level: Finding['level'], { code: name, item, texts }: Finding) =>
      found.push({ resource: code, ...(item !== undefined && { item }), level, code: name, ...texts });
    for (const finding of plain) tell(finding.level, finding);
    // a draft may be filled in until it is submitted
    for (const finding of reviewsRequired ? await publication.findings(resource, true) : [])
      if (!plain.some((one) => one.code === finding.code && one.item === finding.item))
        tell('warning', finding);
    return found;
  }

  return {
    async check(caller, resources) {
      requireOnce(resources);
      const findings: ImportFinding[] = [];
      for (const resource of resources) findings.push(...(await findingsOf(caller, resource)));
      return { drafts: reviewsRequired, findings };
    },

    async run(caller, resources) {
      requireOnce(resources);
      for (const resource of resources) {
        await requireFree(caller, resource);
        await publication.requireCorrect(resource, false);
        if (reviewsRequired) await sameContent(resource);
      }
      const done = await db.transaction(async (trx) => {
        const drafted: string[] = [];
        const published: Imported['published'] = [];
        for (const resource of resources) {
          const { code } = resource;
          const before = await currentRevision(trx, code);
          const { schemaVersion } = before?.resource ?? resource;
          if (!reviewsRequired) {
            const after = await publication.put(trx, caller, resource);
            const change = !before ? 'added' : before.revision === after.revision ? 'unchanged' : 'changed';
            published.push({ code, schemaVersion: after.resource.schemaVersion, change });
          } else if (
            before &&
            same(before.resource, { ...resource, schemaVersion }) &&
            !(await withdrawalOf(trx, code))
          ) {
            published.push({ code, schemaVersion, change: 'unchanged' });
          } else {
            await drafts.draftIn(trx, caller, code, resource);
            drafted.push(code);
          }
        }
        return { published, ...(reviewsRequired && { drafted }) };
      });
      if (!reviewsRequired) for (const resource of resources) news.ofResource(resource);
      return done;
    },
  };
}
