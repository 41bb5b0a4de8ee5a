import { randomUUID } from 'node:crypto';
import { actsAt, nextStage, type PolicyProfile } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../../department/departments.js';
import { policyDigest } from '../../policy/policies.js';
import type { DutyClocks, PolicyService } from '../../ports.js';
import type { PlatformContext } from '../../server/context.js';
import type { AgreementRow } from '../store.js';
import { supplyOwed } from './clocks.js';
import { matterErrors } from './errors.js';
import { requireRulingBody } from './judge.js';
import { type Actor, createMatterSteps, factsOf, type MatterSteps, type Standing } from './steps.js';
import {
  agreementMatters,
  insertMatter,
  latestMatter,
  type MatterRow,
  type ReplyDeadline,
  takeDuties,
} from './store.js';

type Judged = Pick<Standing, 'matter' | 'profile' | 'competentBeside'>;

/** What an application brings along. */
export interface NewMatter
  extends Pick<MatterRow, 'application' | 'asked' | 'restricted' | 'consent' | 'itemBasis' | 'need'> {
  readonly profile: PolicyProfile;
  /** Asks for what is not shared with everybody. */
  readonly guarded: boolean;
  /** The competent department that has to forward it first (R075). */
  readonly forwarder: string | undefined;
  readonly competentBeside: boolean;
}

/** Applications on their way from stage to stage. */
export interface Matters extends MatterSteps {
  /** Not inside a transaction: it waits for those under way. */
  currentProfile(): Promise<PolicyProfile>;
  begin(trx: Knex.Transaction, actor: Actor, row: AgreementRow, matter: NewMatter): Promise<void>;
  /** Begins where others left off: with some items refused, while the rest was granted. */
  beginRefused(trx: Knex.Transaction, actor: Actor, matter: MatterRow, text: string): Promise<void>;
  /** To the provider (R075), as if it had just been applied for. */
  forward(trx: Knex.Transaction, actor: Actor, standing: Standing, text: string): Promise<void>;
  /**
   * How the newest application of an agreement stands; not inside a transaction. One made before matters were kept gets its own now, without
   * a clock. Throws QZ_PLATFORM_MATTER_NONE where nobody had to decide.
   */
  standing(row: AgreementRow): Promise<Standing>;
  /** The agreement ended: what is still owed or undecided is void. */
  endOpen(trx: Knex.Transaction, actor: Actor, agreement: string, reason: string): Promise<void>;
  /** The grant ended, and the application that may still be open goes on: nothing is to be supplied any more. */
  endSupply(trx: Knex.Transaction, actor: Actor, agreement: string, reason: string): Promise<void>;
  /** Another department provides the resource: what the one before owes of the agreement is its to do, by the same day. */
  handOver(
    trx: Knex.Transaction,
    actor: Actor,
    agreement: string,
    provider: string,
    reason: string,
  ): Promise<void>;
}

