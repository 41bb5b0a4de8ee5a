import { randomUUID } from 'node:crypto';
import type { Agreement, Application, Payload, personRoutes } from '@qianzhi/model';
import type { Knex } from 'knex';
import { same } from '../catalog/revisions.js';
import type { Departments } from '../department/departments.js';
import { platformErrors } from '../errors.js';
import type {
  AuditEntry,
  CatalogOffers,
  CatalogService,
  DutyClocks,
  GrantChange,
  PolicyService,
} from '../ports.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { createAgreementAccess } from './access.js';
import { assess } from './content.js';
import { createDecisions, type Decisions } from './decisions.js';
import { agreementErrors } from './errors.js';
import { expireGrants, expireSuspended } from './expiry.js';
import { createGranting, grantContent } from './granting.js';
import type { Grants } from './grants.js';
import { findForwarder } from './matters/forwarder.js';
import { checkApplication } from './matters/judge.js';
import { createMatters } from './matters/matters.js';
import { createProceedings, type Proceedings } from './matters/proceedings.js';
import { settleRest, settleSupply } from './matters/supply.js';
import type { RequestLinks } from './off-catalog/entries.js';
import { byScenario, liveScenario, requireWithin } from './scenarios/scenarios.js';
import {
  type AgreementRow,
  decideApplication,
  endGrant,
  findAgreement,
  findGrants,
  insertAgreement,
  insertApplication,
  latestApplication,
  listAgreements,
  moveAgreement,
  pageAgreements,
} from './store.js';
import { showAgreements } from './view.js';

/** Who approved where no person had to (R057). */
const BY_RULE = 'rule:unconditional';

type ListQuery = Payload<(typeof personRoutes.listAgreements)['query']>;
type Listed = { agreements: Agreement[]; next: string | null };

export interface Agreements extends Decisions {
  /**
   * Applies for a resource. All items unconditional (R057, unless the profile wants an answer), or no more than a scenario names (R078): granted at once. An agreement the department holds on the
   * resource already is extended: its grant stays in force until the next version is approved.
   */
  apply(caller: PersonCaller, application: Application): Promise<Agreement>;
  /** Newest first; a page where a limit is given, else all. */
  list(caller: PersonCaller, query: ListQuery): Promise<Listed>;
  show(caller: PersonCaller, id: string): Promise<Agreement>;
  /** Immediate: the next lease no longer names the grant. */
  revoke(caller: PersonCaller, id: string, reason: string): Promise<Agreement>;
  /** As immediate as a revocation; what it gave is kept, to be granted again by `resume`. */
  suspend(caller: PersonCaller, id: string, reason: string): Promise<Agreement>;
  /** A new grant version that gives what the suspended one gave, until the same time. */
  resume(caller: PersonCaller, id: string, reason: string): Promise<Agreement>;
  readonly proceedings: Proceedings;
  /** Ends grants whose time is over; they are not in force before that either. */
  expire(): Promise<void>;
  /** Closes duties to supply that are done. */
  settleSupply(): Promise<void>;
}

export interface AgreementPorts {
  readonly departments: Departments;
  readonly catalog: CatalogService & CatalogOffers;
  readonly grants: Grants;
  readonly duties: DutyClocks;
  readonly policies: PolicyService;
  readonly requests: RequestLinks;
  /** Whether anything was supplied under a grant. */
  readonly hasMoved: (agreement: string, grantVersion: number) => Promise<boolean>;
}

