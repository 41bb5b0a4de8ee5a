import { defineErrors } from '@qianzhi/model';

export const matterErrors = defineErrors('PLATFORM', {
  MATTER_NONE: {
    kind: 'not-found',
    zh: {
      message: '协议 {agreement} 由规则当即授权,没有办理经过',
      hint: '查看授权:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'agreement {agreement} was granted by rule at once; nothing had to be decided',
      hint: 'look at it with `qianzhi agreement show {agreement}`',
    },
  },
  MATTER_NOT_APPLICANT: {
    kind: 'denied',
    zh: {
      message: '只有申请部门 {department} 可以对申请 {agreement} 这样做',
      hint: '由申请部门的用数人员或管理员执行',
    },
    en: {
      message: 'only department {department}, which applied, may do this with application {agreement}',
      hint: 'a consumer or an administrator of that department does it',
    },
  },
  MATTER_NOT_COMPETENT: {
    kind: 'denied',
    zh: {
      message: '申请 {agreement} 的这一步由主管部门办理,{department} 不是主管部门',
      hint: '由主管部门的审批人执行;查看下一步:qianzhi agreement show {agreement}',
    },
    en: {
      message:
        'this step of application {agreement} is the competent department’s, which {department} is not',
      hint: 'an approver of the competent department does it; `qianzhi agreement show {agreement}` says what comes next',
    },
  },
  FORWARD_NOT_OWN: {
    kind: 'denied',
    zh: {
      message: '申请 {agreement} 由申请部门 {consumer} 的主管部门转送,{department} 不是',
      hint: '由下列部门的审批人执行 qianzhi agreement forward {agreement}:{competent};部门的行政区划:qianzhi department list',
    },
    en: {
      message:
        'application {agreement} is forwarded by the competent department of {consumer}, which {department} is not',
      hint: 'an approver of one of these runs `qianzhi agreement forward {agreement}`: {competent}; `qianzhi department list` shows the regions',
    },
  },
  DECISION_NOT_PROVIDER: {
    kind: 'denied',
    zh: {
      message: '按 {profile} 的规定,申请 {agreement} 由提供部门 {provider} 答复',
      hint: '由提供部门的审批人执行;逾期或不同意时由主管部门组织协商:qianzhi agreement negotiate {agreement}',
    },
    en: {
      message: 'under {profile} the provider {provider} replies to application {agreement}',
      hint: 'an approver of the provider does it; what is late or refused is negotiated: `qianzhi agreement negotiate {agreement}`',
    },
  },
  OPINION_MISSING: {
    kind: 'conflict',
    zh: {
      message: '按 {profile} 的规定,主管部门会同提供部门 {provider} 审批,提供部门尚未表示意见',
      hint: '请提供部门的审批人先表示意见:qianzhi agreement approve {agreement};逾期后主管部门可直接决定',
    },
    en: {
      message:
        'under {profile} the competent department decides together with provider {provider}, which has not said what it thinks',
      hint: 'an approver of the provider says so first, or refuses: `qianzhi agreement approve {agreement}`; once that is overdue the competent department decides alone',
    },
  },
  REFUSAL_INTERNAL_RULE: {
    kind: 'denied',
    zh: {
      message: '部门内部规定不得作为不予共享的理由(R028)',
      hint: '写明法律、行政法规等依据,或同意该申请:qianzhi agreement approve {agreement}',
    },
    en: {
      message: "a department's internal rule is no ground for a refusal (R028)",
      hint: 'name a law or regulation, or agree: `qianzhi agreement approve {agreement}`',
    },
  },
  REFUSAL_BASIS_REQUIRED: {
    kind: 'data',
    zh: {
      message: '按 {profile} 的规定,不同意须写明理由类别和法律依据(R064)',
      hint: '补充后重试:qianzhi agreement refuse {agreement} --reason 原因 --ground law --legal-basis 依据',
    },
    en: {
      message: 'under {profile} a refusal states its ground and legal basis (R064)',
      hint: 'add both: `qianzhi agreement refuse {agreement} --reason REASON --ground law --legal-basis BASIS`',
    },
  },
  REFUSAL_MISSING: {
    kind: 'data',
    zh: {
      message: '信息项 {items} 没有同意,须说明理由(R064)',
      hint: '重试并写明理由:qianzhi agreement approve {agreement} --item 信息项 --reason 原因',
    },
    en: {
      message: 'items {items} are not agreed to, which needs a reason (R064)',
      hint: 'say why: `qianzhi agreement approve {agreement} --item ITEM --reason REASON`',
    },
  },
  ITEMS_NOT_APPLIED: {
    kind: 'data',
    zh: { message: '申请中没有信息项 {items}', hint: '查看申请:qianzhi agreement list' },
    en: {
      message: 'items {items} were not applied for',
      hint: 'look at the application with `qianzhi agreement list`',
    },
  },
  ITEM_BASIS_REQUIRED: {
    kind: 'data',
    zh: {
      message: '按 {profile} 的规定,须逐项写明依据(R067),缺:{items}',
      hint: '逐项以 --basis 补充后重新申请:qianzhi agreement apply',
    },
    en: {
      message: 'under {profile} the basis is stated item by item (R067); missing for {items}',
      hint: 'give each with --basis and apply again: `qianzhi agreement apply`',
    },
  },
  MODE_NOT_ALLOWED: {
    kind: 'denied',
    zh: {
      message: '{profile} 不允许以 {modes} 方式共享(R034)',
      hint: '改用允许的方式:{allowed}',
    },
    en: { message: '{profile} does not allow the modes {modes} (R034)', hint: 'use one of: {allowed}' },
  },
  RULING_ONLY: {
    kind: 'denied',
    zh: {
      message: '申请 {agreement} 涉及不予共享的数据,只能经协商后裁定(R138)',
      hint: '由主管部门办理:qianzhi agreement review {agreement},然后 qianzhi agreement rule {agreement} --outcome share',
    },
    en: {
      message:
        'application {agreement} asks for what is not shared; it is negotiated and then ruled on (R138)',
      hint: 'the competent department runs `qianzhi agreement review {agreement}`, then `qianzhi agreement rule {agreement} --outcome share`',
    },
  },
  RULING_BODY_NONE: {
    kind: 'conflict',
    zh: {
      message: '申请部门 {department} 是唯一的主管部门,不能协商和裁定自己的申请',
      hint: '由系统管理员登记另一主管部门(如上级主管部门、领导小组)后重试:qianzhi department put 部门 --name 名称 --competent',
    },
    en: {
      message:
        'the applicant {department} is the only competent department, and neither negotiates nor rules on its own application',
      hint: 'have an administrator register another competent one (a superior, a leading group) and try again: `qianzhi department put DEPARTMENT --name NAME --competent`',
    },
  },
  CONFIDENTIALITY_UNSIGNED: {
    kind: 'conflict',
    zh: {
      message: '按 {profile} 的规定,申请 {agreement} 须先签署安全保密协议(R077)',
      hint: '由申请部门执行:qianzhi agreement sign {agreement} --file 文件 --signatory 姓名',
    },
    en: {
      message: 'under {profile} the confidentiality agreement of {agreement} is signed first (R077)',
      hint: 'the applicant runs `qianzhi agreement sign {agreement} --file FILE --signatory NAME`',
    },
  },
  FILING_NOT_OWED: {
    kind: 'conflict',
    zh: {
      message: '协议 {agreement} 没有待办的备案',
      hint: '查看协议:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'agreement {agreement} does not wait to be taken on file',
      hint: 'look at it with `qianzhi agreement show {agreement}`',
    },
  },
});
