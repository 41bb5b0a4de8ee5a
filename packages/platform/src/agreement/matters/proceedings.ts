import { createHash } from 'node:crypto';
import type { Agreement, Matter, MatterAct, Payload, personRoutes, TimedDuty } from '@qianzhi/model';
import { catalogErrors } from '../../catalog/errors.js';
import type { Departments } from '../../department/departments.js';
import type { CatalogService, GrantChange } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import type { AgreementAccess } from '../access.js';
import { assess } from '../content.js';
import { agreementErrors } from '../errors.js';
import type { Granting } from '../granting.js';
import { offCatalogMatters } from '../off-catalog/store.js';
import {
  type AgreementRow,
  decideApplication,
  findAgreement,
  insertApplication,
  latestApplication,
  listAgreements,
  moveAgreement,
} from '../store.js';
import { matterErrors } from './errors.js';
import { requireForwarder } from './forwarder.js';
import { createGuards } from './guards.js';
import { approverThen, checkApplication, roleInDecision } from './judge.js';
import type { Matters } from './matters.js';
import type { Standing } from './steps.js';
import { agreementMatters, findFiling, publishedEvents } from './store.js';

type Body<Name extends keyof typeof personRoutes> = Payload<(typeof personRoutes)[Name]['body']>;

/** What is done with an application between its beginning and its decision. */
export interface Proceedings {
  show(caller: PersonCaller, id: string): Promise<Matter>;
  /** By the applicant's competent department (R075). Throws QZ_PLATFORM_FORWARD_NOT_OWN. */
  forward(caller: PersonCaller, id: string, body: Body<'forwardApplication'>): Promise<Matter>;
  returnFor(caller: PersonCaller, id: string, body: Body<'returnApplication'>): Promise<Matter>;
  complete(caller: PersonCaller, id: string, body: Body<'completeApplication'>): Promise<Matter>;
  withdraw(caller: PersonCaller, id: string, body: Body<'withdrawApplication'>): Promise<Agreement>;
  sign(caller: PersonCaller, id: string, body: Body<'signConfidentiality'>): Promise<Matter>;
  negotiate(caller: PersonCaller, id: string, body: Body<'negotiate'>): Promise<Matter>;
  openReview(caller: PersonCaller, id: string, body: Body<'openReview'>): Promise<Matter>;
  file(caller: PersonCaller, id: string, body: Body<'fileAgreement'>): Promise<Matter>;
  /** An application that nobody answered in time goes to negotiation where the regulation foresees one (R070); may be repeated. */
  overdue(duty: TimedDuty): Promise<void>;
  rulings(limit: number): Promise<Payload<(typeof personRoutes.listRulings)['response']>['rulings']>;
}

export interface ProceedingParts {
  readonly departments: Departments;
  readonly catalog: CatalogService;
  readonly granting: Granting;
  readonly matters: Matters;
  readonly access: AgreementAccess;
  readonly after: (id: string, changes: readonly GrantChange[]) => Promise<Agreement>;
}

/** Results of negotiations, reviews and rulings: everybody may read them. */
const PUBLISHED: readonly MatterAct[] = ['review', 'uphold', 'reject'];

