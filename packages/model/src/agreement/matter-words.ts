import type { LocalText } from '../errors/language.js';
import type { MatterAct, MatterStage } from './matter.js';

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

/** What people call the acts. */
export const matterActWords: Readonly<Record<MatterAct, LocalText>> = {
  forward: { zh: '转送', en: 'forward' },
  return: { zh: '退回补正', en: 'return' },
  complete: { zh: '补正', en: 'complete' },
  withdraw: { zh: '撤回', en: 'withdraw' },
  grant: { zh: '同意', en: 'agree' },
  refuse: { zh: '不同意', en: 'refuse' },
  negotiate: { zh: '提请协商', en: 'negotiate' },
  review: { zh: '转联席会审', en: 'review' },
  uphold: { zh: '裁定共享', en: 'rule to share' },
  reject: { zh: '裁定不予共享', en: 'rule not to share' },
};

/** The acts in words; none is told as such. */
export function actsText(acts: readonly MatterAct[]): LocalText {
  if (acts.length === 0) return { zh: '无(已办结)', en: 'nothing, it is over' };
  const list = (language: 'zh' | 'en') => acts.map((act) => matterActWords[act][language]);
  return { zh: list('zh').join('、'), en: list('en').join(', ') };
}
