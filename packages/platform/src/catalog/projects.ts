import { type CatalogDraft, type CatalogEntry, chinaDay } from '@qianzhi/model';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Catalog } from './catalog.js';
import { catalogErrors } from './errors.js';
import type { Drafts } from './lifecycle/drafts.js';
import { requireOwn } from './own.js';
import { currentRevision } from './store.js';

export interface Acceptance {
  readonly number: string;
  readonly acceptedOn: string;
}

/**
 * Registers at its acceptance what was pre-compiled for a project (R014): published at once, or a draft where the platform asks for reviews.
 * Throws QZ_PLATFORM_RESOURCE_UNKNOWN, _OTHER_DEPARTMENT, _PROJECT_NOT_PRECOMPILED, _ACCEPTANCE_AHEAD.
 */
export type RegisterProject = (
  caller: PersonCaller,
  code: string,
  acceptance: Acceptance,
) => Promise<{ entry: CatalogEntry | null; draft: CatalogDraft | null }>;

export function createRegisterProject(
  { db, now }: Pick<PlatformContext, 'db' | 'now'>,
  catalog: Pick<Catalog, 'publish'>,
  drafts: Pick<Drafts, 'draft'>,
  reviewsRequired: boolean,
): RegisterProject {
  return async (caller, code, { number, acceptedOn }) => {
    const current = await currentRevision(db, code);
    if (!current) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
    const { resource } = current;
    requireOwn(caller, resource.department);
    const { project } = resource;
    if (project?.stage !== 'pre-compiled') throw catalogErrors.PROJECT_NOT_PRECOMPILED({ resource: code });
    if (acceptedOn > chinaDay(now()))
      throw catalogErrors.ACCEPTANCE_AHEAD({ resource: code, day: acceptedOn });
    const registered = { ...project, stage: 'registered' as const, number, acceptedOn };
    const changed = { ...resource, project: registered };
    return reviewsRequired
      ? { entry: null, draft: await drafts.draft(caller, code, changed) }
      : { entry: await catalog.publish(caller, code, changed), draft: null };
  };
}
