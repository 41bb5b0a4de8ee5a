import {
  type Agreement,
  type CatalogResource,
  type Contact,
  type ContactRole,
  chinaDay,
  type MaskRule,
  type Matter,
  type Mode,
  matterActText,
  parseScope,
  type Quota,
  type RefusalGround,
  scopeColumns,
} from '@qianzhi/model';
import type { MatterEvent } from '../matters/store.js';
import type { AccountNames } from './facts.js';

/** What forms call the words of the API: forms are Chinese, whatever the language of the server. */
const modes: Readonly<Record<Mode, string>> = {
  docking: '系统对接',
  'batch-download': '部门批量下载',
  'online-query': '联机查询',
  sftp: '前置机共享',
};
const masks: Readonly<Record<MaskRule, string>> = {
  name: '姓名脱敏(留姓)',
  'id-6-4': '证件号码脱敏(留前六后四)',
  'id-3-4': '证件号码脱敏(留前三后四)',
  phone: '电话脱敏',
  address: '地址脱敏(到县区)',
  pseudonym: '以假名代替',
};
const quotas: Readonly<Record<keyof Quota, string>> = {
  requestsPerMinute: '每分钟次数',
  requestsPerDay: '每日次数',
  rowsPerDay: '每日行数',
  bytesPerDay: '每日字节数',
};
const grounds: Readonly<Record<RefusalGround, string>> = {
  law: '法律、行政法规或国家规定',
  secret: '国家秘密',
  unrelated: '与所述业务事项无关',
  excessive: '超出最小够用',
  'not-held': '本部门不掌握',
  'internal-rule': '部门内部规定',
};
const states: Readonly<Record<Agreement['state'], string>> = {
  applied: '待审批',
  granted: '已授权',
  refused: '不同意',
  withdrawn: '已撤回',
  suspended: '已暂停',
  revoked: '已撤销',
  expired: '已到期',
};
const contacts: Readonly<Record<ContactRole, string>> = {
  leader: '分管领导',
  liaison: '联络员',
  technician: '技术人员',
};

export const modesText = (list: readonly Mode[]) => list.map((mode) => modes[mode]).join('、');
export const maskText = (mask: MaskRule) => masks[mask];
export const stateText = (state: Agreement['state']) => states[state];
export const contactRoleText = (role: ContactRole) => contacts[role];
export const contactText = ({ name, title, phone }: Contact) =>
  [name, title, phone].filter(Boolean).join('  ');

/** Only of bounds that are set. */
export function quotaText(quota: Quota | null | undefined): string {
  const set = Object.entries(quota ?? {}) as [keyof Quota, number][];
  return set.length === 0 ? '不限' : set.map(([bound, most]) => `${quotas[bound]} ${most}`).join(';');
}

/** The condition as it is spelled, and what its columns are called. */
export function rowsText(rows: string | undefined, { code, items }: CatalogResource): string {
  if (rows === undefined) return '全部';
  const used = scopeColumns(parseScope(rows, code));
  const named = items.filter(({ column }) => used.includes(column));
  return `${rows}\n(${named.map(({ column, name }) => `${column}:${name}`).join(',')})`;
}

/** `2026年11月27日`, in China. */
export function dayText(time: string | null | undefined): string {
  if (!time) return '';
  const [year, month, day] = chinaDay(new Date(time)).split('-');
  return `${year}年${Number(month)}月${Number(day)}日`;
}

export function refusalText({ refusal }: Pick<Matter, 'refusal'>): string {
  if (!refusal) return '';
  const { reason, ground, legalBasis } = refusal;
  return [reason, ground && `类别:${grounds[ground]}`, legalBasis && `依据:${legalBasis}`]
    .filter(Boolean)
    .join('\n');
}

/** The story of a matter: when, who, what, and the record of it. */
export function storyRows(story: readonly MatterEvent[], names: AccountNames): string[][] {
  return story.map(({ at, actor, act, text }) => [
    dayText(at),
    personText(actor, names),
    matterActText(act).zh,
    text,
  ]);
}

/** Of `person:ACCOUNT`, as stories name actors, or of an account. */
export const accountOf = (actor: string) => actor.replace(/^person:/, '');

/** `王五(sw-consumer)` of an account, or of `person:ACCOUNT`. */
export function personText(actor: string | null | undefined, names: AccountNames): string {
  if (!actor) return '';
  if (actor === 'platform') return '平台';
  if (actor.startsWith('rule:')) return '无条件共享,直接授权(R057)';
  if (actor.startsWith('scenario:')) return `应用场景 ${actor.slice('scenario:'.length)},直接授权(R078)`;
  const account = accountOf(actor);
  const name = names.get(account);
  return name === undefined || name === account ? account : `${name}(${account})`;
}
