import { defineErrors } from '@qianzhi/model';

export const catalogErrors = defineErrors('PLATFORM', {
  RESOURCE_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '目录中没有资源 {resource}', hint: '查看目录:qianzhi catalog list' },
    en: {
      message: 'the catalog has no resource {resource}',
      hint: 'look at the catalog with `qianzhi catalog list`',
    },
  },
  RESOURCE_VERSION_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '资源 {resource} 没有架构版本 {version}',
      hint: '查看现有版本:qianzhi catalog show {resource}',
    },
    en: {
      message: 'resource {resource} has no schema version {version}',
      hint: 'see its versions with `qianzhi catalog show {resource}`',
    },
  },
  RESOURCE_CODE_DIFFERS: {
    kind: 'config',
    zh: { message: '地址中的资源 {path} 与正文中的 {body} 不一致', hint: '使两处一致后重试' },
    en: {
      message: 'the address names resource {path}, the body {body}',
      hint: 'name the same one in both and try again',
    },
  },
  CATALOG_REFUSED: {
    kind: 'data',
    zh: {
      message: '目录条目 {resource} 有 {count} 处错误,不予发布:{findingsZh}',
      hint: '逐项改正后重新发布:qianzhi catalog publish 文件;目录须经审核的平台,重新起草:qianzhi catalog draft 文件',
    },
    en: {
      message: 'catalog entry {resource} has {count} errors and is not published: {findingsEn}',
      hint: 'correct each and publish again with `qianzhi catalog publish FILE`; where the platform asks for reviews, draft it again with `qianzhi catalog draft FILE`',
    },
  },
  IMPORT_REPEATS: {
    kind: 'data',
    zh: {
      message: '导入的目录中资源 {resource} 出现了两次,未导入任何条目',
      hint: '删去其一后重新导入:qianzhi catalog import 文件',
    },
    en: {
      message: 'the imported catalog holds resource {resource} twice; nothing was imported',
      hint: 'remove one and import again with `qianzhi catalog import FILE`',
    },
  },
  STATUTORY_RESOURCE: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 依法应当共享(法定共享清单“{line}”,依据:{basis}),不能撤销(R017)',
      hint: '依据已失效的,先提交更新的法定共享清单:qianzhi catalog put-list 文件 --list statutory',
    },
    en: {
      message:
        'resource {resource} is to be shared by law (statutory list "{line}", {basis}) and is not withdrawn (R017)',
      hint: 'where the law is no longer in force put a newer list first: `qianzhi catalog put-list FILE --list statutory`',
    },
  },
  SUPPLY_WAIVED: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 已免报,由上级资源 {upper} 报送(R139)',
      hint: '查看:qianzhi catalog waivers;要恢复供数,先结束免报:qianzhi catalog end-waiver {resource} --reason 理由',
    },
    en: {
      message: 'the supply of resource {resource} is waived: it is reported as {upper} (R139)',
      hint: 'see `qianzhi catalog waivers`; to supply again end it first: `qianzhi catalog end-waiver {resource} --reason REASON`',
    },
  },
  SUPPLY_NOT_WAIVED: {
    kind: 'conflict',
    zh: { message: '资源 {resource} 没有免报', hint: '查看免报的资源:qianzhi catalog waivers' },
    en: {
      message: 'the supply of resource {resource} is not waived',
      hint: 'see which ones are with `qianzhi catalog waivers`',
    },
  },
  COMPETENT_ONLY: {
    kind: 'denied',
    zh: { message: '{account} 不属于主管部门,不能确定责任来源(R039)', hint: '由主管部门的审批人决定' },
    en: {
      message: '{account} is of no competent department and does not decide the responsible source (R039)',
      hint: 'an approver of a competent department decides',
    },
  },
  DUPLICATE_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '资源 {first} 与 {second} 未列为重复供给', hint: '查看:qianzhi catalog duplicates' },
    en: {
      message: 'resources {first} and {second} are not listed as duplicate supply',
      hint: 'see `qianzhi catalog duplicates`',
    },
  },
  SOURCE_NOT_OF_PAIR: {
    kind: 'config',
    zh: {
      message: '责任来源 {responsible} 不是 {first}、{second} 之一',
      hint: '查看:qianzhi catalog duplicates',
    },
    en: {
      message: 'the responsible source {responsible} is neither {first} nor {second}',
      hint: 'see `qianzhi catalog duplicates`',
    },
  },
  LIST_REFUSED: {
    kind: 'data',
    zh: {
      message: '清单 {list} 有 {count} 处错误,未作改动:{findings}',
      hint: '逐项改正后重新提交;查看现有清单:qianzhi catalog list --list {list}',
    },
    en: {
      message: 'the list {list} has {count} errors and was left as it was: {findings}',
      hint: 'correct each and put it again; see what there is with `qianzhi catalog list --list {list}`',
    },
  },
  LIST_OF_NOBODY: {
    kind: 'denied',
    zh: { message: '{account} 不属于任何部门,不能提交清单(R018)', hint: '由该部门的目录编辑员提交' },
    en: {
      message: '{account} is of no department and puts no list (R018)',
      hint: 'a catalog editor of the department puts it',
    },
  },
  CONTENT_CHANGED: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 的内容不能在数据行与文件之间改变',
      hint: '另用一个资源代码发布:qianzhi catalog publish 文件',
    },
    en: {
      message: 'resource {resource} cannot change between rows and files',
      hint: 'publish it under another resource code with `qianzhi catalog publish FILE`',
    },
  },
  UPDATE_NOT_OWED: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 没有待办结的目录更新职责',
      hint: '查看本部门的职责期限:qianzhi duty list',
    },
    en: {
      message: 'no duty to bring resource {resource} up to date is open',
      hint: 'see what the department owes with `qianzhi duty list`',
    },
  },
  UPDATE_STATUTORY: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 的法定共享职责(R017)须由目录条目补齐信息项来办结,不能以确认代替',
      hint: '查看所缺:qianzhi catalog list --list statutory;补齐后发布:qianzhi catalog publish 文件;目录须经审核的平台,起草:qianzhi catalog draft 文件;依据已失效的,提交更新的清单:qianzhi catalog put-list 文件 --list statutory',
    },
    en: {
      message:
        'what the law asks of resource {resource} (R017) is done when its entry has the items, and not by a statement',
      hint: 'see what that is with `qianzhi catalog list --list statutory`, add it and publish with `qianzhi catalog publish FILE`; where the platform asks for reviews, draft it with `qianzhi catalog draft FILE`; where the law is no longer in force put a newer list: `qianzhi catalog put-list FILE --list statutory`',
    },
  },
  PROJECT_NOT_PRECOMPILED: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 不是立项前预编的项目目录,无须登记(R014)',
      hint: '查看预编的项目目录:qianzhi catalog list --project pre-compiled',
    },
    en: {
      message:
        'resource {resource} is no pre-compiled catalog of a project, and nothing is to be registered (R014)',
      hint: 'see those that are with `qianzhi catalog list --project pre-compiled`',
    },
  },
  ACCEPTANCE_AHEAD: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 的验收日期 {day} 尚未到来',
      hint: '验收之后再登记;查看预编的项目目录:qianzhi catalog list --project pre-compiled',
    },
    en: {
      message: 'the day of acceptance of resource {resource}, {day}, is still to come',
      hint: 'register it afterwards; see what is pre-compiled with `qianzhi catalog list --project pre-compiled`',
    },
  },
  SECRECY_REVIEW_MISSING: {
    kind: 'denied',
    zh: {
      message: '资源 {resource} 架构版本 {version} 没有通过的保密审查,不得供数(R044)',
      hint: '由安全保密员或提供部门管理员记录保密审查(qianzhi catalog review {resource} --result passed),再执行 qianzhi catalog supply {resource} --agent {agent}',
    },
    en: {
      message:
        'resource {resource}, schema version {version}, has no passed secrecy review and is not supplied (R044)',
      hint: 'a security officer or department admin of the provider records the review (`qianzhi catalog review {resource} --result passed`); then run `qianzhi catalog supply {resource} --agent {agent}`',
    },
  },
  SUPPLIER_NOT_ENROLLED: {
    kind: 'conflict',
    zh: {
      message: '前置机 {agent} 尚未登记、已吊销或不属于部门 {department}',
      hint: '先签发令牌(qianzhi agent invite {agent} --department {department})并登记该前置机:qianzhi enroll --token-file 文件;供数前置机须属于提供部门',
    },
    en: {
      message: 'agent {agent} is not enrolled, was revoked, or is not of department {department}',
      hint: 'invite it (`qianzhi agent invite {agent} --department {department}`) and enrol it (`qianzhi enroll --token-file FILE`) first; a supplying agent is of the providing department',
    },
  },
  CATALOG_REVIEWS_REQUIRED: {
    kind: 'conflict',
    zh: {
      message: '本平台的目录须经审核(R009),不能直接发布 {resource}',
      hint: '起草并提交审核:qianzhi catalog draft 文件(成批:qianzhi catalog import 文件),再 qianzhi catalog submit {resource}',
    },
    en: {
      message: 'this platform publishes nothing without its reviews (R009), {resource} neither',
      hint: 'draft it with `qianzhi catalog draft FILE` (many: `qianzhi catalog import FILE`), then `qianzhi catalog submit {resource}`',
    },
  },
  RESOURCE_WITHDRAWN: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 已撤销,不再受理申请:{reason}',
      hint: '查看目录中的其他资源:qianzhi catalog list',
    },
    en: {
      message: 'resource {resource} is withdrawn and takes no applications: {reason}',
      hint: 'look for another in the catalog with `qianzhi catalog list`',
    },
  },
});
