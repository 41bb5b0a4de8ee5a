import { randomUUID } from 'node:crypto';
import type { Agreement, Application, Grant, Payload, personRoutes } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { same } from '../catalog/revisions.js';
import type { Departments } from '../department/departments.js';
import { platformErrors } from '../errors.js';
import type { AuditEntry, CatalogOffers, GrantChange } from '../ports.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { createAgreementAccess } from './access.js';
import { assess, checkContent, decided, type GrantContent } from './content.js';
import { agreementErrors } from './errors.js';
import type { Grants } from './grants.js';
import {
  type AgreementRow,
  decideApplication,
  endGrant,
  findAgreement,
  findGrants,
  insertAgreement,
  insertApplication,
  insertGrant,
  latestApplication,
  listAgreements,
  moveAgreement,
} from './store.js';
import { showAgreement } from './view.js';

/** Who approved where no person had to (R057). */
const BY_RULE = 'rule:unconditional';

type ListQuery = { readonly resource?: string | undefined; readonly state?: string | undefined };

type Decision = Payload<(typeof personRoutes.approve)['body']>;

export interface Agreements {
  /**
   * Applies for a resource. All items unconditional: granted at once. An agreement the department holds on the
   * resource already is extended: its grant stays in force until the next version is approved.
   */
  apply(caller: PersonCaller, application: Application): Promise<Agreement>;
  list(caller: PersonCaller, query: ListQuery): Promise<Agreement[]>;
  show(caller: PersonCaller, id: string): Promise<Agreement>;
  /** A quota given here stands in place of the one asked for, bound by bound; a row scope narrows it. */
  approve(caller: PersonCaller, id: string, decision: Decision): Promise<Agreement>;
  /** A refused extension leaves the grant in force as it was. */
  refuse(caller: PersonCaller, id: string, reason: string): Promise<Agreement>;
  /** Immediate: the next lease no longer names the grant. */
  revoke(caller: PersonCaller, id: string, reason: string): Promise<Agreement>;
  /** Ends grants whose time is over; they are not in force before that either. */
  expire(): Promise<void>;
}

