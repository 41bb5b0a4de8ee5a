import { defineErrors } from '@qianzhi/model';

export const dutyErrors = defineErrors('PLATFORM', {
  DUTY_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有本部门可见的职责期限 {duty}', hint: '查看职责期限:qianzhi duty list --closed' },
    en: {
      message: 'there is no duty {duty} that your department may see',
      hint: 'look at yours with `qianzhi duty list --closed`',
    },
  },
  CALENDAR_ADDRESS_DIFFERS: {
    kind: 'config',
    zh: { message: '地址中的 {path} 与正文中的 {body} 不一致', hint: '使两处一致后重试' },
    en: {
      message: 'the address names {path}, the body {body}',
      hint: 'name the same one in both and try again',
    },
  },
  CALENDAR_DAY_NOT_SET: {
    kind: 'not-found',
    zh: { message: '没有对 {day} 的单独规定', hint: '查看已录入的:qianzhi duty calendar show' },
    en: {
      message: 'nothing was entered for {day} alone',
      hint: 'see what was entered with `qianzhi duty calendar show`',
    },
  },
});
