import { currentLanguage, type Deadline, type LocalText } from '@qianzhi/model';
import { word } from '../words.js';

/** What rules are called, by their paths in the file. */
const names: Readonly<Record<string, LocalText>> = {
  effectiveFrom: { zh: '施行日期', en: 'in effect from' },
  status: { zh: '文件状态', en: 'status' },
  'replyDays.unconditional': { zh: '答复:无条件', en: 'reply, unconditional' },
  'replyDays.firstCatalog': { zh: '答复:首次申请', en: 'reply, first application' },
  'replyDays.conditional': { zh: '答复:有条件', en: 'reply, conditional' },
  'replyDays.offCatalog': { zh: '答复:目录外', en: 'reply, off catalog' },
  supplyDays: { zh: '同意后供数', en: 'supply after consent' },
  rulingSupplyDays: { zh: '裁定后供数', en: 'supply after a ruling' },
  forwardDays: { zh: '跨县区转送', en: 'forwarding' },
  catalogUpdateDays: { zh: '更新目录', en: 'catalog update' },
  'objection.check': { zh: '疑义:核查', en: 'objection, check' },
  'objection.technicalFix': { zh: '疑义:技术更正', en: 'objection, technical fix' },
  'objection.sourceFix': { zh: '疑义:采集单位更正', en: 'objection, fix at the source' },
  'subjectObjection.mark': { zh: '被采集人异议:标注', en: "subject's objection, mark" },
  'subjectObjection.decide': { zh: '被采集人异议:决定', en: "subject's objection, decide" },
  'subjectObjection.transfer': { zh: '被采集人异议:转办', en: "subject's objection, transfer" },
  'subjectObjection.verify': { zh: '被采集人异议:核实', en: "subject's objection, verify" },
  complaintDays: { zh: '答复投诉', en: 'answer to a complaint' },
  forceMajeureDays: { zh: '不可抗力通知', en: 'notice of force majeure' },
  contactChangeDays: { zh: '联系人变更', en: 'change of contacts' },
  staticUpdateRule: { zh: '静态信息更新', en: 'update of static data' },
  annualReport: { zh: '年度报告', en: 'annual report' },
  approver: { zh: '审批方', en: 'approver' },
  'application.itemBasis': { zh: '申请逐项写明依据', en: 'basis item by item' },
  'application.refusalBasis': { zh: '不同意须有法律依据', en: 'legal basis of refusals' },
  'application.confidentiality': { zh: '安全保密协议', en: 'confidentiality agreement' },
  'application.filing': { zh: '授权报备案', en: 'grants are filed' },
  'application.ruledBy': { zh: '裁定方', en: 'ruling by' },
  legalBasisRequiredFor: { zh: '须写法律依据', en: 'legal basis required for' },
  'modes.allowed': { zh: '允许的方式', en: 'modes allowed' },
  'modes.default': { zh: '默认方式', en: 'default mode' },
  'modes.consentNeeded': { zh: '须经同意的方式', en: 'modes that need consent' },
  termAliases: { zh: '当地叫法', en: 'local terms' },
};

const values: Readonly<Record<string, LocalText>> = {
  enacted: { zh: '已发布', en: 'enacted' },
  draft: { zh: '征求意见稿', en: 'draft' },
  revised: { zh: '已修订', en: 'revised since' },
  unverified: { zh: '条文未核对', en: 'not checked against the articles' },
  provider: { zh: '提供单位', en: 'provider' },
  competent: { zh: '主管部门', en: 'competent department' },
  'competent-with-provider': { zh: '主管部门会同提供单位', en: 'competent department with provider' },
  'leading-group': { zh: '领导小组', en: 'leading group' },
  government: { zh: '本级政府', en: 'government' },
  true: { zh: '是', en: 'yes' },
  false: { zh: '否', en: 'no' },
  'first-10-days-of-next-quarter': {
    zh: '下一季度首月 10 日前',
    en: 'by the 10th of the next quarter',
  },
};

const say = (zh: string, en: string) => (currentLanguage() === 'zh' ? zh : en);

export const ruleName = (path: string): string => names[path]?.[currentLanguage()] ?? path;

/** The value of a rule for a person; null is what the regulation does not state. */
export function ruleText(value: unknown): string {
  if (value === null || value === undefined) return say('未写明', 'not stated');
  if (Array.isArray(value)) return value.length === 0 ? say('(无)', '(none)') : value.map(ruleText).join(' ');
  if (typeof value !== 'object') {
    const text = String(value);
    return values[text]?.[currentLanguage()] ?? word(text);
  }
  if ('unit' in value) return deadlineText(value as Deadline);
  if ('coversYear' in value) return reportText(value as unknown as YearlyReport);
  const parts = Object.entries(value).map(([term, alias]) => `${word(term)}=${alias}`);
  return parts.length === 0 ? say('(无)', '(none)') : parts.join(' ');
}

function deadlineText({ n, unit }: Deadline): string {
  const many = n === 1 ? '' : 's';
  return unit === 'workingDay'
    ? say(`${n} 个工作日`, `${n} working day${many}`)
    : say(`${n} 日`, `${n} day${many}`);
}

interface YearlyReport {
  readonly month: number;
  readonly day: number;
  readonly coversYear: 'previous' | 'current';
}

function reportText({ month, day, coversYear }: YearlyReport): string {
  const date = `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return coversYear === 'previous'
    ? say(`${month} 月 ${day} 日前报上一年`, `the year before, by ${date}`)
    : say(`${month} 月 ${day} 日前报当年`, `the same year, by ${date}`);
}
