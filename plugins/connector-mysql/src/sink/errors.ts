import { defineErrors } from '@qianzhi/model';
import { swapTargetTexts, targetTexts } from '@qianzhi/sql-kit';

/** Of targets, ledger and snapshots. */
export const targetErrors = defineErrors('MYSQL', {
  ...targetTexts,
  ...swapTargetTexts,
  TARGET_KEY: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”在主键列({columns})上没有唯一索引,或索引只含列的前缀',
      hint: '用 CREATE UNIQUE INDEX 或 PRIMARY KEY 按整列建立(文本建议用 utf8mb4_bin),再执行 qianzhi job retry',
    },
    en: {
      message: 'target table "{table}" has no unique index on its whole key columns ({columns})',
      hint: 'make one with CREATE UNIQUE INDEX or PRIMARY KEY, over whole columns and best under utf8mb4_bin, then run `qianzhi job retry`',
    },
  },
  STAGING_LOST: {
    kind: 'integrity',
    zh: {
      message: '写入“{table}”:送出 {sent} 行,服务器收到 {came} 行或有告警',
      hint: '自动停止该数据流;检查服务器临时空间与字符集后执行 qianzhi stream resume',
    },
    en: {
      message: 'writing "{table}": {sent} rows were sent, the server took {came} or warned about some',
      hint: 'look at the temporary space and character set of the server, then run `qianzhi stream resume`',
    },
  },
  SWAP_STRANDED: {
    kind: 'integrity',
    zh: {
      message: '目标表“{table}”在换表途中中断,且表“{old}”与“{shadow}”都已不在,无法判断状态',
      hint: '从备份恢复该表或重新建立,再执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message:
        'the swap of target table "{table}" was cut, and neither "{old}" nor "{shadow}" is there to tell how far it came',
      hint: 'restore or make the table again, then run `qianzhi stream resnapshot {resource}`',
    },
  },
});
