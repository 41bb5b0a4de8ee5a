import { defineErrors } from '@qianzhi/model';

export const agreementErrors = defineErrors('PLATFORM', {
  AGREEMENT_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有本部门可见的协议 {agreement}', hint: '查看协议:qianzhi agreement list' },
    en: {
      message: 'there is no agreement {agreement} that your department may see',
      hint: 'look at yours with `qianzhi agreement list`',
    },
  },
  OWN_RESOURCE: {
    kind: 'conflict',
    zh: { message: '资源 {resource} 由本部门提供,无需申请', hint: '直接使用本部门数据' },
    en: {
      message: 'your own department provides resource {resource}',
      hint: 'use your own data, no application is needed',
    },
  },
  APPLICATION_PENDING: {
    kind: 'conflict',
    zh: {
      message: '对资源 {resource} 的申请 {agreement} 尚待审批',
      hint: '等待审批结果:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'application {agreement} for resource {resource} is still to be decided',
      hint: 'wait for the decision: `qianzhi agreement show {agreement}`',
    },
  },
  ITEMS_UNKNOWN: {
    kind: 'data',
    zh: {
      message: '资源 {resource} 没有信息项:{items}',
      hint: '查看其信息项:qianzhi catalog show {resource}',
    },
    en: {
      message: 'resource {resource} has no items {items}',
      hint: 'see its items with `qianzhi catalog show {resource}`',
    },
  },
  ITEMS_NOT_SHARED: {
    kind: 'denied',
    zh: { message: '资源 {resource} 的信息项 {items} 不予共享', hint: '从申请中去掉这些信息项' },
    en: { message: 'items {items} of resource {resource} are not shared', hint: 'apply without them' },
  },
  ITEMS_NONE_UNCONDITIONAL: {
    kind: 'data',
    zh: {
      message: '资源 {resource} 没有无条件共享的信息项',
      hint: '在申请中列出所需信息项并写明法律依据:qianzhi agreement apply {resource} --item 信息项 --matter 事项 --legal-basis 依据',
    },
    en: {
      message: 'resource {resource} shares no item unconditionally',
      hint: 'name the items and the legal basis: `qianzhi agreement apply {resource} --item ITEM --matter MATTER --legal-basis BASIS`',
    },
  },
  KEY_ITEMS_MISSING: {
    kind: 'data',
    zh: {
      message: '系统对接须包含资源 {resource} 的全部主键项,缺:{items}',
      hint: '将这些信息项加入申请(可用 pseudonym):qianzhi agreement apply {resource} --item 信息项 --matter 事项',
    },
    en: {
      message: 'rows are merged by all key items of resource {resource}; missing: {items}',
      hint: 'add them to the application, in clear or as pseudonym: `qianzhi agreement apply {resource} --item ITEM --matter MATTER`',
    },
  },
  KEY_ITEM_MASKED: {
    kind: 'data',
    zh: {
      message: '主键项 {item} 只能明文或以 pseudonym 提供,不能用 {mask}',
      hint: '改为 pseudonym 或去掉遮蔽',
    },
    en: {
      message: 'key item {item} is granted in clear or as pseudonym, not masked by {mask}',
      hint: 'use pseudonym or no mask',
    },
  },
  MASK_MISPLACED: {
    kind: 'data',
    zh: { message: '遮蔽规则所指的 {item} 不在申请的信息项中,或不是字符型', hint: '改正 masks 后重试' },
    en: {
      message: 'a mask names {item}, which is not applied for or holds no text',
      hint: 'correct the masks and try again',
    },
  },
  SCOPE_ON_FILES: {
    kind: 'data',
    zh: {
      message: '资源 {resource} 的内容是文件,不能限定行范围',
      hint: '不带 --rows 重新申请:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'resource {resource} holds files, of which a row scope cannot choose',
      hint: 'apply again without --rows: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  PURPOSE_MISSING: {
    kind: 'data',
    zh: {
      message: '申请资源 {resource} 未说明具体业务事项(R066)',
      hint: '写明用于哪项业务:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'the application for resource {resource} names no business matter (R066)',
      hint: 'say which matter it is used for: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  LEGAL_BASIS_REQUIRED: {
    kind: 'data',
    zh: {
      message: '信息项 {items} 为有条件共享,申请须写明法律依据(R067)',
      hint: '补充法律依据后重新申请:qianzhi agreement apply {resource} --item 信息项 --matter 事项 --legal-basis 依据',
    },
    en: {
      message: 'items {items} are shared conditionally; the application names the legal basis (R067)',
      hint: 'give the legal basis and apply again: `qianzhi agreement apply {resource} --item ITEM --matter MATTER --legal-basis BASIS`',
    },
  },
  VALIDITY_PAST: {
    kind: 'data',
    zh: {
      message: '有效期至 {validTo},已经过去',
      hint: '改为将来的时间后重新申请:qianzhi agreement apply {resource} --matter 事项 --valid-to 时间',
    },
    en: {
      message: 'the validity ends at {validTo}, which is past',
      hint: 'name a time to come and apply again: `qianzhi agreement apply {resource} --matter MATTER --valid-to TIME`',
    },
  },
  ADDRESS_NOT_ALLOWED: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 的来源地址白名单不含 {address}',
      hint: '从允许的地址办理(见 qianzhi agreement show {agreement}),或以 --address 申请变更:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'agreement {agreement} takes no connection from {address}',
      hint: 'connect from an address it names (`qianzhi agreement show {agreement}`), or apply for another by --address: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  DECISION_OWN_DEPARTMENT: {
    kind: 'denied',
    zh: {
      message: '申请部门 {department} 不得审批自己的申请 {agreement}',
      hint: '由提供部门或主管部门的审批人处理',
    },
    en: {
      message: 'department {department} does not decide on its own application {agreement}',
      hint: 'an approver of the provider or of a competent department decides',
    },
  },
  NOT_PENDING: {
    kind: 'conflict',
    zh: {
      message: '协议 {agreement} 没有待审批的申请(状态 {state})',
      hint: '查看协议:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'agreement {agreement} has no application to decide (state {state})',
      hint: 'look at it with `qianzhi agreement show {agreement}`',
    },
  },
  SUSPENDED: {
    kind: 'conflict',
    zh: {
      message: '协议 {agreement} 已暂停,不能扩大或重新申请',
      hint: '由提供部门或主管部门恢复后再申请:qianzhi agreement resume {agreement}',
    },
    en: {
      message: 'agreement {agreement} is suspended; it can be neither extended nor applied for again',
      hint: 'the provider or the competent department resumes it first: `qianzhi agreement resume {agreement}`',
    },
  },
  NOT_SUSPENDED: {
    kind: 'conflict',
    zh: {
      message: '协议 {agreement} 没有暂停(状态 {state})',
      hint: '查看协议:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'agreement {agreement} is not suspended (state {state})',
      hint: 'look at it with `qianzhi agreement show {agreement}`',
    },
  },
  NOT_GRANTED: {
    kind: 'conflict',
    zh: {
      message: '协议 {agreement} 没有生效的授权(状态 {state})',
      hint: '查看协议:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'agreement {agreement} has no grant in force (state {state})',
      hint: 'look at it with `qianzhi agreement show {agreement}`',
    },
  },
});
