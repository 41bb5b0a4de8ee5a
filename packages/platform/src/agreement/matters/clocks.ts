import { chinaDay, type Deadline, type MatterAct, type PolicyProfile } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { DutyClocks, NewDuty } from '../../ports.js';
import { approverOf, replyTerm } from './judge.js';
import type { Actor, Standing } from './steps.js';
import type { MatterRow } from './store.js';
import { settleRest } from './supply.js';

type Turned = Partial<Pick<MatterRow, 'duty' | 'supplyDuty' | 'filingDuty'>>;

/** The duties that a matter opens, rests and closes on its way. */
export interface Clocks {
  /** Reply (R057–R062): owed by whoever decides, by the days that `replyTerm` says. Answers what is to be kept of it. */
  reply(
    trx: Knex.Transaction,
    actor: Actor,
    judged: Pick<Standing, 'matter' | 'profile' | 'competentBeside'>,
  ): Promise<Pick<MatterRow, 'duty' | 'approver'>>;
  /** Forwarding of what is not with the department that is to reply. */
  forward(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    duty: Pick<NewDuty, 'owner' | 'rule' | 'deadline'>,
  ): Promise<string>;
  negotiation(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    workingDays: number | undefined,
  ): Promise<string>;
  /** What an act does to the clocks; answers the duties that run from then on. */
  turn(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    profile: PolicyProfile,
    act: MatterAct,
    text: string,
    workingDays: number | undefined,
  ): Promise<Turned>;
  /** The reply is owed and late. Not inside a transaction. */
  isOverdue(matter: MatterRow): Promise<boolean>;
  close(
    trx: Knex.Transaction,
    duty: string,
    outcome: 'done' | 'void',
    note: string,
    actor: Actor,
  ): Promise<void>;
}

/** What the provider owes once it was agreed or ruled that the data is to be shared. */
export type OwedThen = (
  matter: MatterRow,
  profile: PolicyProfile,
  act: 'grant' | 'uphold',
) => Partial<Readonly<Record<'supplyDuty' | 'filingDuty', Owed>>>;

type Owed = Pick<NewDuty, 'kind' | 'owner' | 'rule' | 'deadline'>;

/** A grant that comes of a ruling has a deadline of its own (R074). */
export const supplyOwed: OwedThen = ({ provider }, { supplyDays, rulingSupplyDays, application }, act) => {
  const [rule, deadline] = act === 'uphold' ? ['R074', rulingSupplyDays] : ['R063', supplyDays];
  const filing = { kind: 'agreement.file', owner: null, rule: 'R076', deadline: null } as const;
  return {
    supplyDuty: { kind: 'agreement.supply', owner: provider, rule, deadline },
    ...(application.filing && { filingDuty: filing }),
  };
};

export function createMatterClocks(duties: DutyClocks, now: () => Date, owedThen: OwedThen): Clocks {
  const open = (trx: Knex.Transaction, actor: Actor, matter: MatterRow, duty: Owed) =>
    duties.open(trx, { ...duty, object: matter.agreement, profile: matter.profile }, actor);

  const negotiation: Clocks['negotiation'] = (trx, actor, matter, workingDays) =>
    open(trx, actor, matter, {
      kind: 'agreement.negotiate',
      owner: null,
      rule: matter.restricted ? 'R138' : 'R070',
      deadline: within(workingDays),
    });

  async function shared(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    profile: PolicyProfile,
    act: 'grant' | 'uphold',
  ): Promise<Turned> {
    const opened = new Map<string, string>();
    for (const [name, owed] of Object.entries(owedThen(matter, profile, act)))
      opened.set(name, await open(trx, actor, matter, owed));
    await settleRest(trx, duties, matter.agreement, actor);
    return Object.fromEntries(opened);
  }

  return {
    negotiation,
    forward: (trx, actor, matter, duty) => open(trx, actor, matter, { kind: 'agreement.forward', ...duty }),
    async reply(trx, actor, { matter, profile, competentBeside }) {
      const approver = approverOf(profile, { consent: matter.consent, competentBeside });
      const owner = approver === null || approver === 'provider' ? matter.provider : null;
      const duty = { kind: 'agreement.reply' as const, owner, ...replyTerm(profile, matter.asked) };
      return { duty: await open(trx, actor, matter, duty), approver };
    },

    async turn(trx, actor, matter, profile, act, text, workingDays) {
      const { duty } = matter;
      if (act === 'return' || act === 'complete') {
        if (duty === null) return {};
        await (act === 'return' ? duties.pause(trx, duty, text, actor) : duties.resume(trx, duty, actor));
        return {};
      }
      if (duty !== null) {
        const nobodys = act === 'withdraw' || act === 'reassign';
        const outcome = nobodys ? 'void' : act === 'negotiate' ? 'waived' : 'done';
        await duties.close(trx, duty, outcome, text || act, actor);
      }
      if (act === 'negotiate') return { duty: await negotiation(trx, actor, matter, workingDays) };
      if (act === 'review') {
        const ruling = {
          kind: 'agreement.review',
          owner: null,
          rule: 'R072',
          deadline: within(workingDays),
        } as const;
        return { duty: await open(trx, actor, matter, ruling) };
      }
      const ended = { duty: null };
      return act === 'grant' || act === 'uphold'
        ? { ...ended, ...(await shared(trx, actor, matter, profile, act)) }
        : ended;
    },

    async isOverdue({ agreement, duty }) {
      if (duty === null) return false;
      const today = chinaDay(now());
      const open = await duties.openOf(agreement, 'agreement.reply');
      return open.some(
        ({ id, state, dueDay, provisionalYears }) =>
          // a guessed date is never past
          id === duty &&
          state === 'open' &&
          provisionalYears.length === 0 &&
          dueDay !== null &&
          dueDay < today,
      );
    },
    close: (trx, duty, outcome, note, actor) => duties.close(trx, duty, outcome, note, actor),
  };
}

/** A period that the competent department sets; the regulations set none for negotiation and review. */
function within(n: number | undefined): Deadline | null {
  return n === undefined ? null : { n, unit: 'workingDay', excludeStartDay: true };
}
