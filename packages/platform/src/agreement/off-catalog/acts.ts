import {
  nextStage,
  type OffCatalogRequest,
  type Payload,
  type PolicyProfile,
  type personRoutes,
  type Refusal,
} from '@qianzhi/model';
import type { Departments } from '../../department/departments.js';
import type { NewDuty } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { requireForwarder } from '../matters/forwarder.js';
import { createGuards, type Seen } from '../matters/guards.js';
import { approverThen, checkRefusal, roleInDecision } from '../matters/judge.js';
import { factsOf, type MatterSteps, type Standing } from '../matters/steps.js';
import { checkRequest } from './check.js';
import { offCatalogErrors } from './errors.js';
import { changeRequest, type RequestRow } from './store.js';
import { listed } from './view.js';

type Body<Name extends keyof typeof personRoutes> = Payload<(typeof personRoutes)[Name]['body']>;
type Act<Name extends keyof typeof personRoutes> = (
  caller: PersonCaller,
  id: string,
  body: Body<Name>,
) => Promise<OffCatalogRequest>;

/** What is done with a request between its making and its decision, as with an application. */
export interface RequestActs {
  /** By the applicant's competent department; it names who replies where that is not known. Throws QZ_PLATFORM_REQUEST_PROVIDER_MISSING. */
  readonly forward: Act<'forwardRequest'>;
  readonly accept: Act<'acceptRequest'>;
  readonly refuse: Act<'refuseRequest'>;
  readonly returnFor: Act<'returnRequest'>;
  /** Whoever gives it back and is not competent sees it no more. Throws QZ_PLATFORM_REQUEST_HELD_HERE for the department that has it. */
  readonly reassign: Act<'reassignRequest'>;
  readonly complete: Act<'completeRequest'>;
  readonly withdraw: Act<'withdrawRequest'>;
  readonly negotiate: Act<'negotiateRequest'>;
  readonly openReview: Act<'reviewRequest'>;
  readonly rule: Act<'ruleRequest'>;
}

/** What the competent department owes of a request that is with nobody: to find who replies. */
export type Assignment = Pick<NewDuty, 'owner' | 'rule' | 'deadline'>;

export function createRequestActs(
  { db, now }: PlatformContext,
  departments: Departments,
  steps: MatterSteps,
  visible: (caller: PersonCaller, id: string) => Promise<Seen<RequestRow>>,
  show: (caller: PersonCaller, id: string) => Promise<OffCatalogRequest>,
  assignmentOf: (consumer: string, profile: PolicyProfile) => Promise<Assignment>,
): RequestActs {
  const { isCompetent, applicantOf, decidable, competentOf } = createGuards(departments, visible);

  /** The decision of whoever decides; of a provider that is only heard, its opinion. */
  async function decide(
    caller: PersonCaller,
    id: string,
    act: 'grant' | 'refuse',
    text: string,
    refusal?: Refusal,
  ) {
    const { standing } = await decidable(caller, id);
    nextStage(standing.matter.stage, act, factsOf(standing));
    const role = roleInDecision(standing, caller, await isCompetent(caller));
    if (refusal) checkRefusal(standing, refusal);
    const opinion = act === 'grant' ? 'agrees' : 'objects';
    await db.transaction(async (trx) => {
      if (role === 'opines') await steps.note(trx, caller, standing.matter, 'opine', text, { opinion });
      else await steps.step(trx, caller, standing, act, text, { change: refusal ? { refusal } : {} });
    });
    return show(caller, id);
  }

  async function stepped(
    caller: PersonCaller,
    id: string,
    standing: Standing,
    ...[act, text, more]: Parameters<MatterSteps['step']> extends [unknown, unknown, unknown, ...infer Rest]
      ? Rest
      : never
  ) {
    await db.transaction((trx) => steps.step(trx, caller, standing, act, text, more));
    return show(caller, id);
  }

  /** Whoever is to reply is a department, and not the one that asks. */
  async function requireReplier({ consumer, content }: RequestRow, department: string): Promise<void> {
    await departments.require(department);
    if (department === consumer)
      throw offCatalogErrors.REQUEST_OWN_DEPARTMENT({ name: content.name, department });
  }

  return {
    async forward(caller, id, { department, note = '' }) {
      const { row, standing } = await visible(caller, id);
      const { matter } = standing;
      await requireForwarder(departments, caller, matter);
      const provider = department ?? matter.provider;
      if (provider === null) throw offCatalogErrors.REQUEST_PROVIDER_MISSING({ request: id });
      await requireReplier(row, provider);
      await db.transaction(async (trx) => {
        const text = note === '' ? provider : `${provider}: ${note}`;
        const next = await steps.step(trx, caller, standing, 'forward', text, { change: { provider } });
        await steps.change(trx, next, await steps.clocks.reply(trx, caller, { ...standing, matter: next }));
      });
      return show(caller, id);
    },

    accept: (caller, id, { note = '' }) => decide(caller, id, 'grant', note),
    refuse: (caller, id, refusal) => decide(caller, id, 'refuse', refusal.reason, refusal),

    async returnFor(caller, id, { missing }) {
      const { standing } = await decidable(caller, id);
      roleInDecision({ ...standing, overdue: true }, caller, await isCompetent(caller));
      return stepped(caller, id, standing, 'return', missing);
    },

    async reassign(caller, id, { reason, department: provider = null }) {
      const { row, standing } = await decidable(caller, id);
      const competent = await isCompetent(caller);
      if (!competent) roleInDecision(standing, caller, false);
      if (provider !== null) await requireReplier(row, provider);
      if (provider !== null && provider === standing.matter.provider)
        throw offCatalogErrors.REQUEST_HELD_HERE({ request: id, department: provider });
      const owed = await assignmentOf(row.consumer, standing.profile);
      const stage = nextStage(standing.matter.stage, 'reassign', factsOf(standing));
      await db.transaction(async (trx) => {
        const text = provider === null ? reason : `${provider}: ${reason}`;
        const change = { provider, opinion: null, approver: null };
        const next = await steps.step(trx, caller, standing, 'reassign', text, { change });
        await steps.change(trx, next, { duty: await steps.clocks.forward(trx, caller, next, owed) });
      });
      return competent ? show(caller, id) : listed(row, { stage, provider });
    },

    async complete(caller, id, { note, change }) {
      const { row, standing } = await applicantOf(caller, id);
      const content = { ...row.content, ...change };
      const { department: _, ...asked } = content;
      const consent = checkRequest(standing.profile, row.consumer, asked, now());
      await db.transaction(async (trx) => {
        const approver = approverThen(standing, consent);
        await steps.step(trx, caller, standing, 'complete', note, { change: { consent, approver } });
        await changeRequest(trx, id, { content });
      });
      return show(caller, id);
    },

    async withdraw(caller, id, { reason }) {
      const { standing } = await applicantOf(caller, id);
      return stepped(caller, id, standing, 'withdraw', reason);
    },

    async negotiate(caller, id, { reason, workingDays }) {
      const { row, standing } = await visible(caller, id);
      if (caller.department !== row.consumer) await competentOf(caller, id);
      return stepped(caller, id, standing, 'negotiate', reason, { workingDays });
    },

    async openReview(caller, id, { record, workingDays }) {
      const { standing } = await competentOf(caller, id);
      return stepped(caller, id, standing, 'review', record, { workingDays });
    },

    async rule(caller, id, { outcome, record }) {
      const { standing } = await competentOf(caller, id);
      return stepped(caller, id, standing, outcome === 'share' ? 'uphold' : 'reject', record);
    },
  };
}
