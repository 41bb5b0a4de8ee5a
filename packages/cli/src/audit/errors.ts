import { defineErrors } from '@qianzhi/model';

/** Of exported audit chains. */
export const auditErrors = defineErrors('CLI', {
  AUDIT_WRONG: {
    kind: 'integrity',
    zh: {
      message: '审计链不成立:{count} 处问题({codes})',
      hint: '保留原件;以其他来源留存的链头与密钥再核对一次:qianzhi audit verify --file 文件 --heads 文件 --keys 文件',
    },
    en: {
      message: 'the audit chain does not hold: {count} problems ({codes})',
      hint: 'keep the files as they are, and check again with heads and keys kept elsewhere: `qianzhi audit verify --file FILE --heads FILE --keys FILE`',
    },
  },
});
