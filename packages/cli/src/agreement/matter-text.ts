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
const commands: Readonly<Record<MatterAct | 'sign', string>> = {
  sign: 'qianzhi agreement sign {agreement} --file {file} --signatory {name}',
  forward: 'qianzhi agreement forward {agreement}',
  return: 'qianzhi agreement return {agreement} --missing {missing}',
  reassign: 'qianzhi agreement reassign {agreement} --reason {reason}',
  complete: 'qianzhi agreement complete {agreement} --note {note}',
  withdraw: 'qianzhi agreement withdraw {agreement} --reason {reason}',
  grant: 'qianzhi agreement approve {agreement}',
  refuse: 'qianzhi agreement refuse {agreement} --reason {reason}',
  negotiate: 'qianzhi agreement negotiate {agreement} --reason {reason}',
  review: 'qianzhi agreement review {agreement} --record {record}',
  uphold: 'qianzhi agreement rule {agreement} --outcome share --record {ruling}',
  reject: 'qianzhi agreement rule {agreement} --outcome not-share --record {ruling}',
};
const forwardTo = 'qianzhi agreement forward {agreement} --to {department}';

/** What only the person knows who runs them. */
const places: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  file: ['文件', 'FILE'],
  name: ['姓名', 'NAME'],
  missing: ['应补正的内容', 'MISSING'],
  note: ['补正说明', 'NOTE'],
  reason: ['理由', 'REASON'],
  record: ['协商记录', 'RECORD'],
  ruling: ['裁定书', 'RULING'],
  department: ['部门', 'DEPARTMENT'],
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
  const line = act === 'forward' && provider === null ? forwardTo : commands[act];
  return line.replaceAll(/\{(\w+)\}/g, (_, place: string) =>
    say(...(places[place] ?? [agreement, agreement])),
  );
}
