import { defineErrors } from '@qianzhi/model';

export const departmentErrors = defineErrors('PLATFORM', {
  DEPARTMENT_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '部门 {department} 未登记',
      hint: '请安全保密员先登记该部门:qianzhi department put {department} --name 名称',
    },
    en: {
      message: 'department {department} is not registered',
      hint: 'the security officer registers it first with `qianzhi department put {department} --name NAME`',
    },
  },
  DEPARTMENT_ID_DIFFERS: {
    kind: 'config',
    zh: { message: '地址中的部门 {path} 与正文中的 {body} 不一致', hint: '使两处一致后重试' },
    en: {
      message: 'the address names department {path}, the body {body}',
      hint: 'name the same one in both and try again',
    },
  },
  DEPARTMENT_CODE_INVALID: {
    kind: 'data',
    zh: { message: '部门 {department} 的统一社会信用代码校验不通过', hint: '核对 18 位代码(GB 32100)后重试' },
    en: {
      message: 'the 统一社会信用代码 of department {department} fails its check digit',
      hint: 'compare the 18 characters (GB 32100) and try again',
    },
  },
  CONTACT_ROLE_UNKNOWN: {
    kind: 'config',
    zh: { message: '没有联系人角色 {role}', hint: '取其一:{roles}' },
    en: { message: 'there is no contact role {role}', hint: 'take one of {roles}' },
  },
  CONTACT_VACANT: {
    kind: 'conflict',
    zh: {
      message: '部门 {department} 的 {role} 已无人',
      hint: '查看联系人:qianzhi department contacts {department};接任者以 --role、--name、--phone 登记',
    },
    en: {
      message: 'department {department} has no {role} already',
      hint: 'see who is there with `qianzhi department contacts {department}`; the successor is named with --role, --name and --phone',
    },
  },
  ACCESS_STEP_UNKNOWN: {
    kind: 'config',
    zh: { message: '接入手续中没有 {step} 这一项', hint: '平台配置 accessSteps 列出:{steps}' },
    en: {
      message: 'the access procedure has no step {step}',
      hint: 'the platform config lists under accessSteps: {steps}',
    },
  },
  ACCESS_STEP_AHEAD: {
    kind: 'data',
    zh: { message: '接入手续 {step} 的办结日 {day} 尚未到', hint: '办结之后再登记' },
    en: {
      message: 'the day {day} on which step {step} was done is still to come',
      hint: 'record it when it is done',
    },
  },
  ACCESS_INCOMPLETE: {
    kind: 'denied',
    zh: {
      message: '部门 {department} 的接入手续未办齐:{steps}',
      hint: '逐项登记:qianzhi department access {department} --step {step} --reference 文号',
    },
    en: {
      message: 'the access procedure of department {department} is not complete: {steps}',
      hint: 'record each step: `qianzhi department access {department} --step {step} --reference NUMBER`',
    },
  },
});
