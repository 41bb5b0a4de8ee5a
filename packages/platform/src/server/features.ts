import { createAgreements } from '../agreement/agreements.js';
import { createEndAgreements } from '../agreement/end-all.js';
import { createForms } from '../agreement/forms/forms.js';
import { bindForms } from '../agreement/forms/routes.js';
import { createGranting } from '../agreement/granting.js';
import { createGrants } from '../agreement/grants.js';
import { createHandOver } from '../agreement/hand-over.js';
import { createMatters } from '../agreement/matters/matters.js';
import { createSupplyRests } from '../agreement/matters/supply.js';
import { createOffCatalogRequests } from '../agreement/off-catalog/requests.js';
import { bindOffCatalog } from '../agreement/off-catalog/routes.js';
import { bindAgreements } from '../agreement/routes.js';
import { bindScenarios, createScenarios } from '../agreement/scenarios/scenarios.js';
import { createAssignments } from '../assignment/assignments.js';
import { createOrderWakes } from '../assignment/order-wakes.js';
import { bindAssignments } from '../assignment/routes.js';
import { createAuditArchive } from '../audit/archive.js';
import { createAuditHeads } from '../audit/heads.js';
import { bindAudit } from '../audit/routes.js';
import { createCatalog } from '../catalog/catalog.js';
import { createDuplicates } from '../catalog/duplicates/duplicates.js';
import { createDuties } from '../catalog/duties.js';
import { createImports } from '../catalog/imports.js';
import { createDrafts } from '../catalog/lifecycle/drafts.js';
import { bindCatalogLifecycle } from '../catalog/lifecycle/routes.js';
import { bindDepartmentLists, createDepartmentLists } from '../catalog/lists/lists.js';
import { createStatutoryDuties } from '../catalog/lists/statutory.js';
import { createProjectDuties } from '../catalog/project-duties.js';
import { createRegisterProject } from '../catalog/projects.js';
import { createPublication } from '../catalog/publication.js';
import { bindCatalog, bindDuplicates } from '../catalog/routes.js';
import { fillIndex } from '../catalog/search/index-text.js';
import { createUpdateDuties } from '../catalog/update-duties.js';
import { bindSupplyWaivers, createSupplyWaivers } from '../catalog/waivers/waivers.js';
import { createAccessProcedure } from '../department/access-procedure.js';
import { createContacts } from '../department/contacts.js';
import { createDepartments } from '../department/departments.js';
import { bindDepartments } from '../department/routes.js';
import { openDownloads } from '../download/open-downloads.js';
import { bindDownloads } from '../download/routes.js';
import { createCalendarDesk } from '../duty/calendar-desk.js';
import { createDutyClocks } from '../duty/clocks.js';
import { createDutyLists } from '../duty/duties.js';
import { bindDuties } from '../duty/routes.js';
import { type Exchange, openExchange } from '../exchange/exchange.js';
import { registerExchange } from '../exchange/routes.js';
import { createAccounts } from '../identity/accounts.js';
import { createAgentAuthentication } from '../identity/agent-authentication.js';
import { bindAgentIdentity } from '../identity/agent-routes.js';
import { createAgents } from '../identity/agents.js';
import { createEnrolment } from '../identity/enrolment.js';
import { bindPersonIdentity } from '../identity/person-routes.js';
import { createSessions } from '../identity/sessions.js';
import { createSecondFactor } from '../identity/totp/second-factor.js';
import { openPackages } from '../packages/packages.js';
import { bindPackages } from '../packages/routes.js';
import { openPolicies } from '../policy/policies.js';
import { bindPolicies } from '../policy/routes.js';
import { createQueries } from '../query/queries.js';
import { bindQueries } from '../query/routes.js';
import { createTunnels } from '../query/tunnels.js';
import { createReconciliations } from '../reconciliation/reconciliations.js';
import { bindReconciliations } from '../reconciliation/routes.js';
import { createUsageListings } from '../usage/listings.js';
import { hasMoved } from '../usage/moved.js';
import { bindUsage } from '../usage/routes.js';
import { createUsage } from '../usage/usage.js';
import type { Authenticators } from './api.js';
import type { PlatformConfig } from './config.js';
import type { PlatformContext } from './context.js';
import { createLines, type Lines, lineRoute } from './line/lines.js';
import type { Api } from './serve.js';

/** All features, wired to each other. */
export interface Features {
  readonly authenticators: Authenticators;
  /** A new code while there is no account. */
  firstStartCode(): Promise<string | undefined>;
  bind(api: Api): void;
  readonly lines: Lines;
  readonly exchange: Pick<Exchange, 'storage'>;
  /** Ends background work; resolves when nothing writes any more. */
  close(): Promise<void>;
  /** Work that comes back every minute; each may be repeated at any time. */
  readonly housekeeping: readonly (() => Promise<void>)[];
}