export function createMatters(
  context: PlatformContext,
  duties: DutyClocks,
  policies: PolicyService,
  departments: Pick<Departments, 'all'>,
): Matters {
  const { db, now } = context;
  const steps = createMatterSteps(context, duties, policies, departments, {
    tables: agreementMatters,
    owedThen: supplyOwed,
  });
  const { clocks, change } = steps;

  async function adopt(row: AgreementRow): Promise<MatterRow> {
    if (row.state !== 'applied') throw matterErrors.MATTER_NONE({ agreement: row.id });
    const profile = await policies.current();
    return db.transaction(async (trx) => {
      const known = await latestMatter(trx, row.id);
      if (known) return known;
      const { seq } = await trx('applications').where({ agreement: row.id }).orderBy('seq', 'desc').first();
      const matter = { ...freshMatter(row, profile, 'conditional', now()), application: seq as number };
      await insertMatter(trx, matter);
      return matter;
    });
  }

  /** The provider has it: it owes a reply, or what is not shared is negotiated at once (R138). */
  async function arrive(trx: Knex.Transaction, actor: Actor, judged: Judged): Promise<void> {
    const { matter } = judged;
    if (!matter.restricted) {
      await change(trx, matter, await clocks.reply(trx, actor, judged));
      return;
    }
    const stage = negotiated(judged);
    const duty = await clocks.negotiation(trx, actor, matter, undefined);
    await steps.note(trx, actor, matter, 'negotiate', matter.need ?? '', { stage, duty });
  }

  return {
    ...steps,
    currentProfile: () => policies.current(),

    async begin(trx, actor, row, { profile, guarded, forwarder, competentBeside, ...given }) {
      if (given.restricted) {
        requireRulingBody(competentBeside, row.consumer);
        negotiated({ profile, competentBeside, matter: { agreement: row.id } });
      }
      const unsigned = profile.application.confidentiality && guarded ? '' : null;
      const matter: MatterRow = {
        ...freshMatter(row, profile, given.asked, now()),
        ...given,
        confidentiality: unsigned,
        ...(forwarder !== undefined && { stage: 'forwarding' }),
      };
      await steps.insert(trx, actor, matter, 'apply', given.need ?? '');
      if (forwarder === undefined) return arrive(trx, actor, { matter, profile, competentBeside });
      const owed = { owner: forwarder, rule: 'R075', deadline: profile.forwardDays };
      await change(trx, matter, { duty: await clocks.forward(trx, actor, matter, owed) });
    },

    async beginRefused(trx, actor, matter, text) {
      await steps.insert(trx, actor, matter, 'refuse', text);
    },

    async forward(trx, actor, standing, text) {
      const matter = await steps.step(trx, actor, standing, 'forward', text);
      await arrive(trx, actor, { ...standing, matter });
    },

    standing: async (row) => steps.standingOf((await latestMatter(db, row.id)) ?? (await adopt(row))),

    async endOpen(trx, actor, agreement, reason) {
      const matter = await latestMatter(trx, agreement);
      if (!matter) return;
      for (const duty of await takeDuties(trx, agreement))
        await clocks.close(trx, duty, 'void', reason, actor);
      const stage = isOver(matter) ? matter.stage : 'withdrawn';
      await steps.note(trx, actor, matter, 'end', reason, { stage });
    },

    async endSupply(trx, actor, agreement, reason) {
      for (const duty of await takeDuties(trx, agreement, ['supply_duty']))
        await clocks.close(trx, duty, 'void', reason, actor);
    },

    async handOver(trx, actor, agreement, provider, reason) {
      const matter = await latestMatter(trx, agreement);
      if (!matter) return;
      const owed = await duties.openOf(agreement, undefined, trx);
      for (const { id } of owed.filter(({ owner }) => owner !== null && owner === matter.provider))
        await duties.handOver(trx, id, provider, reason, actor);
      if (isOver(matter) && matter.supplyDuty === null) return;
      // what the department before thought of it is not what this one thinks
      const change = { provider, opinion: null };
      await steps.note(trx, actor, matter, 'hand-over', `${provider}: ${reason}`, change);
    },
  };
}

function isOver({ stage, agreement: id }: MatterRow): boolean {
  return actsAt(stage, { id, overdue: false, ruledBy: null }).length === 0;
}

/** Of what is asked for: an agreement or a request. */
export function freshMatter(
  { id, provider, consumer }: Pick<AgreementRow, 'id' | 'consumer'> & Pick<MatterRow, 'provider'>,
  profile: PolicyProfile,
  asked: ReplyDeadline,
  at: Date,
): MatterRow {
  return {
    id: randomUUID(),
    agreement: id,
    application: 0,
    provider,
    consumer,
    stage: 'reply',
    profile: profile.id,
    policy: policyDigest(profile),
    asked,
    approver: null,
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
    beganAt: at.toISOString(),
  };
}

/** As if it had been refused. Throws QZ_MODEL_MATTER_NO_RULING where the regulation foresees nothing of the kind. */
function negotiated(judged: Omit<Parameters<typeof factsOf>[0], 'overdue'>) {
  return nextStage('refused', 'negotiate', factsOf({ ...judged, overdue: false }));
}
