import type { CatalogItem, IdentifierScheme, LocalText } from '@qianzhi/model';
import type { ColumnDescription } from '@qianzhi/plugin-api';
import type { ColumnProfile } from './column-profile.js';

/** What a column seems to hold, and why; a person confirms it. */
export interface ColumnJudgement {
  readonly sensitivity: CatalogItem['sensitivity'];
  readonly scheme: IdentifierScheme | undefined;
  /** Values of the sample that are not null and fail the check of the scheme. */
  readonly invalid: number;
  /** What an item that holds this is usually called; for a column nobody has explained. */
  readonly title: string | undefined;
  readonly reasons: readonly LocalText[];
}

interface Kind {
  readonly zh: string;
  readonly en: string;
  readonly name: RegExp;
  readonly title?: string;
  readonly check?: IdentifierScheme | 'mobile';
  readonly sensitivity?: CatalogItem['sensitivity'];
}

/** The first that fits decides. Names as departments' tables carry them: Chinese, its initials, English. */
const kinds: readonly Kind[] = [
  {
    zh: '身份证号码',
    title: '公民身份号码',
    en: 'an ID number',
    check: 'citizenId',
    sensitivity: 'sensitive',
    name: /身份证(?!明)|公民身份|sfzh|sfz_?hm|id_?card|citizen_?id|zjhm|证件号/i,
  },
  {
    zh: '统一社会信用代码',
    title: '统一社会信用代码',
    en: 'a USCC',
    check: 'uscc',
    name: /统一社会信用|信用代码|uscc|tyshxydm|xydm/i,
  },
  {
    zh: '营业执照注册号',
    title: '营业执照注册号',
    en: 'a registration number',
    check: 'regNo',
    name: /注册号|zch$|reg_?no/i,
  },
  {
    zh: '组织机构代码',
    title: '组织机构代码',
    en: 'an organisation code',
    check: 'orgCode',
    name: /组织机构代码|zzjgdm|org_?code/i,
  },
  {
    zh: '手机号码',
    title: '手机号码',
    en: 'a mobile number',
    check: 'mobile',
    sensitivity: 'personal',
    name: /手机|移动电话|mobile|sjh/i,
  },
  {
    zh: '银行账号',
    en: 'a bank account',
    sensitivity: 'sensitive',
    name: /银行(账|帐|卡)|账号|帐号|bank_?(card|acc)|yhzh|yhkh/i,
  },
  {
    zh: '健康、信仰、收入等敏感信息',
    en: 'health, belief, income or the like',
    sensitivity: 'sensitive',
    name: /疾病|诊断|病史|健康|残疾|宗教|婚姻|指纹|人脸|工资|收入|diagnos|disab|relig|salary|income/i,
  },
  {
    zh: '电话',
    title: '联系电话',
    en: 'a phone number',
    sensitivity: 'personal',
    name: /电话|联系方式|phone|(^|[_ ])tel($|[_ ])|lxdh|dhhm/i,
  },
  {
    zh: '姓名',
    title: '姓名',
    en: "a person's name",
    sensitivity: 'personal',
    name: /姓名|法定代表人|负责人|联系人|(^|[_ ])xm($|[_ ])|fddbr|real_?name/i,
  },
  {
    zh: '住址',
    title: '住址',
    en: 'a home address',
    sensitivity: 'personal',
    name: /住址|家庭地址|户籍地址|居住地|jtzz|hjdz|home_?addr/i,
  },
  {
    zh: '出生日期',
    title: '出生日期',
    en: 'a date of birth',
    sensitivity: 'personal',
    name: /出生|csrq|birth/i,
  },
  {
    zh: '民族',
    title: '民族',
    en: 'an ethnic group',
    sensitivity: 'personal',
    name: /民族|minzu|ethnic/i,
  },
];

/** Values alone say it where so many were seen and nearly all pass. */
const FEWEST = 5;
const NEARLY_ALL = 0.8;
/** A name that says it needs less; the rest are then wrong values, which the check finds. */
const SOME = 0.3;

/** Judges a column by its name, its comment and what its values look like; no value is in the answer. */
export function judgeColumn(column: ColumnDescription, profile: ColumnProfile | undefined): ColumnJudgement {
  const text = `${column.name} ${column.comment ?? ''}`;
  const filled = profile ? profile.rows - profile.nulls - profile.empty : 0;
  const share = ({ check }: Kind) => (check && filled > 0 ? profile!.valid[check] / filled : 0);
  const byValues = kinds.find((kind) => filled >= FEWEST && share(kind) >= NEARLY_ALL);
  const byName = kinds.find(({ name }) => name.test(text));
  const kind = byValues ?? byName;
  if (!kind) return { sensitivity: undefined, scheme: undefined, invalid: 0, title: undefined, reasons: [] };
  const { check } = kind;
  const passed = check ? profile?.valid[check] : undefined;
  const believed = check !== undefined && (filled === 0 || byValues === kind || share(kind) >= SOME);
  const scheme = believed && check !== 'mobile' ? check : undefined;
  return {
    sensitivity: kind.sensitivity,
    scheme,
    invalid: scheme && passed !== undefined ? filled - passed : 0,
    title: kind.title,
    reasons: reasonsFor(kind, byName === kind, passed, filled, believed),
  };
}

function reasonsFor(
  { zh, en, check }: Kind,
  named: boolean,
  passed: number | undefined,
  filled: number,
  believed: boolean,
): LocalText[] {
  const reasons: LocalText[] = [];
  if (named) reasons.push({ zh: `名称像${zh}`, en: `its name looks like ${en}` });
  if (check && passed !== undefined && filled > 0) {
    const doubt = believed ? { zh: '', en: '' } : { zh: ',未设校验', en: ', so no check is set' };
    reasons.push({
      zh: `样本 ${filled} 个值中 ${passed} 个是有效的${zh}${doubt.zh}`,
      en: `${passed} of ${filled} sampled values are valid as ${en}${doubt.en}`,
    });
  }
  return reasons;
}
