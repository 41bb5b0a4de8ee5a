import { type FieldForm, flag, oneOf, text, token, whole } from './fields.js';
import { linesOf, listOf } from './list-forms.js';

/** A column of the template. */
export interface TemplateColumn {
  readonly title: string;
  /** Other titles the column is met under. */
  readonly also?: readonly string[];
  /** Field of the resource or of the item, with a point a part of one; undefined where the column is only shown or holds the rest. */
  readonly field?: string;
  readonly form: FieldForm;
  readonly width: number;
}

const sharing = oneOf({
  unconditional: ['无条件共享', '无条件', '无条件共享类', '1', '1无条件'],
  conditional: ['有条件共享', '有条件', '有条件共享类', '2', '2有条件'],
  none: ['不予共享', '不予', '不予共享类', '3', '3不予'],
});

export const CODE = '资源代码';
export const ITEM_NAME = '信息项名称';
export const PROVIDER = '信息资源提供方';
export const PROVIDER_CODE = '资源提供方代码';
export const DEPARTMENT = '部门标识';
export const RESOURCE_REST = '资源其他属性(JSON)';
export const ITEM_REST = '信息项其他属性(JSON)';

const openness = oneOf({
  open: ['无条件开放', '开放', '是'],
  conditional: ['有条件开放'],
  closed: ['非开放', '不开放', '不予开放', '否'],
});

const basis = linesOf({
  kind: oneOf({
    law: ['法律'],
    'administrative-regulation': ['行政法规'],
    'local-regulation': ['地方性法规'],
    'government-rule': ['规章', '部门规章', '政府规章'],
    'state-policy': ['党中央国务院政策', '国家政策'],
    'internal-rule': ['内部规定'],
  }),
  title: { ...text, guide: { zh: '名称', en: 'title' } },
  article: { ...text, guide: { zh: '条款', en: 'article' } },
});

/** Columns of the resource, alike in all rows of one (发改高技〔2017〕1272号). */
export const resourceColumns: readonly TemplateColumn[] = [
  { title: '信息资源分类', also: ['信息资源分类代码'], field: 'classification', form: token, width: 14 },
  { title: CODE, also: ['平台资源代码'], field: 'code', form: token, width: 24 },
  { title: '信息资源代码', also: ['信息资源编码'], field: 'nationalCode', form: token, width: 20 },
  { title: '信息资源名称', also: ['资源名称'], field: 'name', form: text, width: 28 },
  { title: PROVIDER, also: ['提供方', '提供单位'], form: text, width: 18 },
  { title: '提供方内部部门', also: ['内部机构'], field: 'providerUnit', form: text, width: 16 },
  { title: PROVIDER_CODE, also: ['提供方代码'], field: 'providerCode', form: token, width: 22 },
  { title: DEPARTMENT, field: 'department', form: token, width: 12 },
  { title: '信息资源摘要', also: ['资源摘要', '摘要'], field: 'summary', form: text, width: 40 },
  {
    title: '资源属性',
    field: 'attribute',
    form: oneOf({
      basic: ['基础资源', '基础', '基础信息资源'],
      theme: ['主题资源', '主题', '主题信息资源'],
      department: ['部门资源', '部门', '部门信息资源'],
    }),
    width: 12,
  },
  {
    title: '数据主体',
    field: 'subject',
    form: oneOf({
      person: ['自然人', '个人'],
      organisation: ['法人和其他组织', '法人', '组织'],
      place: ['地点', '空间'],
      other: ['其他'],
    }),
    width: 16,
  },
  {
    title: '内容形式',
    field: 'content',
    form: oneOf({ rows: ['数据行'], files: ['文件'] }),
    width: 10,
  },
  {
    title: '信息资源格式分类',
    also: ['格式分类', '信息资源格式'],
    field: 'format.class',
    form: oneOf({
      document: ['电子文件'],
      spreadsheet: ['电子表格'],
      database: ['数据库'],
      image: ['图形图像'],
      'streaming-media': ['流媒体'],
      'self-describing': ['自描述格式'],
      service: ['服务接口'],
    }),
    width: 14,
  },
  { title: '信息资源格式类型', also: ['格式类型'], field: 'format.type', form: token, width: 14 },
  {
    title: '目录类别',
    field: 'kind',
    form: oneOf({
      national: ['国家目录'],
      baseline: ['基准目录', '基准信息目录'],
      supplementary: ['补充目录', '地方补充目录'],
      project: ['项目目录'],
    }),
    width: 12,
  },
  { title: '主题', also: ['主题名称'], field: 'theme', form: token, width: 14 },
  { title: '行政区划代码', also: ['所属区划'], field: 'region', form: token, width: 12 },
  { title: '项目名称', field: 'project.name', form: text, width: 18 },
  {
    title: '项目阶段',
    field: 'project.stage',
    form: oneOf({ 'pre-compiled': ['立项前预编', '预编'], registered: ['验收时登记', '登记'] }),
    width: 12,
  },
  { title: '项目编号', field: 'project.number', form: token, width: 14 },
  { title: '计划验收日', field: 'project.acceptanceDue', form: token, width: 12 },
  { title: '验收日期', field: 'project.acceptedOn', form: token, width: 12 },
  { title: '牵头部门', field: 'lead', form: token, width: 12 },
  { title: '参与部门', field: 'contributors', form: listOf(token), width: 14 },
  { title: '数据范围', field: 'dataRange', form: text, width: 18 },
  { title: '信息所在平台', field: 'system', form: text, width: 18 },
  { title: '共享类型', field: 'sharing', form: sharing, width: 14 },
  {
    title: '共享条件',
    also: ['共享条件或依据', '不予共享依据'],
    field: 'sharingCondition',
    form: text,
    width: 36,
  },
  { title: '依据', also: ['共享依据', '法律依据'], field: 'legalBasis', form: basis, width: 36 },
  { title: '共享范围', field: 'sharingScope', form: text, width: 18 },
  {
    title: '使用用途',
    field: 'sharingUse',
    form: listOf(
      oneOf({
        'administrative-basis': ['行政依据'],
        'work-reference': ['工作参考'],
        'data-check': ['数据校核'],
        'business-cooperation': ['业务协同'],
      }),
    ),
    width: 14,
  },
  {
    title: '共享方式',
    field: 'sharingModes',
    form: linesOf({
      by: oneOf({ platform: ['共享平台'], mail: ['邮件'], media: ['介质'] }),
      as: oneOf({ database: ['数据库'], file: ['文件'], interface: ['接口'] }),
    }),
    width: 16,
  },
  { title: '共享期限', field: 'sharingPeriod', form: text, width: 12 },
  { title: '使用要求', field: 'useRequirements', form: text, width: 24 },
  { title: '涉及行政许可', field: 'licensing', form: flag, width: 12 },
  { title: '通过共享获得', field: 'obtainedBySharing', form: flag, width: 12 },
  {
    title: '开放属性',
    also: ['开放类型', '是否向社会开放'],
    field: 'openness',
    form: openness,
    width: 12,
  },
  {
    title: '更新周期',
    field: 'updateCycle',
    form: oneOf({
      realtime: ['实时'],
      daily: ['每日', '每天'],
      weekly: ['每周'],
      monthly: ['每月'],
      quarterly: ['每季度', '每季'],
      'half-yearly': ['每半年'],
      yearly: ['每年'],
      irregular: ['不定期', '其他'],
    }),
    width: 10,
  },
  { title: '开放条件', field: 'openCondition', form: text, width: 18 },
  { title: '发布日期', field: 'publishedOn', form: token, width: 12 },
  { title: '关联资源代码', also: ['关联及类目名称'], field: 'related', form: listOf(token), width: 20 },
  { title: RESOURCE_REST, form: text, width: 24 },
];