export function createAgreements(
  context: PlatformContext,
  departments: Departments,
  catalog: CatalogOffers,
  grants: Grants,
  grantDays: number,
): Agreements {
  const { db, audit, now, signingKey } = context;
  const done = (actor: AuditEntry['actor'], action: string, object: string, details: AuditEntry['details']) =>
    ({ actor, action, object, outcome: 'done', details }) as const;

  const shown = (row: AgreementRow) => showAgreement(db, row, now());
  const { seen, visible, decidable } = createAgreementAccess(db, departments);

  /** Puts the next grant version in force, in place of the one before. */
  async function grantNext(
    trx: Knex.Transaction,
    row: AgreementRow,
    content: GrantContent,
    approvedBy: string,
  ): Promise<GrantChange[]> {
    const at = now().toISOString();
    const before = await findGrants(trx, { agreement: row.id });
    const grantVersion = (before.at(-1)?.grant_version ?? 0) + 1;
    const { id: agreement, resource, provider, consumer } = row;
    const body: Grant = {
      type: 'grant',
      agreement,
      grantVersion,
      resource,
      provider,
      consumer,
      ...content,
      validFrom: at,
      approvedBy,
      issuedAt: at,
    };
    const changes: GrantChange[] = [];
    if (row.live_grant !== null) {
      const old = { agreement, grant_version: row.live_grant };
      await endGrant(trx, old, { at, change: 'replaced', reason: `grant version ${grantVersion}` });
      changes.push({ agreement, grantVersion: row.live_grant, resource, consumer, change: 'replaced' });
    }
    await insertGrant(trx, signDocument(body, signingKey));
    if (!(await moveAgreement(trx, row, { state: 'granted', live_grant: grantVersion }))) {
      throw agreementErrors.NOT_PENDING({ agreement, state: 'granted' });
    }
    return [...changes, { agreement, grantVersion, resource, consumer, change: 'granted' }];
  }

  async function after(id: string, changes: readonly GrantChange[]): Promise<Agreement> {
    grants.announce(changes);
    return shown((await findAgreement(db, id)) as AgreementRow);
  }

  async function applyFor(caller: PersonCaller, consumer: string, application: Application) {
    const resource = await catalog.offered(application.resource);
    const { code, department: provider } = resource;
    if (provider === consumer) throw agreementErrors.OWN_RESOURCE({ resource: code });
    const at = now();
    if (application.validTo !== undefined && Date.parse(application.validTo) <= at.getTime()) {
      throw agreementErrors.VALIDITY_PAST({ resource: code, validTo: application.validTo });
    }
    const defaultValidTo = new Date(at.getTime() + grantDays * 86_400_000).toISOString();
    return db.transaction(async (trx) => {
      const [latest] = await listAgreements(trx, { resource: code, consumer });
      if (latest?.state === 'applied') {
        throw agreementErrors.APPLICATION_PENDING({ resource: code, agreement: latest.id });
      }
      const held = latest && (await heldContent(trx, latest));
      const utc = application.validTo && new Date(application.validTo).toISOString();
      const asked = { ...application, ...(utc === undefined ? {} : { validTo: utc }) };
      const { content, needsDecision } = assess(resource, asked, held, defaultValidTo);
      if (latest && held && same(held, content)) return { id: latest.id, changes: [] };
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
      if (needsDecision) return { id: row.id, changes: [] };
      const pending = { ...row, state: 'applied' as const };
      const { seq } = await latestApplication(trx, row.id);
      await decideApplication(trx, seq, { by: BY_RULE, at: at.toISOString(), reason: null });
      return { id: row.id, changes: await grantNext(trx, pending, content, BY_RULE) };
    });
  }

  async function heldContent(trx: Knex.Transaction, row: AgreementRow): Promise<GrantContent | undefined> {
    if (row.live_grant === null) return undefined;
    const [live] = await findGrants(trx, { agreement: row.id, grant_version: row.live_grant });
    if (!live || live.valid_to <= now().toISOString()) return undefined;
    const { items, masks, rows, purpose, modes, quota, validTo } = live.document.body;
    return { items, masks, ...(rows && { rows }), purpose, modes, ...(quota && { quota }), validTo };
  }

  return {
    async apply(caller, application) {
      const { account, department } = caller;
      if (department === null) {
        throw platformErrors.OTHER_DEPARTMENT({ account, department: '-', what: 'agreement' });
      }
      const { id, changes } = await applyFor(caller, department, application);
      return after(id, changes);
    },

    async list(caller, { resource, state }) {
      const rows = await listAgreements(db, resource === undefined ? {} : { resource });
      const own: Agreement[] = [];
      for (const row of rows) if (await seen(caller, row)) own.push(await shown(row));
      return state === undefined ? own : own.filter((agreement) => agreement.state === state);
    },

    show: async (caller, id) => shown(await visible(caller, id)),

    async approve(caller, id, { note, ...terms }) {
      const row = await decidable(caller, id);
      if (row.state !== 'applied') throw agreementErrors.NOT_PENDING({ agreement: id, state: row.state });
      const resource = await catalog.offered(row.resource);
      const { seq, content: asked } = await latestApplication(db, id);
      const content = decided(resource, asked, terms);
      checkContent(resource, content);
      const at = now().toISOString();
      if (content.validTo <= at)
        throw agreementErrors.VALIDITY_PAST({ resource: row.resource, validTo: content.validTo });
      const changes = await db.transaction(async (trx) => {
        const made = await grantNext(trx, row, content, caller.account);
        await decideApplication(trx, seq, { by: caller.account, at, reason: note ?? null });
        const details = { grantVersion: made.at(-1)?.grantVersion ?? null };
        await audit.record(done(caller, 'agreement.approve', id, details), trx);
        return made;
      });
      return after(id, changes);
    },

    async refuse(caller, id, reason) {
      const row = await decidable(caller, id);
      if (row.state !== 'applied') throw agreementErrors.NOT_PENDING({ agreement: id, state: row.state });
      const { seq } = await latestApplication(db, id);
      await db.transaction(async (trx) => {
        const state = row.live_grant === null ? 'refused' : 'granted';
        if (!(await moveAgreement(trx, row, { state }))) {
          throw agreementErrors.NOT_PENDING({ agreement: id, state });
        }
        await decideApplication(trx, seq, { by: caller.account, at: now().toISOString(), reason });
        await audit.record(done(caller, 'agreement.refuse', id, { reason }), trx);
      });
      return after(id, []);
    },

    async revoke(caller, id, reason) {
      const officer = hasRole(caller, 'security-officer');
      const row = officer ? await visible(caller, id) : await decidable(caller, id);
      const version = row.live_grant;
      if (version === null) throw agreementErrors.NOT_GRANTED({ agreement: id, state: row.state });
      const { seq } = await latestApplication(db, id);
      const at = now().toISOString();
      await db.transaction(async (trx) => {
        if (!(await moveAgreement(trx, row, { state: 'revoked', live_grant: null }))) {
          throw agreementErrors.NOT_GRANTED({ agreement: id, state: row.state });
        }
        const grant = { agreement: id, grant_version: version };
        await endGrant(trx, grant, { at, change: 'revoked', reason });
        await decideApplication(trx, seq, { by: caller.account, at, reason });
        await audit.record(done(caller, 'agreement.revoke', id, { reason, grantVersion: version }), trx);
      });
      const { resource, consumer } = row;
      return after(id, [{ agreement: id, grantVersion: version, resource, consumer, change: 'revoked' }]);
    },

    async expire() {
      const at = now().toISOString();
      const over = (await findGrants(db, { ended_at: null })).filter((grant) => grant.valid_to <= at);
      for (const { agreement, grant_version: grantVersion, resource, consumer } of over) {
        await db.transaction(async (trx) => {
          const row = (await findAgreement(trx, agreement)) as AgreementRow;
          const state = row.state === 'granted' ? 'expired' : row.state;
          await moveAgreement(trx, row, { state, live_grant: null });
          const grant = { agreement, grant_version: grantVersion };
          await endGrant(trx, grant, { at, change: 'expired', reason: 'validTo' });
          await audit.record(done('platform', 'agreement.expire', agreement, { grantVersion }), trx);
        });
        grants.announce([{ agreement, grantVersion, resource, consumer, change: 'expired' }]);
      }
    },
  };
}
