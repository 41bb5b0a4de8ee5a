import { defineErrors } from '@qianzhi/model';

export const offCatalogErrors = defineErrors('PLATFORM', {
  REQUEST_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有目录外申请 {request}', hint: '查看本部门的目录外申请:qianzhi agreement requests' },
    en: {
      message: 'there is no off-catalog request {request}',
      hint: 'list those of your department with `qianzhi agreement requests`',
    },
  },
  REQUEST_ITEMS_TWICE: {
    kind: 'data',
    zh: {
      message: '目录外申请中信息项写了两次:{items}',
      hint: '每个信息项写一次后重试:qianzhi agreement request',
    },
    en: {
      message: 'items are named twice in the request: {items}',
      hint: 'name each once and run `qianzhi agreement request` again',
    },
  },
  REQUEST_INCOMPLETE: {
    kind: 'data',
    zh: {
      message: '目录外申请“{name}”未写明具体业务事项,或没有法定依据(R065–R067)',
      hint: '写明 --matter,并逐项写依据(--item 名称=依据)或以 --legal-basis 写总的依据:qianzhi agreement request',
    },
    en: {
      message: 'the request for "{name}" names no business matter, or no statutory basis (R065–R067)',
      hint: 'give --matter, and a basis for each item (--item NAME=BASIS) or one for all (--legal-basis): `qianzhi agreement request`',
    },
  },
  REQUEST_OWN_DEPARTMENT: {
    kind: 'conflict',
    zh: {
      message: '目录外申请“{name}”不能由申请部门 {department} 自己答复',
      hint: '写另一个部门,或不写,由主管部门指派;部门列表:qianzhi department list',
    },
    en: {
      message: 'the request for "{name}" cannot be replied to by the applicant {department} itself',
      hint: 'name another department, or none and the competent department finds it; `qianzhi department list` shows them',
    },
  },
  REQUEST_HELD_HERE: {
    kind: 'conflict',
    zh: {
      message: '目录外申请 {request} 正由部门 {department} 答复,不能转办给它自己',
      hint: '写掌握该数据的部门,或不写,由申请方的主管部门指派;部门列表:qianzhi department list',
    },
    en: {
      message: 'request {request} is with department {department} already',
      hint: 'name the department that has the data, or none and the competent department of the applicant finds it; `qianzhi department list` shows them',
    },
  },
  REQUEST_VALIDITY_PAST: {
    kind: 'data',
    zh: {
      message: '目录外申请“{name}”的期限 {validTo} 已经过去',
      hint: '改为将来的日期后重试:qianzhi agreement request --valid-to 日期',
    },
    en: {
      message: 'the request for "{name}" is until {validTo}, which is past',
      hint: 'name a day to come: `qianzhi agreement request --valid-to DAY`',
    },
  },
  REQUEST_PROVIDER_MISSING: {
    kind: 'conflict',
    zh: {
      message: '目录外申请 {request} 未写明由哪个部门提供,转送时须指派',
      hint: '指派部门:qianzhi agreement forward {request} --to 部门;部门列表:qianzhi department list',
    },
    en: {
      message: 'request {request} names no department; whoever forwards it says which one replies',
      hint: 'run `qianzhi agreement forward {request} --to DEPARTMENT`; `qianzhi department list` shows them',
    },
  },
  REQUEST_NOT_PROVIDER: {
    kind: 'denied',
    zh: {
      message: '目录外申请 {request} 的目录条目由提供部门 {provider} 指明',
      hint: '由该部门的目录编辑员执行:qianzhi agreement link {request} --resource 代码',
    },
    en: {
      message: 'the catalog entry of request {request} is named by its provider {provider}',
      hint: 'a catalog editor of that department runs `qianzhi agreement link {request} --resource CODE`',
    },
  },
  REQUEST_ENTRY_NOT_OWED: {
    kind: 'conflict',
    zh: {
      message: '目录外申请 {request} 现在没有待编的目录条目(未同意,或已关联)',
      hint: '查看:qianzhi agreement show {request}',
    },
    en: {
      message: 'request {request} waits for no catalog entry: it was not agreed to, or is linked already',
      hint: 'look at it with `qianzhi agreement show {request}`',
    },
  },
  REQUEST_ENTRY_FOREIGN: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 由 {owner} 提供,不是目录外申请 {request} 的提供部门 {provider}',
      hint: '写 {provider} 的资源:qianzhi agreement link {request} --resource 代码',
    },
    en: {
      message:
        'resource {resource} is provided by {owner}, not by {provider}, which owes the entry of request {request}',
      hint: 'name a resource of {provider}: `qianzhi agreement link {request} --resource CODE`',
    },
  },
  REQUEST_ITEMS_UNMATCHED: {
    kind: 'data',
    zh: {
      message: '资源 {resource} 中没有目录外申请 {request} 的信息项:{items}',
      hint: '名称不同的,加上 --item 名称=列 写明:qianzhi agreement link {request} --resource {resource}',
    },
    en: {
      message: 'resource {resource} has none of the items of request {request}: {items}',
      hint: 'add --item NAME=COLUMN for each that is called otherwise: `qianzhi agreement link {request} --resource {resource}`',
    },
  },
  REQUEST_NOT_LINKED: {
    kind: 'conflict',
    zh: {
      message: '目录外申请 {request} 尚未关联已发布的资源 {resource}',
      hint: '查看进展:qianzhi agreement show {request};条目发布后:qianzhi agreement apply --request {request}',
    },
    en: {
      message: 'request {request} is not linked to a published resource {resource}',
      hint: 'see how it stands with `qianzhi agreement show {request}`; once the entry is published: `qianzhi agreement apply --request {request}`',
    },
  },
});