export function createAgreements(
  context: PlatformContext,
  { departments, catalog, grants, duties, policies, requests, hasMoved }: AgreementPorts,
  grantDays: number,
): Agreements {
  const { db, audit, now } = context;
  const done = (actor: AuditEntry['actor'], action: string, object: string, details: AuditEntry['details']) =>
    ({ actor, action, object, outcome: 'done', details }) as const;

  const shown = async (row: AgreementRow) => (await showAgreements(db, [row], now()))[0]!;
  const access = createAgreementAccess(db, departments);
  const { sightOf, visible, decidable } = access;
  const granting = createGranting(context);
  const matters = createMatters(context, duties, policies, departments);

  async function after(id: string, changes: readonly GrantChange[]): Promise<Agreement> {
    grants.announce(changes);
    return shown((await findAgreement(db, id)) as AgreementRow);
  }
  const parts = { departments, catalog, granting, matters, access, after };

  async function applyFor(caller: PersonCaller, consumer: string, application: Application) {
    const resource = await catalog.offered(application.resource);
    const { code, department: provider } = resource;
    if (provider === consumer) throw agreementErrors.OWN_RESOURCE({ resource: code });
    const at = now();
    if (application.validTo !== undefined && Date.parse(application.validTo) <= at.getTime()) {
      throw agreementErrors.VALIDITY_PAST({ resource: code, validTo: application.validTo });
    }
    const defaultValidTo = new Date(at.getTime() + grantDays * 86_400_000).toISOString();
    const profile = await matters.currentProfile();
    const competentBeside = await matters.competentBeside(consumer);
    const forwarder = await findForwarder(departments, consumer, provider);
    const { request } = application;
    if (request !== undefined) await requests.requireLinked(consumer, request, code);
    const place = async (trx: Knex.Transaction) => {
      const [latest] = await listAgreements(trx, { resource: code, consumer });
      if (latest?.state === 'applied') {
        throw agreementErrors.APPLICATION_PENDING({ resource: code, agreement: latest.id });
      }
      if (latest?.state === 'suspended') throw agreementErrors.SUSPENDED({ agreement: latest.id });
      const held = latest && (await granting.heldContent(trx, latest));
      const { scenario: named } = application;
      const scenario = named === undefined ? undefined : await liveScenario(trx, named, code, at);
      const asked = scenario ? byScenario(scenario, application) : application;
      const latestEnd = scenario && scenario.validTo < defaultValidTo ? scenario.validTo : defaultValidTo;
      const assessed = assess(resource, asked, held, latestEnd);
      const { content, closed, restricted } = assessed;
      if (latest && held && same(held, content)) return { id: latest.id, changes: [] };
      if (scenario) requireWithin(scenario, resource, content, assessed.loosened);
      const { consent } = checkApplication(profile, asked, assessed);
      // what a scenario names was decided when it was published, but for what has to be signed (R077) or ruled on
      const unsigned = profile.application.confidentiality && closed.length > 0;
      const byRule = scenario && !unsigned && !restricted ? `scenario:${scenario.id}` : BY_RULE;
      const open = !assessed.needsDecision && !consent;
      const needsDecision = byRule === BY_RULE && (!open || profile.replyDays.unconditional !== null);
      const row: AgreementRow =
        latest && held
          ? latest
          : { id: randomUUID(), resource: code, provider, consumer, state: 'applied', live_grant: null };
      if (row !== latest) await insertAgreement(trx, row);
      else await moveAgreement(trx, row, { state: 'applied' });
      const applied = { agreement: row.id, content, applied_by: caller.account };
      await insertApplication(trx, { ...applied, applied_at: at.toISOString() });
      const details = { resource: code, items: content.items.length, needsDecision };
      await audit.record(done(caller, 'agreement.apply', row.id, details), trx);
      const { seq } = await latestApplication(trx, row.id);
      if (needsDecision) {
        const { itemBasis = {}, need = null } = asked;
        const given = { application: seq, restricted, consent, itemBasis, need, competentBeside };
        const first = latest === undefined ? 'firstCatalog' : 'conditional';
        const guarded = closed.length > 0;
        const deadline = open ? ('unconditional' as const) : first;
        await matters.begin(trx, caller, row, { ...given, profile, asked: deadline, guarded, forwarder });
        return { id: row.id, changes: [] };
      }
      const pending = { ...row, state: 'applied' as const };
      await decideApplication(trx, seq, { by: byRule, at: at.toISOString(), reason: null });
      return { id: row.id, changes: await granting.grantNext(trx, pending, content, byRule) };
    };
    return db.transaction(async (trx) => {
      const placed = await place(trx);
      if (request !== undefined) await requests.turned(trx, caller, request, placed.id);
      return placed;
    });
  }

  /** Ends the grant in force, at once; what is suspended has none, and may still be revoked. */
  async function stop(
    caller: PersonCaller,
    id: string,
    change: 'revoked' | 'suspended',
    action: string,
    reason: string,
  ) {
    const officer = hasRole(caller, 'security-officer');
    const row = officer ? await visible(caller, id) : await decidable(caller, id);
    const version = row.live_grant;
    const stops =
      change === 'revoked' ? version !== null || row.state === 'suspended' : row.state === 'granted';
    if (!stops) throw agreementErrors.NOT_GRANTED({ agreement: id, state: row.state });
    const { seq } = await latestApplication(db, id);
    const at = now().toISOString();
    await db.transaction(async (trx) => {
      if (!(await moveAgreement(trx, row, { state: change, live_grant: null }))) {
        throw agreementErrors.NOT_GRANTED({ agreement: id, state: row.state });
      }
      if (version !== null)
        await endGrant(trx, { agreement: id, grant_version: version }, { at, change, reason });
      await decideApplication(trx, seq, { by: caller.account, at, reason });
      if (change === 'revoked') await matters.endOpen(trx, caller, id, reason);
      else await settleRest(trx, duties, id, caller);
      await audit.record(done(caller, action, id, { reason, grantVersion: version }), trx);
    });
    const { resource, consumer } = row;
    return after(
      id,
      version === null ? [] : [{ agreement: id, grantVersion: version, resource, consumer, change }],
    );
  }

  const proceedings = createProceedings(context, parts);
  duties.onOverdue(proceedings.overdue);

  return {
    ...createDecisions(context, parts),
    proceedings,
    settleSupply: () => settleSupply(context, matters, hasMoved),

    async apply(caller, application) {
      const { account, department } = caller;
      if (department === null) {
        throw platformErrors.OTHER_DEPARTMENT({ account, department: '-', what: 'agreement' });
      }
      const { id, changes } = await applyFor(caller, department, application);
      return after(id, changes);
    },

    async list(caller, { resource, state, after, limit }) {
      const sight = await sightOf(caller);
      if (!sight) return { agreements: [], next: null };
      if (after !== undefined) await visible(caller, after);
      const filter = { resource, state, after, at: now().toISOString(), ...sight };
      const found = await pageAgreements(db, { ...filter, ...(limit !== undefined && { limit: limit + 1 }) });
      const page = found.slice(0, limit);
      const next = page.length < found.length ? (page.at(-1)?.id ?? null) : null;
      return { agreements: await showAgreements(db, page, now()), next };
    },

    show: async (caller, id) => shown(await visible(caller, id)),
    revoke: (caller, id, reason) => stop(caller, id, 'revoked', 'agreement.revoke', reason),
    suspend: (caller, id, reason) => stop(caller, id, 'suspended', 'agreement.suspend', reason),

    async resume(caller, id, reason) {
      const officer = hasRole(caller, 'security-officer');
      const row = officer ? await visible(caller, id) : await decidable(caller, id);
      const last = (await findGrants(db, { agreement: id })).at(-1);
      if (row.state !== 'suspended' || !last)
        throw agreementErrors.NOT_SUSPENDED({ agreement: id, state: row.state });
      const content = grantContent(last);
      if (content.validTo <= now().toISOString())
        throw agreementErrors.VALIDITY_PAST({ resource: row.resource, validTo: content.validTo });
      const { approvedBy } = last.document.body;
      const { seq } = await latestApplication(db, id);
      const changes = await db.transaction(async (trx) => {
        const made = await granting.grantNext(trx, row, content, approvedBy);
        const grantVersion = made.at(-1)?.grantVersion ?? null;
        await decideApplication(trx, seq, { by: caller.account, at: now().toISOString(), reason });
        await settleRest(trx, duties, id, caller);
        await audit.record(done(caller, 'agreement.resume', id, { reason, grantVersion }), trx);
        return made;
      });
      return after(id, changes);
    },

    async expire() {
      await expireGrants(context, matters, grants);
      await expireSuspended(context, matters);
    },
  };
}
