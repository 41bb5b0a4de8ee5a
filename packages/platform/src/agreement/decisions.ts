import { randomUUID } from 'node:crypto';
import { type Agreement, nextStage, type Payload, type personRoutes, type Refusal } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import type { AuditEntry, CatalogOffers, GrantChange } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { AgreementAccess } from './access.js';
import { boundsOf, checkContent, decided, type GrantContent, guardedColumns, onlyItems } from './content.js';
import { agreementErrors } from './errors.js';
import type { Granting } from './granting.js';
import { matterErrors } from './matters/errors.js';
import { checkRefusal, requireSigned, roleInDecision } from './matters/judge.js';
import type { Matters } from './matters/matters.js';
import { factsOf, type Standing } from './matters/steps.js';
import {
  type AgreementRow,
  type ApplicationRow,
  decideApplication,
  insertApplication,
  latestApplication,
  moveAgreement,
} from './store.js';

type Approval = Payload<(typeof personRoutes.approve)['body']>;
type Ruling = Payload<(typeof personRoutes.rule)['body']>;

/** What decides an application: the reply of whom the profile names, and the ruling that may follow. */
export interface Decisions {
  /**
   * A quota given here stands in place of the one asked for, bound by bound; a row scope narrows it. Items left out are refused, and
   * that refusal may be negotiated while the others are granted.
   */
  approve(caller: PersonCaller, id: string, approval: Approval): Promise<Agreement>;
  /** A refused extension leaves the grant in force as it was. */
  refuse(caller: PersonCaller, id: string, refusal: Refusal): Promise<Agreement>;
  /** The end of a joint review (R073). */
  rule(caller: PersonCaller, id: string, ruling: Ruling): Promise<Agreement>;
}

export interface DecisionParts {
  readonly departments: Departments;
  readonly catalog: CatalogOffers;
  readonly granting: Granting;
  readonly matters: Matters;
  readonly access: AgreementAccess;
  /** Tells of the changes, and shows the agreement as it is then. */
  readonly after: (id: string, changes: readonly GrantChange[]) => Promise<Agreement>;
}

