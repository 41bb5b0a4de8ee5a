import { defineErrors } from '@qianzhi/model';
import { targetTexts } from '@qianzhi/sql-kit';

/** Of targets, ledger and snapshots. */
export const targetErrors = defineErrors('SQLITE', {
  ...targetTexts,
  TARGET_KEY: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”在主键列({columns})上没有按字节比较的唯一索引',
      hint: '执行 CREATE UNIQUE INDEX 建立索引(排序规则 BINARY),再执行 qianzhi job retry',
    },
    en: {
      message:
        'target table "{table}" has no unique index of collation BINARY on its key columns ({columns})',
      hint: 'make one with CREATE UNIQUE INDEX, then run `qianzhi job retry`',
    },
  },
  TARGET_ROLLED_BACK: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”的触发器撤销了整个事务',
      hint: '触发器应使用 RAISE(ABORT) 而非 RAISE(ROLLBACK);改好后执行 qianzhi job retry',
    },
    en: {
      message: 'a trigger of target table "{table}" rolled back the whole transaction',
      hint: 'triggers must use RAISE(ABORT), not RAISE(ROLLBACK); then run `qianzhi job retry`',
    },
  },
  DEFERRED_CONSTRAINT: {
    kind: 'data',
    zh: {
      message: '写入“{table}”:提交时外键检查失败',
      hint: '先交换被引用的表;或把该外键改为立即检查以便逐行隔离;再执行 qianzhi job retry',
    },
    en: {
      message: 'writing "{table}": a deferred foreign key failed at commit',
      hint: 'exchange the referenced table first, or make the key immediate so that rows can be told apart; then run `qianzhi job retry`',
    },
  },
  NOT_DURABLE: {
    kind: 'integrity',
    zh: {
      message: '数据库 {path} 不能设为 synchronous=FULL',
      hint: '断电可能丢失已提交的数据;请更换 SQLite 驱动后执行 qianzhi job retry',
    },
    en: {
      message: 'database {path} does not accept synchronous=FULL',
      hint: 'a power loss could lose committed rows; change the SQLite driver, then run `qianzhi job retry`',
    },
  },
});
