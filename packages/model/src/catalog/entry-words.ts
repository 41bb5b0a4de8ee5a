import type { LocalText } from '../errors/language.js';

/** Chinese for the words of an entry, by field where one word means two things; English is the word itself. */
const words: Readonly<Record<string, string>> = {
  unconditional: '无条件共享',
  conditional: '有条件共享',
  none: '不予共享',
  'openness.open': '无条件开放',
  'openness.conditional': '有条件开放',
  'openness.closed': '非开放',
  realtime: '实时',
  daily: '每日',
  weekly: '每周',
  monthly: '每月',
  quarterly: '每季度',
  'half-yearly': '每半年',
  yearly: '每年',
  irregular: '不定期',
  basic: '基础信息资源',
  theme: '主题信息资源',
  department: '部门信息资源',
  person: '自然人',
  organisation: '法人和其他组织',
  place: '地点',
  other: '其他',
  national: '国家目录',
  baseline: '基准目录',
  supplementary: '补充目录',
  project: '项目目录',
  'pre-compiled': '立项前预编',
  registered: '验收时登记',
  'administrative-basis': '行政依据',
  'work-reference': '工作参考',
  'data-check': '数据校核',
  'business-cooperation': '业务协同',
  platform: '共享平台',
  mail: '邮件',
  media: '介质',
  database: '数据库',
  file: '文件',
  interface: '接口',
  document: '电子文件',
  spreadsheet: '电子表格',
  image: '图形图像',
  'streaming-media': '流媒体',
  'self-describing': '自描述格式',
  service: '服务接口',
  law: '法律',
  'administrative-regulation': '行政法规',
  'local-regulation': '地方性法规',
  'government-rule': '规章',
  'state-policy': '党中央、国务院政策',
  'internal-rule': '内部规定',
  'sensitivity.personal': '个人信息',
  'sensitivity.sensitive': '敏感个人信息',
  'onInvalid.quarantine': '隔离',
  'onInvalid.flag': '标记',
  'allow.zero-date': '零日期',
  'allow.infinity': '无穷大',
  'allow.nan': '非数值',
  'type.C': '字符型 C',
  'type.N': '数值型 N',
  'type.Y': '货币型 Y',
  'type.D': '日期型 D',
  'type.T': '日期时间型 T',
  'type.L': '逻辑型 L',
  'type.M': '备注型 M',
  'type.G': '通用型 G',
  'type.B': '双精度型 B',
  'type.I': '整型 I',
  'type.F': '浮点型 F',
  rows: '数据行',
  files: '文件',
  true: '是',
  false: '否',
};

/** Fields whose text is somebody's own: never taken for a word of ours. */
const freeText: ReadonlySet<string> = new Set([
  'code',
  'name',
  'department',
  'lead',
  'contributors',
  'responsible',
  'theme',
  'pattern',
  'codeTable',
  'idTypeColumn',
]);

/** A value of a field as one reads it; parts of a list or an object beside each other. */
export function valueText(field: string, value: unknown): LocalText {
  if (value === undefined || value === '') return { zh: '(无)', en: '(none)' };
  if (Array.isArray(value)) return joined(value.map((one) => valueText(field, one)));
  if (value !== null && typeof value === 'object') {
    return field === 'codeTables'
      ? valueText(
          field,
          Object.entries(value).map(([name, codes]) => `${name}(${Object.keys(codes).length})`),
        )
      : named(field, value);
  }
  const text = String(value);
  const zh = freeText.has(field) ? undefined : (words[`${field}.${text}`] ?? words[text]);
  return { zh: zh ?? text, en: text };
}

function joined(texts: readonly LocalText[]): LocalText {
  return { zh: texts.map(({ zh }) => zh).join('、'), en: texts.map(({ en }) => en).join(', ') };
}

/** `法律 某法 第一条`; of a query service its name. */
function named(field: string, value: object): LocalText {
  const inner = field === 'queries' && 'name' in value ? [value.name] : Object.values(value);
  const texts = inner.map((one) => valueText(field, one));
  return { zh: texts.map(({ zh }) => zh).join(' '), en: texts.map(({ en }) => en).join(' ') };
}
