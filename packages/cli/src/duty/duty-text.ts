import { currentLanguage, type DutyKind, type DutyView, dutyKinds, type LocalText } from '@qianzhi/model';
import type { Column } from '../table.js';

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

const texts: Readonly<Record<string, LocalText>> = {
  // how a duty stands
  running: { zh: '期限内', en: 'running' },
  'due-soon': { zh: '即将到期', en: 'due soon' },
  overdue: { zh: '! 逾期', en: '! overdue' },
  'calendar-missing': { zh: '! 待录入日历', en: '! calendar missing' },
  paused: { zh: '暂停计时', en: 'paused' },
  'no-deadline': { zh: '无法定期限', en: 'no legal deadline' },
  closed: { zh: '已办结', en: 'closed' },
  // what happened to it
  opened: { zh: '开始计时', en: 'opened' },
  resumed: { zh: '恢复计时', en: 'resumed' },
  recounted: { zh: '重算期限', en: 'counted again' },
  reminded: { zh: '提醒', en: 'reminded' },
  'handed-over': { zh: '移交', en: 'handed over' },
  escalated: { zh: '报主管部门', en: 'put before the competent department' },
};

/** A standing or an event of a duty in words. */
export const dutyWord = (code: string): string => texts[code]?.[currentLanguage()] ?? code;

export const kindText = (kind: DutyKind): string => dutyKinds[kind][currentLanguage()];

export const ownerText = (owner: string | null): string =>
  owner ?? say('(主管部门)', '(competent department)');

/** The last day in time; one that rests on an unknown year says so. */
export function dueText({ dueDay, provisionalYears }: Pick<DutyView, 'dueDay' | 'provisionalYears'>) {
  if (dueDay === null || provisionalYears.length === 0) return dueDay;
  return say(`${dueDay}(暂定)`, `${dueDay} (provisional)`);
}

/** `3 个工作日`; `逾期 2 个工作日` past the last day. */
export function leftText({ daysLeft, deadline }: Pick<DutyView, 'daysLeft' | 'deadline'>): string | null {
  if (daysLeft === null) return null;
  const n = Math.abs(daysLeft);
  const working = deadline?.unit !== 'day';
  const days = say(
    `${n} ${working ? '个工作日' : '日'}`,
    `${n} ${working ? 'working ' : ''}day${n === 1 ? '' : 's'}`,
  );
  return daysLeft < 0 ? say(`逾期 ${days}`, `${days} overdue`) : days;
}

/** After the calendar was changed. */
export const recountText = ({ length }: readonly DutyView[]): string =>
  say(`重算了 ${length} 项职责期限`, `${length} ${length === 1 ? 'duty was' : 'duties were'} counted again`);

export function dutyColumns(): readonly Column<DutyView>[] {
  return [
    { name: say('状态', 'standing'), value: (row) => dutyWord(row.standing) },
    { name: say('期限', 'due'), value: dueText },
    { name: say('余', 'left'), value: leftText },
    { name: say('事项', 'duty'), value: (row) => kindText(row.kind) },
    { name: say('责任部门', 'owner'), value: (row) => ownerText(row.owner) },
    { name: say('对象', 'about'), value: (row) => row.object },
    { name: say('依据', 'rule'), value: (row) => `${row.rule} ${row.profile}` },
    { name: say('编号', 'id'), value: (row) => row.id },
  ];
}
