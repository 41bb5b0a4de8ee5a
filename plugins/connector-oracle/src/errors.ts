import { defineErrors } from '@qianzhi/model';

/** Of this connector's config; those of servers, sources and targets are sql-kit's. */
export const oracleErrors = defineErrors('ORACLE', {
  SERVICE_OR_SID: {
    kind: 'config',
    zh: {
      message: 'Oracle 连接须给出 service 与 sid 之一',
      hint: '改正后执行 qianzhi config validate',
    },
    en: {
      message: 'a connection to Oracle needs either `service` or `sid`',
      hint: 'correct it, then run `qianzhi config validate`',
    },
  },
});
