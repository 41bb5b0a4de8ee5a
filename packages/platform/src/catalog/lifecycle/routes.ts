import { type CatalogStep, compareEntries, personRoutes } from '@qianzhi/model';
import type { Departments } from '../../department/departments.js';
import type { PlatformContext } from '../../server/context.js';
import type { Api } from '../../server/serve.js';
import { catalogErrors } from '../errors.js';
import { requireOwn } from '../own.js';
import { allRevisions, providerOf } from '../store.js';
import type { DraftPorts, Drafts } from './drafts.js';
import { lifecycleErrors } from './errors.js';
import { transfer, transferred } from './transfers.js';
import { withdraw } from './withdrawals.js';

const stepRoutes = [
  ['submit', personRoutes.submitCatalog],
  ['verify', personRoutes.verifyCatalog],
  ['register', personRoutes.registerCatalog],
  ['publish', personRoutes.releaseCatalog],
  ['discard', personRoutes.discardCatalog],
] as const satisfies readonly (readonly [CatalogStep, unknown])[];

const transferWord = { zh: '变更责任部门', en: 'change its responsible department' };

export function bindCatalogLifecycle(
  api: Api,
  { db }: Pick<PlatformContext, 'db'>,
  drafts: Drafts,
  departments: Departments,
  ports: DraftPorts,
  reviewsRequired: boolean,
): void {
  const { updates } = ports;
  api.servePerson(personRoutes.draftCatalog, ({ caller, param, body }) =>
    drafts.draft(caller, param('code'), body),
  );
  api.servePerson(personRoutes.draftWithdrawal, ({ caller, param, body }) =>
    drafts.draftWithdrawal(caller, param('code'), body),
  );
  api.servePerson(personRoutes.draftTransfer, ({ caller, param, body }) =>
    drafts.draftTransfer(caller, param('code'), body),
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
  api.servePerson(personRoutes.openCatalogUpdate, async ({ caller, body: { resources, event, note } }) => ({
    duties: await updates.open(caller, resources, event, note),
  }));
  api.servePerson(personRoutes.confirmCatalog, async ({ caller, param, body }) => {
    const code = param('code');
    return { code, closed: await updates.confirm(caller, code, body.reason) };
  });
  api.servePerson(personRoutes.withdrawCatalog, async ({ caller, param, body }) => {
    const code = param('code');
    const provider = await providerOf(db, code);
    if (provider === undefined) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
    requireOwn(caller, provider);
    if (reviewsRequired) throw catalogErrors.CATALOG_REVIEWS_REQUIRED({ resource: code });
    const done = await db.transaction((trx) => withdraw(trx, ports, caller, code, body));
    done.announce();
    return { code, withdrawal: body, endedAgreements: [...done.ended] };
  });
  api.servePerson(personRoutes.transferCatalog, async ({ caller, param, body: { to, reason } }) => {
    const code = param('code');
    const receiver = await departments.require(to);
    const own = caller.department === null ? undefined : await departments.require(caller.department);
    if (!own?.competent)
      throw lifecycleErrors.NOT_COMPETENT({ account: caller.account, resource: code, step: transferWord });
    if (reviewsRequired) throw catalogErrors.CATALOG_REVIEWS_REQUIRED({ resource: code });
    await ports.publication.requireCorrect(await transferred(db, code, receiver), false);
    const done = await db.transaction((trx) => transfer(trx, ports, caller, code, receiver, reason));
    done.announce();
    const { from, renewed, ended } = done;
    return { code, from, to, renewedAgreements: [...renewed], endedAgreements: [...ended] };
  });
}