export function createDecisions({ db, audit, now }: PlatformContext, parts: DecisionParts): Decisions {
  const { departments, catalog, granting, matters, access, after } = parts;

  async function pending(caller: PersonCaller, id: string) {
    const row = await access.decidable(caller, id);
    if (row.state !== 'applied') throw agreementErrors.NOT_PENDING({ agreement: id, state: row.state });
    const standing = await matters.standing(row);
    return { row, standing, application: await latestApplication(db, id) };
  }

  /** An opinion is given where a decision could be. */
  async function roleOf(caller: PersonCaller, standing: Standing, act: 'grant' | 'refuse') {
    nextStage(standing.matter.stage, act, factsOf(standing));
    const { competent } = await departments.require(caller.department as string);
    return roleInDecision(standing, caller, competent);
  }

  const record = (
    trx: Knex.Transaction,
    actor: PersonCaller,
    action: string,
    object: string,
    details: AuditEntry['details'],
  ) => audit.record({ actor, action, object, outcome: 'done', details }, trx);

  /** Checked as it would be granted now, for the catalog may have changed since it was applied for. */
  async function grantable(
    row: AgreementRow,
    asked: GrantContent,
    terms: Pick<Approval, 'quota' | 'rows' | 'items' | 'addresses'>,
    ruled: readonly string[],
  ) {
    const resource = await catalog.offered(row.resource);
    const unasked = (terms.items ?? []).filter((column) => !asked.items.includes(column));
    if (unasked.length > 0) throw matterErrors.ITEMS_NOT_APPLIED({ items: unasked.join(', ') });
    const content = decided(resource, onlyItems(asked, terms.items ?? asked.items), terms);
    checkContent(resource, content, ruled);
    if (content.validTo <= now().toISOString())
      throw agreementErrors.VALIDITY_PAST({ resource: row.resource, validTo: content.validTo });
    return { content, guarded: guardedColumns(resource, content.items).length > 0 };
  }

  /** The items that were not agreed to go on as a matter of their own. */
  async function refuseRest(
    trx: Knex.Transaction,
    caller: PersonCaller,
    { matter }: Standing,
    application: ApplicationRow,
    refusal: Refusal,
    granted: GrantContent,
  ) {
    const { agreement, content: asked, applied_by, applied_at } = application;
    // narrowed bounds are no item refused: who rules on the items does not widen them unawares
    const content = { ...asked, ...boundsOf(granted) };
    await insertApplication(trx, { agreement, content, applied_by, applied_at });
    const { seq } = await latestApplication(trx, agreement);
    const decision = { by: caller.account, at: now().toISOString(), reason: refusal.reason };
    await decideApplication(trx, seq, decision);
    const rest = { ...matter, id: randomUUID(), application: seq, refusal, stage: 'refused' as const };
    await matters.beginRefused(trx, caller, { ...rest, duty: null, opinion: null }, refusal.reason);
  }

  return {
    async approve(caller, id, { note, refusal, ...terms }) {
      const { row, standing, application } = await pending(caller, id);
      const { matter } = standing;
      if (matter.restricted) throw matterErrors.RULING_ONLY({ agreement: id });
      const role = await roleOf(caller, standing, 'grant');
      const held = (await granting.heldContent(db, row))?.items ?? [];
      const { content, guarded } = await grantable(row, application.content, terms, held);
      const rest = application.content.items.filter((column) => !content.items.includes(column));
      if (rest.length > 0) {
        if (!refusal) throw matterErrors.REFUSAL_MISSING({ items: rest.join(', '), agreement: id });
        checkRefusal(standing, refusal);
      }
      if (guarded) requireSigned(standing);
      const changes = await db.transaction(async (trx) => {
        if (role === 'opines') {
          await matters.note(trx, caller, matter, 'opine', note ?? '', { opinion: 'agrees' });
          return [];
        }
        await matters.step(trx, caller, standing, 'grant', note ?? '');
        const made = await granting.grantNext(trx, row, content, caller.account);
        const decision = { by: caller.account, at: now().toISOString(), reason: note ?? null };
        await decideApplication(trx, application.seq, decision);
        if (refusal && rest.length > 0)
          await refuseRest(trx, caller, standing, application, refusal, content);
        const grantVersion = made.at(-1)?.grantVersion ?? null;
        await record(trx, caller, 'agreement.approve', id, { grantVersion, refused: rest.length });
        return made;
      });
      return after(id, changes);
    },

    async refuse(caller, id, refusal) {
      const { row, standing, application } = await pending(caller, id);
      const role = await roleOf(caller, standing, 'refuse');
      checkRefusal(standing, refusal);
      const { reason } = refusal;
      await db.transaction(async (trx) => {
        if (role === 'opines') {
          await matters.note(trx, caller, standing.matter, 'opine', reason, { opinion: 'objects' });
          return;
        }
        await matters.step(trx, caller, standing, 'refuse', reason, { change: { refusal } });
        await close(trx, row);
        const decision = { by: caller.account, at: now().toISOString(), reason };
        await decideApplication(trx, application.seq, decision);
        await record(trx, caller, 'agreement.refuse', id, { reason });
      });
      return after(id, []);
    },

    async rule(caller, id, { outcome, record: text, ...terms }) {
      const { row, standing, application } = await pending(caller, id);
      const department = await departments.require(caller.department as string);
      if (!department.competent)
        throw matterErrors.MATTER_NOT_COMPETENT({ agreement: id, department: department.id });
      const decision = { by: caller.account, at: now().toISOString(), reason: text };
      if (outcome === 'not-share') {
        await db.transaction(async (trx) => {
          await matters.step(trx, caller, standing, 'reject', text);
          await close(trx, row);
          await decideApplication(trx, application.seq, decision);
        });
        return after(id, []);
      }
      const asked = application.content;
      const { content, guarded } = await grantable(row, asked, terms, asked.items);
      if (guarded) requireSigned(standing);
      const changes = await db.transaction(async (trx) => {
        await matters.step(trx, caller, standing, 'uphold', text);
        const made = await granting.grantNext(trx, row, content, caller.account);
        await decideApplication(trx, application.seq, decision);
        return made;
      });
      return after(id, changes);
    },
  };

  /** Ends the application; a grant in force stays. */
  async function close(trx: Knex.Transaction, row: AgreementRow): Promise<void> {
    const state = row.live_grant === null ? 'refused' : 'granted';
    if (!(await moveAgreement(trx, row, { state })))
      throw agreementErrors.NOT_PENDING({ agreement: row.id, state });
  }
}
