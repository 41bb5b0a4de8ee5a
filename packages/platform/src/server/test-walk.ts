/** For tests: every route, and whose data it touches. A new route is listed here, or a test fails. */
import type { PlatformClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { requestWalk } from './test-request-walk.js';
import { catalogWalk } from './test-walk-catalog.js';
import { ofMz, type Walk } from './test-walk-kinds.js';

export const stream = { resource: 'social_group', agent: 'mz-1', epoch: 1 };
const contact = { id: 'mz', role: 'leader' };
const session: Walk = { of: 'caller', why: 'the own session' };
const platform: Walk = { of: 'platform' };

const ofAgreement = (touch: (client: PlatformClient, id: string) => Promise<unknown>): Walk => ({
  of: 'objects',
  own: 'mz',
  refused: 'QZ_PLATFORM_AGREEMENT_UNKNOWN',
  touch: (client, { agreement }) => touch(client, agreement),
});
const ofDuty = (touch: (client: PlatformClient, id: string) => Promise<unknown>): Walk => ({
  of: 'objects',
  own: 'mz',
  refused: 'QZ_PLATFORM_DUTY_UNKNOWN',
  touch: (client, { duty }) => touch(client, duty),
});
const listOf = (own: string, count: (client: PlatformClient) => Promise<readonly unknown[]>): Walk => ({
  of: 'list',
  own,
  count: async (client) => (await count(client)).length,
});
export const downloads: Walk = {
  of: 'elsewhere',
  file: 'download/downloads.test.ts',
  says: 'QZ_PLATFORM_DOWNLOAD_UNKNOWN',
};
const scenarios: Walk = {
  of: 'elsewhere',
  file: 'agreement/scenarios/scenarios.test.ts',
  says: 'SCENARIO_COMPETENT_ONLY',
};
const packages: Walk = {
  of: 'elsewhere',
  file: '../../../test/integration/packages.test.ts',
  says: 'personRoutes.listPackages',
};

export const personWalk: Readonly<Record<string, Walk>> = {
  signOut: session,
  whoAmI: session,
  beginTotp: session,
  confirmTotp: session,
  listDepartments: { of: 'everybody', why: 'departments are known to all' },
  putDepartment: platform,
  roster: { of: 'everybody', why: 'the roster is published (R082)' },
  contacts: { of: 'everybody', why: 'the roster is published (R082)' },
  putContact: ofMz((client) =>
    client.call(personRoutes.putContact, {
      params: contact,
      body: { name: '王局', phone: '12345', title: '' },
    }),
  ),
  vacateContact: ofMz((client) =>
    client.call(personRoutes.vacateContact, { params: contact, body: { reason: '调离' } }),
  ),
  departmentAccess: ofMz((client) => client.call(personRoutes.departmentAccess, { params: { id: 'mz' } })),
  recordAccessStep: platform,
  policyInForce: { of: 'everybody', why: 'the regulation is the same for all' },
  usePolicy: platform,
  listDuties: listOf(
    'mz',
    async (client) =>
      (await client.call(personRoutes.listDuties, { query: { closed: false, limit: 10 } })).duties,
  ),
  showDuty: ofDuty((client, id) => client.call(personRoutes.showDuty, { params: { id } })),
  dutyHistory: ofDuty((client, id) => client.call(personRoutes.dutyHistory, { params: { id } })),
  showCalendar: { of: 'everybody', why: 'working days are the same for all' },
  enterYear: platform,
  overrideDay: platform,
  clearDay: platform,
  listAccounts: listOf('mz', async (client) =>
    (await client.call(personRoutes.listAccounts, {})).accounts.filter(
      ({ department }) => department === 'mz',
    ),
  ),
  createAccount: platform,
  changeAccount: platform,
  listAgents: listOf('mz', async (client) =>
    (await client.call(personRoutes.listAgents, {})).agents.filter(({ department }) => department === 'mz'),
  ),
  invite: platform,
  revokeAgent: platform,
  ...catalogWalk,
  listWaivers: { of: 'everybody', why: 'the catalog is for all to read' },
  waiveSupply: {
    of: 'elsewhere',
    file: 'catalog/waivers/waivers.test.ts',
    says: "refused('OTHER_DEPARTMENT')",
  },
  endWaiver: {
    of: 'elsewhere',
    file: 'catalog/waivers/waivers.test.ts',
    says: "refused('OTHER_DEPARTMENT')",
  },
  apply: { of: 'caller', why: 'for the own department, which nobody names' },
  listAgreements: listOf(
    'sw',
    async (client) => (await client.call(personRoutes.listAgreements, { query: {} })).agreements,
  ),
  showAgreement: ofAgreement((client, id) => client.call(personRoutes.showAgreement, { params: { id } })),
  approve: ofAgreement((client, id) => client.call(personRoutes.approve, { params: { id }, body: {} })),
  refuse: ofAgreement((client, id) =>
    client.call(personRoutes.refuse, { params: { id }, body: { reason: '无' } }),
  ),
  revoke: {
    of: 'objects',
    own: 'mz',
    refused: 'QZ_PLATFORM_AGREEMENT_UNKNOWN',
    touch: (client, { revocable: id }) =>
      client.call(personRoutes.revoke, { params: { id }, body: { reason: '无' } }),
  },
  suspend: {
    of: 'objects',
    own: 'mz',
    refused: 'QZ_PLATFORM_AGREEMENT_UNKNOWN',
    touch: (client, { revocable: id }) =>
      client.call(personRoutes.suspend, { params: { id }, body: { reason: '无' } }),
  },
  resume: ofAgreement((client, id) =>
    client.call(personRoutes.resume, { params: { id }, body: { reason: '无' } }),
  ),
  showMatter: ofAgreement((client, id) => client.call(personRoutes.showMatter, { params: { id } })),
  forwardApplication: ofAgreement((client, id) =>
    client.call(personRoutes.forwardApplication, { params: { id }, body: {} }),
  ),
  returnApplication: ofAgreement((client, id) =>
    client.call(personRoutes.returnApplication, { params: { id }, body: { missing: '无' } }),
  ),
  completeApplication: ofAgreement((client, id) =>
    client.call(personRoutes.completeApplication, { params: { id }, body: { note: '无' } }),
  ),
  withdrawApplication: ofAgreement((client, id) =>
    client.call(personRoutes.withdrawApplication, { params: { id }, body: { reason: '无' } }),
  ),
  signConfidentiality: ofAgreement((client, id) =>
    client.call(personRoutes.signConfidentiality, { params: { id }, body: { text: '无', signatory: '无' } }),
  ),
  negotiate: ofAgreement((client, id) =>
    client.call(personRoutes.negotiate, { params: { id }, body: { reason: '无' } }),
  ),
  openReview: ofAgreement((client, id) =>
    client.call(personRoutes.openReview, { params: { id }, body: { record: '无' } }),
  ),
  rule: ofAgreement((client, id) =>
    client.call(personRoutes.rule, { params: { id }, body: { outcome: 'share', record: '无' } }),
  ),
  fileAgreement: ofAgreement((client, id) =>
    client.call(personRoutes.fileAgreement, { params: { id }, body: { number: '无' } }),
  ),
  makeRequest: { of: 'caller', why: 'for the own department, which nobody names' },
  ...requestWalk,
  agreementForm: ofAgreement((client, id) =>
    client.call(personRoutes.agreementForm, {
      params: { id },
      query: { form: 'application', format: 'html' },
    }),
  ),
  listRulings: { of: 'everybody', why: 'results of negotiations and rulings are published (R071)' },
  listScenarios: { of: 'everybody', why: 'scenarios are published (R078)' },
  publishScenario: scenarios,
  endScenario: scenarios,
  listStreams: listOf(
    'mz',
    async (client) => (await client.call(personRoutes.listStreams, { query: {} })).streams,
  ),
  listBatches: {
    of: 'objects',
    own: 'mz',
    refused: 'QZ_PLATFORM_STREAM_UNKNOWN',
    touch: (client) =>
      client.call(personRoutes.listBatches, { params: stream, query: { after: 0, limit: 10 } }),
  },
  listReceipts: listOf(
    'mz',
    async (client) => (await client.call(personRoutes.listReceipts, { query: { limit: 10 } })).receipts,
  ),
  reconciliation: listOf(
    'mz',
    async (client) => (await client.call(personRoutes.reconciliation, { query: {} })).reconciliations,
  ),
  reconcileReports: {
    of: 'elsewhere',
    file: 'reconciliation/reconciliations.test.ts',
    says: 'personRoutes.reconcileReports',
  },
  listUsage: listOf(
    'sw',
    async (client) => (await client.call(personRoutes.listUsage, { query: { days: 7 } })).usage,
  ),
  listOperations: {
    of: 'elsewhere',
    file: '../../../test/integration/download.test.ts',
    says: 'personRoutes.listOperations',
  },
  listOffers: listOf('sw', async (client) => (await client.call(personRoutes.listOffers, {})).offers),
  requestDownload: downloads,
  listDownloads: downloads,
  showDownload: downloads,
  cancelDownload: downloads,
  linkDownload: downloads,
  trace: platform,
  query: { of: 'elsewhere', file: 'query/queries.test.ts', says: 'QZ_PLATFORM_QUERY_REVOKED' },
  listPackages: packages,
  runPackages: packages,
  listAudit: platform,
  exportAudit: platform,
  auditHeads: platform,
};
