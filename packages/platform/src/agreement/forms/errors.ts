import { defineErrors } from '@qianzhi/model';

export const formErrors = defineErrors('PLATFORM', {
  FORM_NOT_GRANTED: {
    kind: 'conflict',
    zh: {
      message: '申请 {agreement} 尚未授权,没有《信息共享授权确认表》',
      hint: '先打印申请表:qianzhi agreement form {agreement} --form application --out 文件;授权后再取确认表',
    },
    en: {
      message: 'application {agreement} was not granted, so that there is no form of its grant',
      hint: 'print the application instead: `qianzhi agreement form {agreement} --form application --out FILE`',
    },
  },
});
