import { Type } from '@sinclair/typebox';
import type { LocalText } from '../errors/language.js';

/** What departments owe by a day, and what it is called. */
export const dutyKinds = {
  'agreement.reply': { zh: '答复申请', en: 'reply to an application' },
  'agreement.supply': { zh: '提供数据', en: 'supply the data' },
  'agreement.negotiate': { zh: '组织协商', en: 'organise the negotiation' },
  'agreement.review': { zh: '联合会审', en: 'joint review' },
  'agreement.rule': { zh: '裁定', en: 'ruling' },
  'agreement.publish': { zh: '公布结果', en: 'publish the result' },
  'agreement.forward': { zh: '转送申请', en: 'forward an application' },
  'agreement.file': { zh: '报主管部门备案', en: 'file with the competent department' },
  'agreement.confidentiality': { zh: '签订保密协议', en: 'sign the confidentiality agreement' },
  'catalog.update': { zh: '更新目录', en: 'update the catalog' },
  'catalog.project': { zh: '登记项目目录', en: 'register the catalog of a project' },
  'catalog.source': { zh: '确定数据责任源', en: 'decide on the responsible source' },
  'contact.change': { zh: '报告联系人变更', en: 'report a change of contacts' },
  'department.access': { zh: '办理接入手续', en: 'handle the access procedure' },
} as const satisfies Readonly<Record<string, LocalText>>;

export type DutyKind = keyof typeof dutyKinds;

export const DutyKindSchema = Type.Union(
  Object.entries(dutyKinds).map(([kind, { zh, en }]) =>
    Type.Literal(kind as DutyKind, { description: `${zh} / ${en}` }),
  ),
);