export async function createFeatures(context: PlatformContext, config: PlatformConfig): Promise<Features> {
  await fillIndex(context.db);
  const departments = createDepartments(context.db);
  const secondFactor = createSecondFactor(context, config.totpRoles);
  const accounts = createAccounts(context, departments, secondFactor);
  const sessions = createSessions(context, secondFactor);
  const grants = createGrants(context);
  const orders = createOrderWakes(context, grants);
  const agents = createAgents(context, orders);
  const access = createAccessProcedure(context, departments, config.accessSteps);
  const enrolment = createEnrolment(context, departments, access, config.publicUrl);
  const agentAuthentication = createAgentAuthentication(context);
  const lines = createLines(context, agentAuthentication);
  const policies = await openPolicies(context, config.policy);
  const clocks = createDutyClocks(context, {
    remindDays: config.dutyReminderDays,
    escalateDays: config.dutyEscalationDays,
  });
  const contacts = createContacts(context, departments, { duties: clocks, policy: policies });
  const duties = createDuties(context, agents.enrolledDepartment);
  const updates = createUpdateDuties(context, departments, clocks, policies);
  const projects = createProjectDuties(context, clocks, policies);
  const requests = createOffCatalogRequests(context, departments, clocks, policies);
  clocks.onOverdue(requests.overdue);
  const statutory = createStatutoryDuties(clocks, policies);
  const publication = createPublication(
    context,
    departments,
    policies,
    updates,
    statutory,
    projects,
    requests,
  );
  const { catalogReviews } = config;
  const enrolled = agents.enrolledDepartment;
  const catalog = createCatalog(context, departments, duties, enrolled, orders, publication, catalogReviews);
  const matters = createMatters(context, clocks, policies, departments);
  const endings = createEndAgreements(context, grants, matters);
  const handOver = createHandOver(context, grants, createGranting(context), matters, endings);
  const changes = {
    audit: context.audit,
    now: context.now,
    publication,
    duties,
    updates,
    projects,
    agreements: { ...endings, ...handOver },
    news: orders,
  };
  const drafts = createDrafts(context, departments, changes, catalogReviews);
  const imports = createImports(context, publication, drafts, orders, catalogReviews);
  const registerProject = createRegisterProject(context, catalog, drafts, catalogReviews);
  const waivers = createSupplyWaivers(context, departments, createSupplyRests(clocks), orders);
  const agreements = createAgreements(
    context,
    {
      departments,
      catalog,
      grants,
      duties: clocks,
      policies,
      requests,
      hasMoved: (agreement, grantVersion) => hasMoved(context.db, agreement, grantVersion),
    },
    config.grantDays,
  );
  const usage = createUsage(context);
  const ports = { catalog, duties, agreements: grants, usage };
  const maxLag = { days: config.maxLagDays, bytes: config.maxLagBytes };
  const exchange = await openExchange(context, ports, { maxLag });
  const downloads = await openDownloads(
    context,
    { ...ports, pathOf: exchange.storage.pathOf },
    {
      keepHours: config.downloadKeepHours,
      maxBytes: config.downloadMaxBytes,
      traceDays: config.downloadTraceDays,
      memoryLimitMb: config.datasetMemoryMiB,
    },
  );
  const assigned = { catalog, duties, grants, streams: exchange.streams, orders };
  const assignments = createAssignments(context, assigned, config.leaseSeconds);
  await assignments.issueAnew();
  const reconciliations = createReconciliations(context, { agreements: grants, duties });
  const tunnels = createTunnels(context);
  const queries = createQueries(context, { ...ports, tunnels, states: downloads.states });
  const packages =
    config.packages &&
    (await openPackages(context, config.packages, {
      exchange,
      assignments,
      agreements: grants,
      departmentOf: agents.enrolledDepartment,
    }));
  const auditArchive = createAuditArchive(context, config.auditKeepDays);
  const identity = { accounts, sessions, enrolment, agents, secondFactor };

  return {
    authenticators: { agent: agentAuthentication.authenticate, person: sessions.authenticate },
    exchange,
    lines,
    async close() {
      await downloads.close();
      await packages?.close();
      await exchange.close();
    },
    firstStartCode: accounts.firstStartCode,
    bind(api) {
      bindPersonIdentity(api, context, identity);
      bindAgentIdentity(api, context, identity);
      bindDepartments(api, context, { departments, contacts, access });
      bindCatalog(api, catalog, imports, registerProject);
      bindSupplyWaivers(api, waivers);
      bindDepartmentLists(api, createDepartmentLists(context, catalog, statutory));
      bindDuplicates(api, createDuplicates(context, departments));
      bindCatalogLifecycle(api, context, drafts, departments, changes, catalogReviews);
      bindAgreements(api, agreements);
      bindOffCatalog(api, requests);
      const formParts = { departments, contacts, catalog, policies, agreements, requests };
      bindForms(api, createForms(context.db, formParts));
      bindScenarios(api, createScenarios(context, departments, catalog));
      bindAssignments(api, context, assignments);
      registerExchange(api, context, exchange);
      api.serveSocket(lineRoute, lines.accept);
      bindReconciliations(api, reconciliations);
      bindDownloads(api, downloads);
      bindQueries(api, queries, tunnels);
      bindPackages(api, packages);
      bindPolicies(api, policies);
      bindDuties(api, createDutyLists(context, departments), createCalendarDesk(context, clocks));
      bindUsage(api, createUsageListings(context, grants));
      bindAudit(api, context, createAuditHeads(context), auditArchive);
    },
    housekeeping: [
      sessions.prune,
      agentAuthentication.prune,
      // first, so that what was supplied in time is not closed as void with its grant
      agreements.settleSupply,
      agreements.expire,
      reconciliations.endSilent,
      downloads.keepHouse,
      auditArchive.archiveOld,
      clocks.keepHouse,
    ],
  };
}
