import type { LocalText } from '../errors/language.js';
import type { MatterAct, MatterStage } from './matter.js';
import { isRequestId } from './off-catalog.js';

/** What people call the stages of a matter. */
export const matterStageWords: Readonly<Record<MatterStage, LocalText>> = {
  forwarding: { zh: '待转送', en: 'to be forwarded' },
  reply: { zh: '待答复', en: 'awaiting the reply' },
  completion: { zh: '退回补正', en: 'returned for completion' },
  granted: { zh: '已授权', en: 'granted' },
  refused: { zh: '不同意', en: 'refused' },
  negotiation: { zh: '协商', en: 'negotiation' },
  'joint-review': { zh: '联席会审', en: 'joint review' },
  rejected: { zh: '裁定不予共享', en: 'ruled not to be shared' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
};

/** The stage of this agreement or request in words: a request that was agreed to grants nothing yet. */
export function matterStageText(stage: MatterStage, id: string): LocalText {
  if (stage === 'granted' && isRequestId(id)) return { zh: '已同意', en: 'accepted' };
  return matterStageWords[stage];
}

/** What the story of a matter is made of: the acts that lead from stage to stage, and what else happens to it. */
export type MatterEventAct =
  | MatterAct
  | 'apply'
  | 'sign'
  | 'opine'
  | 'file'
  | 'hand-over'
  | 'end'
  | 'name-entry'
  | 'unmatched'
  | 'link'
  | 'turn';

/** What people call them. */
export const matterActWords: Readonly<Record<MatterEventAct, LocalText>> = {
  apply: { zh: '提出申请', en: 'application' },
  sign: { zh: '签署安全保密协议', en: 'confidentiality agreement signed' },
  forward: { zh: '转送', en: 'forwarding' },
  return: { zh: '退回补正', en: 'return for completion' },
  complete: { zh: '补正', en: 'completion' },
  reassign: { zh: '转办', en: 'reassignment' },
  withdraw: { zh: '撤回', en: 'withdrawal' },
  grant: { zh: '同意', en: 'agreement' },
  refuse: { zh: '不同意', en: 'refusal' },
  opine: { zh: '提供部门表示意见', en: "the provider's opinion" },
  negotiate: { zh: '提请协商', en: 'negotiation' },
  review: { zh: '转联席会审', en: 'joint review' },
  uphold: { zh: '裁定共享', en: 'ruling to share' },
  reject: { zh: '裁定不予共享', en: 'ruling not to share' },
  file: { zh: '备案', en: 'taken on file' },
  'hand-over': { zh: '提供部门变更', en: 'another department provides it' },
  end: { zh: '终止', en: 'end' },
  'name-entry': { zh: '指明目录条目', en: 'catalog entry named' },
  unmatched: { zh: '发布的条目不含所需信息项', en: 'published entry without its items' },
  link: { zh: '关联目录条目', en: 'linked to its catalog entry' },
  turn: { zh: '转为申请', en: 'turned into an application' },
};

/** An act as it was told, in words; one that a later version told stays as it is. */
export function matterActText(act: string): LocalText {
  return Object.hasOwn(matterActWords, act) ? matterActWords[act as MatterEventAct] : { zh: act, en: act };
}

/** The acts in words; none is told as such. */
export function actsText(acts: readonly MatterAct[]): LocalText {
  if (acts.length === 0) return { zh: '无(已办结)', en: 'nothing, it is over' };
  const list = (language: 'zh' | 'en') => acts.map((act) => matterActWords[act][language]);
  return { zh: list('zh').join('、'), en: list('en').join(', ') };
}
