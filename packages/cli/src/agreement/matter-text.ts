import { currentLanguage, dutyKinds, type Matter, matterStageWords, type TimedDuty } from '@qianzhi/model';

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

/** Acts of a matter: what they are called, and the command that does them. */
const acts: Readonly<Record<string, readonly [zh: string, en: string, command?: string]>> = {
  apply: ['提出申请', 'applied'],
  sign: ['签署安全保密协议', 'confidentiality signed', 'qianzhi agreement sign {agreement}'],
  forward: ['转送', 'forwarded', 'qianzhi agreement forward {agreement}'],
  return: ['退回补正', 'returned for completion', 'qianzhi agreement return {agreement}'],
  complete: ['补正后再次提交', 'completed', 'qianzhi agreement complete {agreement}'],
  withdraw: ['撤回', 'withdrawn', 'qianzhi agreement withdraw {agreement}'],
  grant: ['同意', 'agreed', 'qianzhi agreement approve {agreement}'],
  refuse: ['不同意', 'refused', 'qianzhi agreement refuse {agreement} --reason {reason}'],
  opine: ['提供部门表示意见', "the provider's opinion"],
  negotiate: ['提请协商', 'taken to negotiation', 'qianzhi agreement negotiate {agreement}'],
  review: ['协商未成,转联席会审', 'negotiation failed, joint review', 'qianzhi agreement review {agreement}'],
  uphold: ['裁定共享', 'ruled: to be shared', 'qianzhi agreement rule {agreement} --outcome share'],
  reject: [
    '裁定不予共享',
    'ruled: not to be shared',
    'qianzhi agreement rule {agreement} --outcome not-share',
  ],
  file: ['备案', 'taken on file', 'qianzhi agreement file {agreement}'],
  'hand-over': ['提供部门变更', 'another department provides it'],
  end: ['授权终止', 'the agreement ended'],
  'name-entry': ['指明目录条目', 'catalog entry named'],
  link: ['关联已发布的目录条目', 'linked to the published entry'],
  turn: ['转为申请', 'turned into an application'],
};

const parties: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  applicant: ['申请部门', 'the applicant'],
  decider: ['答复方', 'whoever replies'],
  competent: ['主管部门', 'the competent department'],
};

export const actWord = (act: string): string => {
  const [zh, en] = acts[act] ?? [act, act];
  return say(zh, en);
};

/** `答复申请 mz 2026-12-11`: what is owed, by whom, by when. */
export function clockText({ kind, owner, dueDay, provisionalYears, state }: TimedDuty): string {
  const by = owner ?? say('主管部门', 'the competent department');
  const provisional = provisionalYears.length > 0 ? say('(暂定)', ' (provisional)') : '';
  const day = dueDay === null ? say('未规定期限', 'no deadline laid down') : `${dueDay}${provisional}`;
  const resting = state === 'paused' ? say(',计时暂停', ', resting') : '';
  return `${dutyKinds[kind][currentLanguage()]}  ${by}  ${day}${resting}`;
}

/** Lines that say where a matter stands, what is owed by when, and which commands go on. */
export function matterLines(matter: Matter): string[] {
  const { agreement, stage, clocks, next, confidentiality, profile, provider } = matter;
  const to = provider === null ? ` --to ${say('部门', 'DEPARTMENT')}` : '';
  const stageWord = matterStageWords[stage][currentLanguage()];
  const commands = new Map<string, string>();
  for (const { act, by } of next) {
    const command = acts[act]?.[2];
    const who = by.map((party) => say(...(parties[party] ?? [party, party]))).join(say('或', ' or '));
    if (command && !commands.has(command)) commands.set(command, who);
  }
  const unsigned = confidentiality === 'unsigned' && next.length > 0;
  if (unsigned) commands.set(acts.sign![2]!, say('申请部门', 'the applicant'));
  return [
    say(`现处环节:${stageWord}(依据 ${profile})`, `stage: ${stageWord} (judged by ${profile})`),
    ...clocks.map((clock) => say(`期限:${clockText(clock)}`, `due: ${clockText(clock)}`)),
    ...[...commands].map(([command, who]) => {
      const filled = command.replace('{agreement}', agreement).replace('{reason}', say('理由', 'REASON'));
      const line = command === acts.forward?.[2] ? filled + to : filled;
      return say(`下一步:${line}(${who})`, `next: ${line} (${who})`);
    }),
  ];
}