export function createProceedings({ db, now }: PlatformContext, parts: ProceedingParts): Proceedings {
  const { departments, catalog, granting, matters, access, after } = parts;

  async function see(caller: PersonCaller, id: string) {
    const row = await access.visible(caller, id);
    return { row, standing: await matters.standing(row) };
  }
  const { isCompetent, applicantOf, decidable, competentOf } = createGuards(departments, see);

  const view = async (row: AgreementRow) => matters.view(await matters.standing(row));

  /** Items refused in part are no way out of a suspension. */
  function requireNotSuspended({ id, state }: AgreementRow): void {
    if (state === 'suspended') throw agreementErrors.SUSPENDED({ agreement: id });
  }

  /** A refused application may have been followed by another, which then is the one to be decided. */
  async function requireLatest(row: AgreementRow): Promise<void> {
    const { resource, consumer } = row;
    const [latest] = await listAgreements(db, { resource, consumer });
    if (latest && latest.id !== row.id)
      throw agreementErrors.APPLICATION_PENDING({ resource, agreement: latest.id });
  }

  /** Completed with what changes: judged anew by the same rules, and kept beside the one it replaces. */
  async function replace(
    row: AgreementRow,
    standing: Standing,
    change: NonNullable<Body<'completeApplication'>['change']>,
    caller: PersonCaller,
  ) {
    const { matter, profile } = standing;
    const resource = await catalog.current(row.resource);
    if (!resource) throw catalogErrors.RESOURCE_UNKNOWN({ resource: row.resource });
    const { content } = await latestApplication(db, row.id);
    const asked = { ...content, resource: row.resource, itemBasis: matter.itemBasis, ...change };
    const held = await granting.heldContent(db, row);
    const assessed = assess(resource, asked, held, content.validTo);
    const { consent } = checkApplication(profile, asked, assessed);
    const application = {
      agreement: row.id,
      content: assessed.content,
      applied_by: caller.account,
      applied_at: now().toISOString(),
    };
    const unsigned = profile.application.confidentiality && assessed.closed.length > 0;
    const confidentiality = matter.confidentiality ?? (unsigned ? '' : null);
    const approver = approverThen(standing, consent);
    return { application, change: { itemBasis: asked.itemBasis, consent, approver, confidentiality } };
  }

  return {
    show: async (caller, id) => view(await access.visible(caller, id)),

    async forward(caller, id, { note = '' }) {
      const { row, standing } = await see(caller, id);
      await requireForwarder(departments, caller, standing.matter);
      await db.transaction((trx) => matters.forward(trx, caller, standing, note));
      return view(row);
    },

    async returnFor(caller, id, { missing }) {
      const { row, standing } = await decidable(caller, id);
      roleInDecision({ ...standing, overdue: true }, caller, await isCompetent(caller));
      await db.transaction((trx) => matters.step(trx, caller, standing, 'return', missing));
      return view(row);
    },

    async complete(caller, id, { note, change }) {
      const { row, standing } = await applicantOf(caller, id);
      const replaced = change && (await replace(row, standing, change, caller));
      await db.transaction(async (trx) => {
        const more = replaced ? { change: replaced.change } : {};
        const matter = await matters.step(trx, caller, standing, 'complete', note, more);
        if (!replaced) return;
        await insertApplication(trx, replaced.application);
        await matters.change(trx, matter, { application: (await latestApplication(trx, row.id)).seq });
      });
      return view(row);
    },

    async withdraw(caller, id, { reason }) {
      const { row, standing } = await applicantOf(caller, id);
      requireNotSuspended(row);
      const { seq } = await latestApplication(db, id);
      await db.transaction(async (trx) => {
        await matters.step(trx, caller, standing, 'withdraw', reason);
        const state = row.live_grant === null ? 'withdrawn' : 'granted';
        if (!(await moveAgreement(trx, row, { state })))
          throw agreementErrors.NOT_PENDING({ agreement: id, state });
        await decideApplication(trx, seq, { by: caller.account, at: now().toISOString(), reason });
      });
      return after(id, []);
    },

    async sign(caller, id, { text, signatory }) {
      const { row, standing } = await applicantOf(caller, id);
      const confidentiality = createHash('sha256').update(text).digest('hex');
      const words = `${signatory}: sha256 ${confidentiality}`;
      await db.transaction((trx) =>
        matters.note(trx, caller, standing.matter, 'sign', words, { confidentiality }),
      );
      return view(row);
    },

    async negotiate(caller, id, { reason, workingDays }) {
      const { row, standing } = await see(caller, id);
      if (caller.department !== row.consumer) await competentOf(caller, id);
      requireNotSuspended(row);
      await requireLatest(row);
      await db.transaction(async (trx) => {
        await matters.step(trx, caller, standing, 'negotiate', reason, { workingDays });
        if (!(await moveAgreement(trx, row, { state: 'applied' })))
          throw agreementErrors.NOT_PENDING({ agreement: id, state: row.state });
      });
      return view({ ...row, state: 'applied' });
    },

    async overdue({ id, kind, object }) {
      const row = kind === 'agreement.reply' ? await findAgreement(db, object) : undefined;
      if (row) await matters.overdue(await matters.standing(row), id);
    },

    async openReview(caller, id, { record, workingDays }) {
      const { row, standing } = await competentOf(caller, id);
      await db.transaction((trx) => matters.step(trx, caller, standing, 'review', record, { workingDays }));
      return view(row);
    },

    async file(caller, id, { number }) {
      const { row } = await competentOf(caller, id);
      const matter = await findFiling(db, id);
      if (!matter?.filingDuty) throw matterErrors.FILING_NOT_OWED({ agreement: id });
      const { filingDuty } = matter;
      await db.transaction(async (trx) => {
        await matters.clocks.close(trx, filingDuty, 'done', number, caller);
        await matters.note(trx, caller, matter, 'file', number, { filingDuty: null });
      });
      return view(row);
    },

    rulings: async (limit) => {
      const both = [agreementMatters, offCatalogMatters];
      const events = await Promise.all(both.map((tables) => publishedEvents(db, PUBLISHED, limit, tables)));
      const newest = events.flat().sort((a, b) => b.at.localeCompare(a.at));
      return newest.slice(0, limit).map(({ agreement, provider, consumer, at, act, text }) => ({
        agreement,
        provider,
        consumer,
        at,
        act,
        text,
      }));
    },
  };
}
