/** For tests: routes of the catalog, and whose data each touches. */
import { personRoutes } from '@qianzhi/model';
import { socialGroup } from './test-platform.js';
import { ofMz, type Walk } from './test-walk-kinds.js';
import type { World } from './test-world.js';

const code = { code: 'social_group' };
const drafted = { code: 'drafted' };
/** Written anew where it is there. */
const draft = async (world: World) =>
  (await world.person('mz', 'catalog-editor')).call(personRoutes.draftCatalog, {
    params: drafted,
    body: socialGroup(drafted),
  });
const lifecycle = {
  of: 'elsewhere',
  file: 'catalog/lifecycle/lifecycle.test.ts',
  says: 'QZ_PLATFORM_OTHER_DEPARTMENT',
} as const satisfies Walk;
const transfers: Walk = { ...lifecycle, file: 'catalog/lifecycle/transfers.test.ts' };

export const catalogWalk: Readonly<Record<string, Walk>> = {
  listCatalog: { of: 'everybody', why: 'the catalog is for all to read' },
  showCatalog: { of: 'everybody', why: 'the catalog is for all to read' },
  publishCatalog: ofMz((client) =>
    client.call(personRoutes.publishCatalog, { params: code, body: socialGroup() }),
  ),
  draftCatalog: lifecycle,
  draftWithdrawal: lifecycle,
  draftTransfer: transfers,
  submitCatalog: lifecycle,
  verifyCatalog: lifecycle,
  registerCatalog: lifecycle,
  releaseCatalog: lifecycle,
  discardCatalog: lifecycle,
  returnCatalog: lifecycle,
  listDrafts: {
    of: 'list',
    own: 'mz',
    async count(client, world) {
      await draft(world);
      return (await client.call(personRoutes.listDrafts, { query: {} })).drafts.length;
    },
  },
  showDraft: {
    of: 'objects',
    own: 'mz',
    refused: 'QZ_PLATFORM_DRAFT_UNKNOWN',
    async touch(client, world) {
      await draft(world);
      return client.call(personRoutes.showDraft, { params: drafted });
    },
  },
  transferCatalog: transfers,
  confirmCatalog: ofMz((client) =>
    client.call(personRoutes.confirmCatalog, { params: code, body: { reason: '已核对' } }),
  ),
  registerProject: ofMz((client) =>
    client.call(personRoutes.registerProject, {
      params: code,
      body: { number: 'A1', acceptedOn: '2026-01-05' },
    }),
  ),
  withdrawCatalog: lifecycle,
  openCatalogUpdate: ofMz((client) => {
    const body = { resources: [code.code], event: 'law-revised' as const, note: '条例修订' };
    return client.call(personRoutes.openCatalogUpdate, { body });
  }),
  listRevisions: { of: 'everybody', why: 'the catalog is for all to read' },
  importCatalog: ofMz((client) =>
    client.call(personRoutes.importCatalog, { body: { resources: [socialGroup()] } }),
  ),
  checkImport: { of: 'caller', why: 'what is of others is only told to be' },
  departmentLists: { of: 'everybody', why: 'the catalog is for all to read' },
  putDepartmentList: { of: 'caller', why: 'of the own department, which nobody names' },
  listDuplicates: { of: 'everybody', why: 'the catalog is for all to read' },
  decideSource: {
    of: 'elsewhere',
    file: 'catalog/duplicates/duplicates.test.ts',
    says: 'QZ_PLATFORM_COMPETENT_ONLY',
  },
  reviewSecrecy: ofMz((client) =>
    client.call(personRoutes.reviewSecrecy, { params: code, body: { result: 'passed', note: '' } }),
  ),
  assignSupply: ofMz((client) =>
    client.call(personRoutes.assignSupply, { params: code, body: { agent: 'mz-1' } }),
  ),
};
