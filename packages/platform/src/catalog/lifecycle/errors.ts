import { defineErrors } from '@qianzhi/model';

export const lifecycleErrors = defineErrors('PLATFORM', {
  DRAFT_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有资源 {resource} 的目录草稿', hint: '起草:qianzhi catalog draft 文件' },
    en: {
      message: 'there is no draft of catalog entry {resource}',
      hint: 'draft it with `qianzhi catalog draft FILE`',
    },
  },
  DRAFT_STATE: {
    kind: 'conflict',
    zh: {
      message: '目录变更 {resource} 目前为 {state},不能执行 {step}',
      hint: '查看经过与下一步:qianzhi catalog drafts {resource}',
    },
    en: {
      message: 'the change of catalog entry {resource} is {state}, so that {step} cannot be done now',
      hint: 'see its way and what is next with `qianzhi catalog drafts {resource}`',
    },
  },
  DRAFT_BESIDE: {
    kind: 'conflict',
    zh: {
      message: '目录条目 {resource} 已有另一种变更的草稿:{change}',
      hint: '先办结该变更,或放弃它后再起草:qianzhi catalog discard {resource};查看其内容:qianzhi catalog drafts {resource}',
    },
    en: {
      message: 'catalog entry {resource} has a draft of another kind already: {change}',
      hint: 'bring that to its end, or give it up before another is drafted with `qianzhi catalog discard {resource}`; see it with `qianzhi catalog drafts {resource}`',
    },
  },
  NOT_COMPETENT: {
    kind: 'denied',
    zh: {
      message: '账号 {account} 不是主管部门的审批人,不能办理目录条目 {resource} 的{step}(R009)',
      hint: '请主管部门的审批人办理;查看经过与下一步:qianzhi catalog drafts {resource}',
    },
    en: {
      message:
        'account {account} is no approver of a competent department, who alone may do this to {resource}: {step} (R009)',
      hint: 'ask an approver of the competent department; see its way with `qianzhi catalog drafts {resource}`',
    },
  },
  NOT_THE_REVIEWER: {
    kind: 'denied',
    zh: {
      message: '账号 {account} 不是提供部门的管理员,不能退回待审核的 {resource}',
      hint: '请提供部门的管理员办理:qianzhi catalog return {resource} --reason 理由',
    },
    en: {
      message: 'account {account} is no admin of the providing department, who alone returns {resource} now',
      hint: 'ask an admin of that department for `qianzhi catalog return {resource} --reason REASON`',
    },
  },
  CODE_HELD: {
    kind: 'conflict',
    zh: {
      message: '代码 {resource} 由部门 {department} 的目录变更占用({state})',
      hint: '另用代码;或请该部门、主管部门的审批人放弃其草稿:qianzhi catalog discard {resource} --note 理由。草稿 {days} 天未提交即自行让出',
    },
    en: {
      message: 'the code {resource} is held by a change of department {department} ({state})',
      hint: 'take another code, or ask that department or an approver of the competent one for `qianzhi catalog discard {resource} --note REASON`; a draft that is not submitted for {days} days gives way by itself',
    },
  },
  DISCARD_WITHOUT_REASON: {
    kind: 'config',
    zh: {
      message: '放弃部门 {department} 的草稿 {resource} 须说明理由',
      hint: 'qianzhi catalog discard {resource} --note 理由',
    },
    en: {
      message: 'the draft {resource} of department {department} is given up for a reason, and none was said',
      hint: '`qianzhi catalog discard {resource} --note REASON`',
    },
  },
  TRANSFER_TO_SELF: {
    kind: 'config',
    zh: {
      message: '{resource} 的责任部门已经是 {department}',
      hint: '以 --to 写明另一部门;查看部门:qianzhi department list',
    },
    en: {
      message: '{department} is responsible for {resource} already',
      hint: 'name another department with --to; see them with `qianzhi department list`',
    },
  },
  SAME_PERSON: {
    kind: 'denied',
    zh: {
      message: '账号 {account} 已办理过 {resource} 的 {step},审核须由他人办理(R009)',
      hint: '请另一人登录后办理;查看经过:qianzhi catalog drafts {resource}',
    },
    en: {
      message: 'account {account} did {step} of {resource} already; its review is for somebody else (R009)',
      hint: 'another person signs in and does it; see its way with `qianzhi catalog drafts {resource}`',
    },
  },
});
