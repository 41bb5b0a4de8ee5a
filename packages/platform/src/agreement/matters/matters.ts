import { randomUUID } from 'node:crypto';
import { actsAt, type MatterAct, nextStage, type PolicyProfile } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../../department/departments.js';
import { policyDigest } from '../../policy/policies.js';
import type { DutyClocks, PolicyService } from '../../ports.js';
import { type Caller, callerName } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { agreementErrors } from '../errors.js';
import type { AgreementRow } from '../store.js';
import { type Clocks, createMatterClocks } from './clocks.js';
import { matterErrors } from './errors.js';
import { approverOf, replyTerm, requireRulingBody } from './judge.js';
import {
  changeMatter,
  insertMatter,
  insertMatterEvent,
  latestMatter,
  type MatterEvent,
  type MatterRow,
  takeDuties,
} from './store.js';

export type Actor = Caller | 'platform';

/** A matter with what it is judged by. */
export interface Standing {
  readonly matter: MatterRow;
  readonly profile: PolicyProfile;
  readonly overdue: boolean;
  /** A competent department other than the applicant is registered. */
  readonly competentBeside: boolean;
}

/** What an application brings along. */
export interface NewMatter
  extends Pick<MatterRow, 'application' | 'restricted' | 'consent' | 'itemBasis' | 'need'> {
  readonly profile: PolicyProfile;
  /** The department has not applied for the resource before. */
  readonly first: boolean;
  /** Asks for what is not shared with everybody. */
  readonly guarded: boolean;
  /** Asks for nothing that anybody would have to decide on, but for a profile that wants an answer (R057). */
  readonly open: boolean;
  readonly competentBeside: boolean;
}

interface StepMore {
  readonly change?: Partial<MatterRow>;
  /** Working days until the stage it leads to has to be over. */
  readonly workingDays?: number | undefined;
}

/** Moves applications from stage to stage; each step with its record, its audit entry and its clocks, in one transaction. */
export interface Matters {
  /** Not inside a transaction: it waits for those under way. */
  currentProfile(): Promise<PolicyProfile>;
  /** Whether a competent department other than this one is registered. Not inside a transaction. */
  competentBeside(department: string): Promise<boolean>;
  begin(trx: Knex.Transaction, actor: Actor, row: AgreementRow, matter: NewMatter): Promise<void>;
  /** Begins where others left off: with some items refused, while the rest was granted. */
  beginRefused(trx: Knex.Transaction, actor: Actor, matter: MatterRow, text: string): Promise<void>;
  /**
   * How the newest application of an agreement stands; not inside a transaction. One made before matters were kept gets its own now, without
   * a clock. Throws QZ_PLATFORM_MATTER_NONE where nobody had to decide.
   */
  standing(row: AgreementRow): Promise<Standing>;
  /** Throws QZ_MODEL_MATTER_ACT where it does not stand so, QZ_PLATFORM_NOT_PENDING when someone else was faster. */
  step(
    trx: Knex.Transaction,
    actor: Actor,
    standing: Standing,
    act: MatterAct,
    text: string,
    more?: StepMore,
  ): Promise<MatterRow>;
  /** Something that leaves the stage as it is. */
  note(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    act: string,
    text: string,
    change: Partial<MatterRow>,
  ): Promise<void>;
  /** The agreement ended: what is still owed or undecided is void. */
  endOpen(trx: Knex.Transaction, actor: Actor, agreement: string, reason: string): Promise<void>;
  /** The grant ended, and the application that may still be open goes on: nothing is to be supplied any more. */
  endSupply(trx: Knex.Transaction, actor: Actor, agreement: string, reason: string): Promise<void>;
  readonly clocks: Clocks;
}

