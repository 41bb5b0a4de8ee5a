import { defineErrors } from '@qianzhi/model';
import { swapTargetTexts, targetTexts } from '@qianzhi/sql-kit';

/** Of targets, ledger and snapshots. */
export const targetErrors = defineErrors('POSTGRES', {
  ...targetTexts,
  ...swapTargetTexts,
  NAME_TOO_LONG: {
    kind: 'config',
    zh: {
      message: '不能建立目标表“{table}”:名称“{name}”超过 PostgreSQL 保留的 63 字节',
      hint: '在 target.columns 中给出较短的列名,或缩短 target.table;再执行 qianzhi config validate',
    },
    en: {
      message:
        'target table "{table}" cannot be made: the name "{name}" is longer than the 63 bytes PostgreSQL keeps',
      hint: 'give a shorter column under `target.columns`, or a shorter `target.table`; then run `qianzhi config validate`',
    },
  },
  TARGET_KEY: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”在主键列({columns})上没有按字节比较、立即检查的唯一索引',
      hint: '用 CREATE UNIQUE INDEX 或 PRIMARY KEY 建立(不用 citext 和不确定的排序规则),再执行 qianzhi job retry',
    },
    en: {
      message:
        'target table "{table}" has no unique index on its key columns ({columns}) that is checked at once and compares bytes',
      hint: 'make one with CREATE UNIQUE INDEX or PRIMARY KEY (no citext, no nondeterministic collation), then run `qianzhi job retry`',
    },
  },
  NOT_DURABLE: {
    kind: 'integrity',
    zh: {
      message: '数据库 {server} 不能设为 synchronous_commit=on',
      hint: '断电可能丢失已提交的数据;检查服务器设置后执行 qianzhi job retry',
    },
    en: {
      message: 'database {server} does not accept synchronous_commit=on',
      hint: 'a power loss could lose committed rows; look at the server settings, then run `qianzhi job retry`',
    },
  },
});
