import { defineErrors } from '@qianzhi/model';

export const auditErrors = defineErrors('PLATFORM', {
  AUDIT_HEAD_FOREIGN: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 交来的审计链头不是它自己的({owner} {log})',
      hint: '前置机只交自己查询日志的链头;检查其状态目录:qianzhi doctor',
    },
    en: {
      message: 'agent {agent} handed in an audit head that is not its own ({owner} {log})',
      hint: 'an agent hands in heads of its own query log alone; look at its state folder with `qianzhi doctor`',
    },
  },
});
