import {
  currentLanguage,
  dutyKinds,
  type Matter,
  type MatterAct,
  matterActText,
  matterStageText,
  type TimedDuty,
} from '@qianzhi/model';

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

/** The commands that do the acts, each with the flags it cannot do without. */
const commands: Readonly<Record<MatterAct | 'sign', readonly [command: string, zh?: string, en?: string]>> = {
  sign: ['sign', '--file 文件 --signatory 姓名', '--file FILE --signatory NAME'],
  forward: ['forward'],
  return: ['return', '--missing 应补正的内容', '--missing TEXT'],
  complete: ['complete', '--note 补正说明', '--note NOTE'],
  withdraw: ['withdraw', '--reason 理由', '--reason REASON'],
  grant: ['approve'],
  refuse: ['refuse', '--reason 理由', '--reason REASON'],
  negotiate: ['negotiate', '--reason 理由', '--reason REASON'],
  review: ['review', '--record 协商记录', '--record RECORD'],
  uphold: ['rule', '--outcome share --record 裁定书', '--outcome share --record RULING'],
  reject: ['rule', '--outcome not-share --record 裁定书', '--outcome not-share --record RULING'],
};

const parties: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  applicant: ['申请部门', 'the applicant'],
  decider: ['答复方', 'whoever replies'],
  competent: ['主管部门', 'the competent department'],
};

export const actWord = (act: string): string => matterActText(act)[currentLanguage()];

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
  const { agreement, stage, clocks, next, confidentiality, profile } = matter;
  const stageWord = matterStageText(stage, agreement)[currentLanguage()];
  const steps: (readonly [act: MatterAct | 'sign', by: readonly string[]])[] = next.map(
    ({ act, by }) => [act as MatterAct, by] as const,
  );
  if (confidentiality === 'unsigned' && next.length > 0) steps.push(['sign', ['applicant']]);
  return [
    say(`现处环节:${stageWord}(依据 ${profile})`, `stage: ${stageWord} (judged by ${profile})`),
    ...clocks.map((clock) => say(`期限:${clockText(clock)}`, `due: ${clockText(clock)}`)),
    ...steps.map(([act, by]) => {
      const line = commandText(act, matter);
      const who = by.map((party) => say(...(parties[party] ?? [party, party]))).join(say('或', ' or '));
      return say(`下一步:${line}(${who})`, `next: ${line} (${who})`);
    }),
  ];
}

/** With the department, where somebody has to say which one it is. */
function commandText(act: MatterAct | 'sign', { agreement, provider }: Matter): string {
  const [command, zh = '', en = ''] = commands[act];
  const flags = act === 'forward' && provider === null ? say('--to 部门', '--to DEPARTMENT') : say(zh, en);
  return `qianzhi agreement ${command} ${agreement} ${flags}`.trimEnd();
}
