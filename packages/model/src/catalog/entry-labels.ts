import type { LocalText } from '../errors/language.js';
import type { CatalogItem } from './item.js';
import type { CatalogResource } from './resource.js';

/** What each field of an entry is called, in the words of the national template. */
export const fieldLabels: Readonly<Record<keyof CatalogResource, LocalText>> = {
  code: { zh: '资源代码', en: 'code' },
  name: { zh: '信息资源名称', en: 'name' },
  summary: { zh: '信息资源摘要', en: 'summary' },
  department: { zh: '信息资源提供方', en: 'providing department' },
  attribute: { zh: '资源属性', en: 'attribute' },
  subject: { zh: '数据主体', en: 'subject' },
  sharing: { zh: '共享类型', en: 'sharing type' },
  sharingCondition: { zh: '共享条件', en: 'sharing condition' },
  openness: { zh: '开放属性', en: 'openness' },
  updateCycle: { zh: '更新周期', en: 'update cycle' },
  content: { zh: '内容', en: 'content' },
  schemaVersion: { zh: '架构版本', en: 'schema version' },
  items: { zh: '信息项', en: 'items' },
  codeTables: { zh: '代码表', en: 'code tables' },
  queries: { zh: '查询服务', en: 'query services' },
  classification: { zh: '信息资源分类', en: 'classification' },
  nationalCode: { zh: '信息资源代码', en: 'national code' },
  providerUnit: { zh: '提供方内部部门', en: "provider's internal unit" },
  providerCode: { zh: '资源提供方代码', en: "provider's code" },
  format: { zh: '信息资源格式', en: 'format' },
  kind: { zh: '目录类别', en: 'kind of catalog' },
  region: { zh: '行政区划代码', en: 'region' },
  project: { zh: '项目', en: 'project' },
  lead: { zh: '牵头部门', en: 'lead department' },
  contributors: { zh: '参与部门', en: 'contributing departments' },
  dataRange: { zh: '数据范围', en: 'data range' },
  system: { zh: '信息所在平台', en: 'system that holds it' },
  sharingScope: { zh: '共享范围', en: 'sharing scope' },
  sharingUse: { zh: '使用用途', en: 'use' },
  legalBasis: { zh: '依据', en: 'legal basis' },
  sharingModes: { zh: '共享方式', en: 'sharing modes' },
  sharingPeriod: { zh: '共享期限', en: 'sharing period' },
  useRequirements: { zh: '使用要求', en: 'use requirements' },
  openCondition: { zh: '开放条件', en: 'condition of openness' },
  publishedOn: { zh: '发布日期', en: 'publication date' },
  related: { zh: '关联资源代码', en: 'related resources' },
  obtainedBySharing: { zh: '通过共享获得', en: 'obtained by sharing' },
  licensing: { zh: '涉及行政许可', en: 'tied to a licence' },
};

/** Fields of an item that only the catalog knows; the others are named by `compareSchemas`. */
export const itemFieldLabels = {
  openness: { zh: '开放属性', en: 'openness' },
  sharingCondition: { zh: '共享条件', en: 'sharing condition' },
  legalBasis: { zh: '依据', en: 'legal basis' },
  responsible: { zh: '责任部门', en: 'responsible organ' },
} as const satisfies Partial<Record<keyof CatalogItem, LocalText>>;