export function createMatters(
  { db, audit, now }: PlatformContext,
  duties: DutyClocks,
  policies: PolicyService,
  departments: Pick<Departments, 'all'>,
): Matters {
  const clocks = createMatterClocks(duties, now);

  async function record(trx: Knex.Transaction, actor: Actor, matter: MatterRow, act: string, text: string) {
    const event: MatterEvent = {
      at: now().toISOString(),
      actor: actor === 'platform' ? actor : callerName(actor),
      act,
      stage: matter.stage,
      text,
    };
    await insertMatterEvent(trx, matter.id, event);
    const details = { stage: matter.stage };
    await audit.record(
      { actor, action: `matter.${act}`, object: matter.agreement, outcome: 'done', details },
      trx,
    );
  }

  async function change(trx: Knex.Transaction, matter: MatterRow, next: Partial<MatterRow>) {
    if (Object.keys(next).length > 0 && !(await changeMatter(trx, matter, next)))
      throw agreementErrors.NOT_PENDING({ agreement: matter.agreement, state: matter.stage });
    return { ...matter, ...next };
  }

  const competentBeside = async (department: string) =>
    (await departments.all()).some(({ id, competent }) => competent && id !== department);

  function fresh(row: AgreementRow, profile: PolicyProfile): MatterRow {
    return {
      id: randomUUID(),
      agreement: row.id,
      application: 0,
      provider: row.provider,
      consumer: row.consumer,
      stage: 'reply',
      profile: profile.id,
      policy: policyDigest(profile),
      restricted: false,
      consent: false,
      itemBasis: {},
      need: null,
      refusal: null,
      opinion: null,
      duty: null,
      supplyDuty: null,
      filingDuty: null,
      confidentiality: null,
      beganAt: now().toISOString(),
    };
  }

  async function adopt(row: AgreementRow): Promise<MatterRow> {
    if (row.state !== 'applied') throw matterErrors.MATTER_NONE({ agreement: row.id });
    const profile = await policies.current();
    return db.transaction(async (trx) => {
      const known = await latestMatter(trx, row.id);
      if (known) return known;
      const { seq } = await trx('applications').where({ agreement: row.id }).orderBy('seq', 'desc').first();
      const matter = { ...fresh(row, profile), application: seq as number };
      await insertMatter(trx, matter);
      return matter;
    });
  }

  return {
    clocks,
    currentProfile: () => policies.current(),
    competentBeside,

    async begin(trx, actor, row, { profile, first, guarded, open, competentBeside: beside, ...given }) {
      const { confidentiality, ruledBy } = profile.application;
      if (given.restricted) requireRulingBody(beside, row.consumer);
      const unsigned = confidentiality && guarded ? '' : null;
      const matter = { ...fresh(row, profile), ...given, confidentiality: unsigned };
      await insertMatter(trx, matter);
      await record(trx, actor, matter, 'apply', given.need ?? '');
      if (!given.restricted) {
        const approver = approverOf(profile, { consent: given.consent, competentBeside: beside });
        const owner = approver === null || approver === 'provider' ? row.provider : null;
        const duty = await clocks.reply(trx, actor, matter, {
          owner,
          ...replyTerm(profile, { first, open }),
        });
        await change(trx, matter, { duty });
        return;
      }
      const stage = nextStage('refused', 'negotiate', { overdue: false, ruledBy });
      const duty = await clocks.negotiation(trx, actor, matter, undefined);
      await record(trx, actor, await change(trx, matter, { stage, duty }), 'negotiate', given.need ?? '');
    },

    async beginRefused(trx, actor, matter, text) {
      await insertMatter(trx, matter);
      await record(trx, actor, matter, 'refuse', text);
    },

    async standing(row) {
      const matter = (await latestMatter(db, row.id)) ?? (await adopt(row));
      const profile = await policies.asOf(matter.profile, matter.policy, matter.beganAt);
      return {
        matter,
        profile,
        overdue: matter.stage === 'reply' && (await clocks.isOverdue(matter)),
        competentBeside: await competentBeside(matter.consumer),
      };
    },

    async step(trx, actor, { matter, profile, overdue }, act, text, { change: more = {}, workingDays } = {}) {
      const stage = nextStage(matter.stage, act, { overdue, ruledBy: profile.application.ruledBy });
      const turned = await clocks.turn(trx, actor, matter, profile, act, text, workingDays);
      const next = await change(trx, matter, { stage, ...turned, ...more });
      await record(trx, actor, next, act, text);
      return next;
    },

    async endOpen(trx, actor, agreement, reason) {
      const matter = await latestMatter(trx, agreement);
      if (!matter) return;
      for (const duty of await takeDuties(trx, agreement))
        await clocks.close(trx, duty, 'void', reason, actor);
      const over = actsAt(matter.stage, { overdue: false, ruledBy: null }).length === 0;
      const stage = over ? matter.stage : 'withdrawn';
      const next = await change(trx, matter, { stage });
      await record(trx, actor, next, 'end', reason);
    },

    async endSupply(trx, actor, agreement, reason) {
      for (const duty of await takeDuties(trx, agreement, ['supply_duty']))
        await clocks.close(trx, duty, 'void', reason, actor);
    },

    async note(trx, actor, matter, act, text, next) {
      await record(trx, actor, await change(trx, matter, next), act, text);
    },
  };
}
