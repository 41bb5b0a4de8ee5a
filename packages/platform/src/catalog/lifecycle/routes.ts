import { type CatalogStep, compareEntries, personRoutes } from '@qianzhi/model';
import type { EndAgreements } from '../../ports.js';
import type { PlatformContext } from '../../server/context.js';
import type { Api } from '../../server/serve.js';
import { catalogErrors } from '../errors.js';
import { requireOwn } from '../publication.js';
import { allRevisions, providerOf } from '../store.js';
import type { Drafts } from './drafts.js';
import { withdraw } from './withdrawals.js';

const stepRoutes = [
  ['submit', personRoutes.submitCatalog],
  ['verify', personRoutes.verifyCatalog],
  ['register', personRoutes.registerCatalog],
  ['publish', personRoutes.releaseCatalog],
  ['discard', personRoutes.discardCatalog],
] as const satisfies readonly (readonly [CatalogStep, unknown])[];

export function bindCatalogLifecycle(
  api: Api,
  { db, audit, now }: PlatformContext,
  drafts: Drafts,
  agreements: EndAgreements,
  reviewsRequired: boolean,
): void {
  api.servePerson(personRoutes.draftCatalog, ({ caller, param, body }) =>
    drafts.draft(caller, param('code'), body),
  );
  api.servePerson(personRoutes.draftWithdrawal, ({ caller, param, body }) =>
    drafts.draftWithdrawal(caller, param('code'), body),
  );
  for (const [step, route] of stepRoutes) {
    api.servePerson(route, ({ caller, param, body }) => drafts.take(caller, param('code'), step, body.note));
  }
  api.servePerson(personRoutes.returnCatalog, ({ caller, param, body }) =>
    drafts.take(caller, param('code'), 'return', body.reason),
  );
  api.servePerson(personRoutes.listDrafts, async ({ caller, query }) => ({
    drafts: await drafts.list(caller, query.state),
  }));
  api.servePerson(personRoutes.showDraft, ({ caller, param }) => drafts.show(caller, param('code')));
  api.servePerson(personRoutes.listRevisions, async ({ param }) => {
    const revisions = await allRevisions(db, param('code'));
    if (revisions.length === 0) throw catalogErrors.RESOURCE_UNKNOWN({ resource: param('code') });
    const told = revisions.map(({ basis: _, ...shown }, place) => {
      const before = revisions[place - 1];
      return { ...shown, changes: before ? compareEntries(before.resource, shown.resource) : [] };
    });
    return { revisions: told.reverse() };
  });
  api.servePerson(personRoutes.withdrawCatalog, async ({ caller, param, body }) => {
    const code = param('code');
    const provider = await providerOf(db, code);
    if (provider === undefined) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
    requireOwn(caller, provider);
    if (reviewsRequired) throw catalogErrors.CATALOG_REVIEWS_REQUIRED({ resource: code });
    const done = await db.transaction((trx) => withdraw(trx, { audit, now, agreements }, caller, code, body));
    done.announce();
    return { code, withdrawal: body, endedAgreements: [...done.ended] };
  });
}
