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
});
