import { chinaDay, type Deadline, type MatterAct, type PolicyProfile } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { DutyClocks, NewDuty } from '../../ports.js';
import type { Actor } from './matters.js';
import type { MatterRow } from './store.js';
import { settleRest } from './supply.js';

type Turned = Partial<Pick<MatterRow, 'duty' | 'supplyDuty' | 'filingDuty'>>;

/** The duties that a matter opens, rests and closes on its way. */
export interface Clocks {
  /** Reply (R057–R062): what `replyTerm` says. */
  reply(
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

export function createMatterClocks(duties: DutyClocks, now: () => Date): Clocks {
  const open = (
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    duty: Pick<NewDuty, 'kind' | 'owner' | 'rule' | 'deadline'>,
  ) => duties.open(trx, { ...duty, object: matter.agreement, profile: matter.profile }, actor);

  const negotiation: Clocks['negotiation'] = (trx, actor, matter, workingDays) =>
    open(trx, actor, matter, {
      kind: 'agreement.negotiate',
      owner: null,
      rule: matter.restricted ? 'R138' : 'R070',
      deadline: within(workingDays),
    });

  /** A grant that comes of a ruling has a deadline of its own (R074). */
  async function supply(
    trx: Knex.Transaction,
    actor: Actor,
    matter: MatterRow,
    profile: PolicyProfile,
    act: 'grant' | 'uphold',
  ): Promise<Turned> {
    const ruled = act === 'uphold';
    const deadline = ruled ? profile.rulingSupplyDays : profile.supplyDays;
    const rule = ruled ? 'R074' : 'R063';
    const { provider } = matter;
    const supplyDuty = await open(trx, actor, matter, {
      kind: 'agreement.supply',
      owner: provider,
      rule,
      deadline,
    });
    await settleRest(trx, duties, matter.agreement, actor);
    if (!profile.application.filing) return { supplyDuty };
    const filing = { kind: 'agreement.file', owner: null, rule: 'R076', deadline: null } as const;
    return { supplyDuty, filingDuty: await open(trx, actor, matter, filing) };
  }

  return {
    negotiation,
    reply: (trx, actor, matter, duty) => open(trx, actor, matter, { kind: 'agreement.reply', ...duty }),

    async turn(trx, actor, matter, profile, act, text, workingDays) {
      const { duty } = matter;
      if (act === 'return' || act === 'complete') {
        if (duty === null) return {};
        await (act === 'return' ? duties.pause(trx, duty, text, actor) : duties.resume(trx, duty, actor));
        return {};
      }
      if (duty !== null) {
        const outcome = act === 'withdraw' ? 'void' : act === 'negotiate' ? 'waived' : 'done';
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
        ? { ...ended, ...(await supply(trx, actor, matter, profile, act)) }
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
