import { defineFindings } from './finding.js';

/** What `checkResource` can find, by code. */
export const checkFindings = defineFindings({
  DUPLICATE_COLUMN: {
    level: 'error',
    zh: '列名 {item} 重复(大小写不计);请改名',
    en: 'column {item} occurs more than once (letter case does not count); rename it',
  },
  DUPLICATE_NAME: {
    level: 'error',
    zh: '{item} 的信息项名称与 {other} 相同(空格不计);请改为能区分的名称',
    en: 'the name of item {item} equals that of {other} but for spaces; give it a name of its own',
  },
  SYSTEM_NAME: {
    level: 'warning',
    zh: '资源名称像是信息系统的名称;请改为所含信息的名称',
    en: "the resource's name looks like that of a system; name the information it holds",
  },
  UNIT_IN_NAME: {
    level: 'warning',
    zh: '数值项 {item} 的名称中带计量单位;请将单位写入摘要',
    en: 'the name of numeric item {item} holds a unit; put the unit into the summary',
  },
  NO_KEY: {
    level: 'warning',
    zh: '没有主键信息项:只能以 diff 或 snapshot 整表供给,有变化即重送整表,不能按键合并;有可识别一行的信息项则标明 key: true',
    en: 'no item is part of the key: by strategy diff or snapshot the whole table is sent whenever anything has changed, and no rows are merged by key; if some items tell the rows apart, mark them with key: true',
  },
  FILES_ONE_ITEM: {
    level: 'error',
    zh: '内容为文件(content: files)的资源只能有一个 G 型信息项,且不是主键',
    en: 'a resource of files (content: files) has exactly one item, of type G and no key',
  },
  KEY_REQUIRED: {
    level: 'warning',
    zh: '主键项 {item} 标为可空;按必填处理',
    en: 'key item {item} says required: false; it is treated as required',
  },
  LENGTH_MISSING: {
    level: 'error',
    zh: '字符型项 {item} 未定义长度;请填写 length',
    en: 'character item {item} has no length; give it one',
  },
  OPTION_MISPLACED: {
    level: 'error',
    zh: '{item} 的类型 {type} 不适用 {option};只用于 {types}',
    en: '{option} does not apply to {item} of type {type}; it belongs to {types}',
  },
  LENGTH_UNUSED: {
    level: 'warning',
    zh: '{item} 的类型 {type} 不使用 length,不会据此校验',
    en: 'length is not used for {item} of type {type}, nothing is checked by it',
  },
  SCALE_OVER_PRECISION: {
    level: 'error',
    zh: '{item} 的小数位 {scale} 大于总位数 {precision}',
    en: 'item {item} has scale {scale}, more than its precision {precision}',
  },
  BOUND_NOT_CANONICAL: {
    level: 'error',
    zh: '{item} 的 {option} 不是类型 {type} 的规范写法',
    en: 'the {option} of {item} is not written as a value of type {type}',
  },
  MIN_OVER_MAX: { level: 'error', zh: '{item} 的 min 大于 max', en: 'item {item} has a min above its max' },
  PATTERN_BROKEN: {
    level: 'error',
    zh: '{item} 的 pattern 不是有效的正则表达式',
    en: 'the pattern of {item} is no valid regular expression',
  },
  CODE_TABLE_UNKNOWN: {
    level: 'error',
    zh: '{item} 引用的代码表 {table} 在资源的 codeTables 中没有定义',
    en: 'item {item} names code table {table}, which the resource does not define in codeTables',
  },
  ID_TYPE_COLUMN_UNKNOWN: {
    level: 'error',
    zh: '{item} 的 idTypeColumn {column} 不是本资源的另一信息项',
    en: 'the idTypeColumn {column} of {item} is no other item of this resource',
  },
  CONDITION_MISSING: {
    level: 'error',
    rule: 'R025',
    zh: '资源或其信息项为有条件共享,但未写明 sharingCondition(共享条件、共享范围、使用用途)',
    en: 'the resource or an item of it is shared conditionally without a sharingCondition (condition, scope, use)',
  },
  LEGAL_BASIS_MISSING: {
    level: 'warning',
    rule: 'R021',
    zh: '资源或其信息项不予共享,但未写明依据(legalBasis 或 sharingCondition)',
    en: 'the resource or an item of it is not shared without a legal basis (legalBasis or sharingCondition)',
  },
  BASIC_NOT_UNCONDITIONAL: {
    level: 'error',
    rule: 'R026',
    zh: '基础信息项 {item} 只能无条件共享;请去掉 sharing: {sharing}',
    en: 'basic item {item} is always unconditional; remove sharing: {sharing}',
  },
  PERSON_NOT_IDENTIFIED: {
    level: 'error',
    rule: 'R045',
    zh: '自然人信息应以法定身份证件标识,但没有身份证件号码项',
    en: 'persons are identified by a statutory identity document, but no item holds its number',
  },
  PERSON_KEY_OTHER: {
    level: 'warning',
    rule: 'R045',
    zh: '自然人信息以 {keys} 为主键;身份证件号码项 {item} 不在主键中',
    en: 'a resource about persons is keyed by {keys}; the identity document {item} is not in the key',
  },
  ORGANISATION_NOT_IDENTIFIED: {
    level: 'error',
    rule: 'R046',
    zh: '法人和其他组织信息应以统一社会信用代码标识,但没有任何机构标识项',
    en: 'organisations are identified by their 统一社会信用代码, but no item identifies one',
  },
  ORGANISATION_KEY_OTHER: {
    level: 'warning',
    rule: 'R046',
    zh: '机构信息以 {keys} 为主键,无法按统一社会信用代码关联或校验',
    en: 'a resource about organisations is keyed by {keys}, which cannot be joined or checked as a 统一社会信用代码',
  },
  REG_NO_DESPITE_USCC: {
    level: 'error',
    rule: 'R047',
    zh: '营业执照注册号只用于没有统一社会信用代码的市场主体;本资源有 {item},应以其为主键',
    en: 'a registration number keys only market entities without a 统一社会信用代码; this resource has {item}: key by it',
  },
  PERSON_TRIPLE_MISSING: {
    level: 'error',
    rule: 'R048',
    zh: '非公安部门提供个人信息应附姓名、证件类型、证件号码;缺:{missingZh}',
    en: 'providers other than the police attach name, identity document type and number to personal data; missing: {missingEn}',
  },
  ID_TYPE_IMPLIED: {
    level: 'warning',
    rule: 'R048',
    zh: '没有证件类型项;{item} 的名称已限定为居民身份证',
    en: 'there is no document type item; the name of {item} allows the resident identity card only',
  },
});
