import { type Static, Type } from '@sinclair/typebox';
import { modelErrors } from '../errors.js';
import { actsText, matterActWords, matterStageText } from './matter-words.js';
import { isRequestId } from './off-catalog.js';

/**
 * 一件申请所处的环节 (R058–R074): where an application stands between being made and being over. The grant that comes of it has a life
 * of its own.
 */
export const matterStages = [
  'forwarding', // 待转送: with the applicant's competent department, not with the department that is to reply
  'reply', // 待答复: the approver owes an answer
  'completion', // 退回补正: the applicant must complete it; the approver's clock rests
  'granted',
  'refused', // 不同意: may be taken to negotiation where the regulation foresees it
  'negotiation', // 协商, organised by the competent department
  'joint-review', // 联席会审
  'rejected', // 裁定不予共享: over
  'withdrawn', // 撤回: over
] as const;
export type MatterStage = (typeof matterStages)[number];

/** Who acts: the department that applies, whoever decides on it, or the competent department as such. */
export type MatterParty = 'applicant' | 'decider' | 'competent';

interface Step {
  readonly from: readonly MatterStage[];
  readonly to: MatterStage;
  readonly by: readonly MatterParty[];
}

/** What may be done to a matter, from where, by whom. */
export const matterActs = {
  /** 转送 (R075): to the department that is to reply, whose time begins then. */
  forward: { from: ['forwarding'], to: 'reply', by: ['competent'] },
  /** 退回补正: what is missing is said; time does not count until it is there. */
  return: { from: ['reply'], to: 'completion', by: ['decider'] },
  complete: { from: ['completion'], to: 'reply', by: ['applicant'] },
  /** 转办: of a request whose data another department has; a catalog entry says whose it is. */
  reassign: { from: ['reply'], to: 'forwarding', by: ['decider', 'competent'] },
  withdraw: {
    from: ['forwarding', 'reply', 'completion', 'refused', 'negotiation'],
    to: 'withdrawn',
    by: ['applicant'],
  },
  /** Whoever refused, or was late, may still agree while it is negotiated. */
  grant: { from: ['reply', 'negotiation'], to: 'granted', by: ['decider'] },
  refuse: { from: ['reply'], to: 'refused', by: ['decider'] },
  /** 提请协商: of what was refused (R070), or not answered in time. */
  negotiate: { from: ['refused', 'reply'], to: 'negotiation', by: ['applicant', 'competent'] },
  /** 联席会审: the negotiation came to nothing (R072). */
  review: { from: ['negotiation'], to: 'joint-review', by: ['competent'] },
  /** 裁定共享 (R073). */
  uphold: { from: ['joint-review'], to: 'granted', by: ['competent'] },
  /** 裁定不予共享. */
  reject: { from: ['joint-review'], to: 'rejected', by: ['competent'] },
} as const satisfies Record<string, Step>;
export type MatterAct = keyof typeof matterActs;

/** What else decides whether an act may be done. */
export interface MatterFacts {
  /** Of the agreement or request, for what is said of it. */
  readonly id: string;
  /** The answer is owed and its time is over; never where the regulation names no deadline. */
  readonly overdue: boolean;
  /** Who rules in the end; null: the regulation foresees no negotiation and no ruling. */
  readonly ruledBy: string | null;
}

/**
 * The stage an act leads to. Throws QZ_MODEL_MATTER_ACT (conflict) where the matter does not stand so that it may be done, or where the
 * regulation does not know it.
 */
export function nextStage(stage: MatterStage, act: MatterAct, facts: MatterFacts): MatterStage {
  const step: Step = matterActs[act];
  const early = act === 'negotiate' && stage === 'reply' && !facts.overdue;
  if (!step.from.includes(stage) || early || !mayBe(act, facts.id))
    throw modelErrors.MATTER_ACT({
      act: matterActWords[act],
      stage: matterStageText(stage, facts.id),
      open: actsText(actsAt(stage, facts)),
      agreement: facts.id,
    });
  if (act === 'negotiate' && facts.ruledBy === null) throw modelErrors.MATTER_NO_RULING({});
  return step.to;
}

/** What may be done next, in the order of the table; of one party only where it is named. Empty: it is over. */
export function actsAt(stage: MatterStage, facts: MatterFacts, party?: MatterParty): MatterAct[] {
  return (Object.entries(matterActs) as [MatterAct, Step][])
    .filter(([act, { from, by }]) => {
      if (!from.includes(stage) || !mayBe(act, facts.id)) return false;
      if (party !== undefined && !by.includes(party)) return false;
      return act !== 'negotiate' || (facts.ruledBy !== null && (stage === 'refused' || facts.overdue));
    })
    .map(([act]) => act);
}

/** Only a request can be with the wrong department. */
const mayBe = (act: MatterAct, id: string) => act !== 'reassign' || isRequestId(id);

/**
 * 不同意的理由类别 (R064). `internal-rule` is there to be told apart from the rest: a department's own rule is no ground (R028).
 */
export const RefusalGroundSchema = Type.Union([
  Type.Literal('law', { description: '法律、行政法规或国家规定' }),
  Type.Literal('secret', { description: '国家秘密' }),
  Type.Literal('unrelated', { description: '与所述业务事项无关' }),
  Type.Literal('excessive', { description: '超出最小够用' }),
  Type.Literal('not-held', { description: '本部门不掌握' }),
  Type.Literal('internal-rule', { description: '部门内部规定:不得作为理由 (R028)' }),
]);
export type RefusalGround = Static<typeof RefusalGroundSchema>;

/** Why something is not shared. */
export const RefusalSchema = Type.Object(
  {
    reason: Type.String({ minLength: 1 }),
    ground: Type.Optional(RefusalGroundSchema),
    legalBasis: Type.Optional(Type.String({ minLength: 1, description: '法律依据 (R064)' })),
  },
  { additionalProperties: false },
);
export type Refusal = Static<typeof RefusalSchema>;
