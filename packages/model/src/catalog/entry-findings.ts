import { defineFindings } from './finding.js';

/** What `checkEntry` can find in what only the catalog says of a resource. */
export const entryFindings = defineFindings({
  CODE_SHORT: {
    level: 'error',
    rule: 'R002',
    zh: '分类代码 {classification} 过短;类 1 位、项 2 位、目 3 位,至少 6 位数字',
    en: 'classification {classification} is too short: 1, 2 and 3 digits, 6 at least',
  },
  CODE_INCONSISTENT: {
    level: 'error',
    rule: 'R002',
    zh: '信息资源代码 {nationalCode} 不是“分类代码/顺序号”,或与分类代码 {classification} 不一致',
    en: 'code {nationalCode} is not "classification/serial", or not of classification {classification}',
  },
  PROVIDER_CODE_INVALID: {
    level: 'error',
    rule: 'R046',
    zh: '提供方代码不是有效的统一社会信用代码(GB 32100)',
    en: "the provider's code is no valid 统一社会信用代码 (GB 32100)",
  },
  FORMAT_MISFIT: {
    level: 'error',
    rule: 'R002',
    zh: '格式类型 {type} 属于{belongsZh},与所填的{classZh}不符',
    en: 'format type {type} belongs to class {belongs}, not to {class}',
  },
  LEAD_MISSING: {
    level: 'error',
    rule: 'R010',
    zh: '基础、主题信息资源应有牵头部门;请填写 lead',
    en: 'a basic or theme resource has a lead department; give its id as lead',
  },
  RESPONSIBLE_MISSING: {
    level: 'error',
    rule: 'R012',
    zh: '基准目录应逐项写明责任部门;{item} 未写 responsible',
    en: 'a baseline catalog names who is responsible for each item; {item} has no responsible',
  },
  PROJECT_MISSING: {
    level: 'error',
    rule: 'R014',
    zh: '项目目录应写明项目名称与阶段;请填写 project',
    en: 'an entry of a project catalog names the project and its stage; give it as project',
  },
  ACCEPTANCE_MISSING: {
    level: 'warning',
    rule: 'R014',
    zh: '项目目录已登记,应写明项目编号与验收日期;请填写 project.number 与 project.acceptedOn',
    en: 'a registered project says its number and the day of its acceptance; give them as project.number and project.acceptedOn',
  },
  ACCEPTED_NOT_REGISTERED: {
    level: 'warning',
    rule: 'R014',
    zh: '项目已验收而目录尚未登记;请登记:qianzhi catalog accept {resource} --number 文号 --accepted-on 日期',
    en: 'the project was accepted and its catalog is not registered; do it with `qianzhi catalog accept {resource} --number NUMBER --accepted-on DAY`',
  },
  REGION_OUTSIDE: {
    level: 'error',
    rule: 'R015',
    zh: '行政区划代码 {region} 不在本平台的区划 {platform} 之内;各级平台只编制本级及所辖区划的目录',
    en: 'region {region} is not within {platform}, the region of this platform: each level keeps the catalog of its own',
  },
  CYCLE_MISFIT: {
    level: 'warning',
    rule: 'R016',
    zh: '更新周期标为实时,而共享方式中没有共享平台;请核对更新周期或共享方式',
    en: 'marked as updated in real time, but shared by no platform; check the update cycle or the sharing modes',
  },
  STATUTORY_ITEM_MISSING: {
    level: 'error',
    rule: 'R017',
    zh: '法定共享清单“{list}”(依据:{basis})要求的信息项 {name} 不在目录条目中',
    en: 'item {name}, which the statutory list "{list}" requires ({basis}), is not in the entry',
  },
  STATUTORY_ITEM_WITHHELD: {
    level: 'error',
    rule: 'R017',
    zh: '{item} 依法应当共享(法定共享清单“{list}”,依据:{basis}),不得标为不予共享',
    en: '{item} is to be shared by law (statutory list "{list}", {basis}) and cannot be withheld',
  },
  CONDITIONAL_BASIS_MISSING: {
    level: 'error',
    rule: 'R021',
    zh: '{what}为有条件共享,按现行政策须写明依据;请填写 legalBasis,没有依据的改为无条件共享',
    en: '{whatEn} is shared conditionally, for which the policy in force asks a legal basis; give it as legalBasis, or share it unconditionally',
  },
  SCOPE_OR_USE_MISSING: {
    level: 'error',
    rule: 'R025',
    zh: '有条件共享未写明共享范围(sharingScope)或使用用途(sharingUse)',
    en: 'conditional sharing without its scope (sharingScope) or use (sharingUse)',
  },
  LICENSING_NOT_UNCONDITIONAL: {
    level: 'error',
    rule: 'R027',
    zh: '涉及行政许可或并联审批的资源应无条件共享;请将 sharing 改为 unconditional',
    en: 'a resource tied to a licence is shared unconditionally; set sharing to unconditional',
  },
  INTERNAL_RULE_ONLY: {
    level: 'error',
    rule: 'R028',
    zh: '{what}的依据只有本部门内部规定,不得据此限制共享',
    en: '{whatEn} rests on internal rules alone, which are no ground to restrict sharing',
  },
  SENSITIVE_UNCONDITIONAL: {
    level: 'warning',
    rule: 'R030',
    zh: '敏感项 {item} 标为无条件共享;一般应为有条件共享',
    en: 'sensitive item {item} is shared unconditionally; conditional is the rule',
  },
  PRIVATE_OPEN: {
    level: 'error',
    rule: 'R031',
    zh: '{item} 涉及个人或敏感信息,不得向社会开放;请标 openness: closed',
    en: 'item {item} is personal or sensitive and never open to the public; set its openness to closed',
  },
  NOT_SHARED_OPEN: {
    level: 'error',
    rule: 'R031',
    zh: '不予共享的资源不得向社会开放;请将 openness 改为 closed',
    en: 'a resource that is not shared is not open to the public; set openness to closed',
  },
  OBTAINED_OPEN: {
    level: 'error',
    rule: 'R032',
    zh: '通过共享获得的数据不得列入本部门的开放清单;请将 openness 改为 closed',
    en: 'data obtained by sharing never enters the own open list; set openness to closed',
  },
  ENTRY_INCOMPLETE: {
    level: 'error',
    rule: 'R002',
    zh: '目录条目未填写:{missingZh}',
    en: 'the catalog entry does not say: {missing}',
  },
  ENTRY_LOCAL_MISSING: {
    level: 'warning',
    rule: 'R003',
    zh: '部分地区要求填写而未填写:{missingZh}',
    en: 'some jurisdictions also ask for: {missing}',
  },
});
