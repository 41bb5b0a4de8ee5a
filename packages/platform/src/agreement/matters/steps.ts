import {
  actsAt,
  type Matter,
  type MatterAct,
  type MatterEventAct,
  matterActs,
  nextStage,
  type PolicyProfile,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../../department/departments.js';
import type { DutyClocks, PolicyService } from '../../ports.js';
import { type Caller, callerName } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { agreementErrors } from '../errors.js';
import { type Clocks, createMatterClocks, type OwedThen } from './clocks.js';
import { requireRulingBody } from './judge.js';
import {
  changeMatter,
  insertMatter,
  insertMatterEvent,
  type MatterEvent,
  type MatterRow,
  type MatterTables,
  matterEvents,
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

interface StepMore {
  readonly change?: Partial<MatterRow>;
  /** Working days until the stage it leads to has to be over. */
  readonly workingDays?: number | undefined;
}

/** Moves matters from stage to stage; each step with its record, its audit entry and its clocks, in one transaction. */
export interface MatterSteps {
  insert(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    act: MatterEventAct,
    text: string,
  ): Promise<void>;
  /** Not inside a transaction. */
  standingOf(matter: MatterRow): Promise<Standing>;
  /** Whether a competent department other than this one is registered. Not inside a transaction. */
  competentBeside(department: string): Promise<boolean>;
  /**
   * Throws QZ_MODEL_MATTER_ACT where it does not stand so, QZ_PLATFORM_RULING_BODY_NONE for a negotiation that nobody organises,
   * QZ_PLATFORM_NOT_PENDING when someone else was faster.
   */
  step(
    trx: Knex.Transaction,
    actor: Actor,
    standing: Standing,
    act: MatterAct,
    text: string,
    more?: StepMore,
  ): Promise<MatterRow>;
  /** Something that leaves the stage as it is, or leads where no act of a party does. */
  note(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    act: MatterEventAct,
    text: string,
    change: Partial<MatterRow>,
  ): Promise<void>;
  /** Without a record of its own. */
  change(trx: Knex.Transaction, matter: MatterRow, next: Partial<MatterRow>): Promise<MatterRow>;
  /** Takes a reply that is late to negotiation, where the regulation foresees one (R070); may be repeated. */
  overdue(standing: Standing, duty: string): Promise<void>;
  view(standing: Standing): Promise<Matter>;
  readonly clocks: Clocks;
}

export function createMatterSteps(
  { db, audit, now }: PlatformContext,
  duties: DutyClocks,
  policies: PolicyService,
  departments: Pick<Departments, 'all'>,
  { tables, owedThen }: { readonly tables: MatterTables; readonly owedThen: OwedThen },
): MatterSteps {
  const clocks = createMatterClocks(duties, now, owedThen);

  const competentBeside = async (department: string) =>
    (await departments.all()).some(({ id, competent }) => competent && id !== department);

  async function record(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    act: MatterEventAct,
    text: string,
  ) {
    const event: MatterEvent = {
      at: now().toISOString(),
      actor: actor === 'platform' ? actor : callerName(actor),
      act,
      stage: matter.stage,
      text,
    };
    await insertMatterEvent(trx, matter.id, event, tables);
    const details = { stage: matter.stage };
    await audit.record(
      { actor, action: `matter.${act}`, object: matter.agreement, outcome: 'done', details },
      trx,
    );
  }

  const change: MatterSteps['change'] = async (trx, matter, next) => {
    if (Object.keys(next).length > 0 && !(await changeMatter(trx, matter, next, tables)))
      throw agreementErrors.NOT_PENDING({ agreement: matter.agreement, state: matter.stage });
    return { ...matter, ...next };
  };

  const step: MatterSteps['step'] = async (trx, actor, standing, act, text, more = {}) => {
    const { matter, profile } = standing;
    if (act === 'negotiate') requireRulingBody(standing.competentBeside, matter.consumer);
    const stage = nextStage(matter.stage, act, factsOf(standing));
    const turned = await clocks.turn(trx, actor, matter, profile, act, text, more.workingDays);
    const next = await change(trx, matter, { stage, ...turned, ...more.change });
    await record(trx, actor, next, act, text);
    return next;
  };

  return {
    clocks,
    change,
    step,
    competentBeside,

    async insert(trx, actor, matter, act, text) {
      await insertMatter(trx, matter, tables);
      await record(trx, actor, matter, act, text);
    },

    async standingOf(matter) {
      const profile = await policies.asOf(matter.profile, matter.policy, matter.beganAt);
      return {
        matter,
        profile,
        overdue: matter.stage === 'reply' && (await clocks.isOverdue(matter)),
        competentBeside: await competentBeside(matter.consumer),
      };
    },

    async note(trx, actor, matter, act, text, next) {
      await record(trx, actor, await change(trx, matter, next), act, text);
    },

    async overdue(standing, duty) {
      const { matter } = standing;
      if (matter.duty !== duty || matter.stage !== 'reply' || factsOf(standing).ruledBy === null) return;
      const late = { ...standing, overdue: true };
      await db.transaction((trx) =>
        step(trx, 'platform', late, 'negotiate', '逾期未答复 / not answered in time'),
      );
    },

    async view(standing) {
      const { matter } = standing;
      const { agreement, stage, provider, consumer, profile, restricted, confidentiality } = matter;
      const { need, refusal, opinion, beganAt } = matter;
      const signed = confidentiality === '' ? 'unsigned' : 'signed';
      return {
        ...{ agreement, stage, provider, consumer, profile, restricted, need, refusal, opinion, beganAt },
        itemBasis: { ...matter.itemBasis },
        confidentiality: confidentiality === null ? 'not-needed' : signed,
        clocks: [...(await duties.openOf(agreement))],
        next: actsAt(stage, factsOf(standing))
          .filter((act) => act !== 'grant' || !restricted)
          .map((act) => ({ act, by: [...matterActs[act].by] })),
        events: (await matterEvents(db, matter.id, tables)).map((event) => ({ ...event })),
      };
    },
  };
}

/** Nobody rules where the applicant is the only competent department. */
export const factsOf = ({
  overdue,
  profile,
  competentBeside,
  matter,
}: Pick<Standing, 'overdue' | 'profile' | 'competentBeside'> & {
  readonly matter: Pick<MatterRow, 'agreement'>;
}) => ({
  id: matter.agreement,
  overdue,
  ruledBy: competentBeside ? profile.application.ruledBy : null,
});