/** Columns of the item, one item a row. */
export const itemColumns: readonly TemplateColumn[] = [
  { title: ITEM_NAME, field: 'name', form: text, width: 24 },
  { title: '列名', also: ['字段名', '信息项列名'], field: 'column', form: token, width: 20 },
  {
    title: '数据类型',
    also: ['信息项数据类型'],
    field: 'type',
    form: oneOf({
      C: ['字符型 C', '字符型', '字符串型'],
      N: ['数值型 N', '数值型'],
      Y: ['货币型 Y', '货币型'],
      D: ['日期型 D', '日期型'],
      T: ['日期时间型 T', '日期时间型'],
      L: ['逻辑型 L', '逻辑型'],
      M: ['备注型 M', '备注型'],
      G: ['通用型 G', '通用型'],
      B: ['双精度型 B', '双精度型'],
      I: ['整型 I', '整型', '整数型'],
      F: ['浮点型 F', '浮点型'],
    }),
    width: 14,
  },
  { title: '数据长度', also: ['长度'], field: 'length', form: whole, width: 10 },
  { title: '总位数', field: 'precision', form: whole, width: 8 },
  { title: '小数位数', field: 'scale', form: whole, width: 10 },
  { title: '主键', field: 'key', form: flag, width: 6 },
  { title: '必填', field: 'required', form: flag, width: 6 },
  { title: '基础信息项', field: 'basic', form: flag, width: 12 },
  { title: '信息项共享类型', field: 'sharing', form: sharing, width: 16 },
  {
    title: '敏感性',
    field: 'sensitivity',
    form: oneOf({ personal: ['个人信息'], sensitive: ['敏感个人信息', '敏感'] }),
    width: 14,
  },
  { title: '代码表', field: 'codeTable', form: token, width: 16 },
  { title: '信息项共享条件', field: 'sharingCondition', form: text, width: 18 },
  { title: '信息项依据', field: 'legalBasis', form: basis, width: 20 },
  { title: '信息项开放属性', field: 'openness', form: openness, width: 14 },
  { title: '责任部门', field: 'responsible', form: token, width: 12 },
  { title: ITEM_REST, form: text, width: 30 },
];

export const CATALOG_SHEET = '信息资源目录';
export const CODES_SHEET = '代码表';
export const QUERIES_SHEET = '查询服务';
export const GUIDE_SHEET = '填写说明';
export const codesTitles = [CODE, '代码表', '代码', '含义'] as const;
export const queriesTitles = [CODE, '查询服务', '定义(JSON)'] as const;
