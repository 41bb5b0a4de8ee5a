import { defineErrors } from '@qianzhi/model';

/** Of targets, ledger and snapshots. */
export const targetErrors = defineErrors('SQLITE', {
  TARGET_IS_VIEW: {
    kind: 'config',
    zh: {
      message: '目标“{table}”是视图,不能写入',
      hint: 'target.table 应为基础表;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'target "{table}" is a view and cannot be written',
      hint: '`target.table` must be a table; then run `qianzhi config validate`',
    },
  },
  TARGET_READ_ONLY: {
    kind: 'config',
    zh: {
      message: '数据库 {path} 以只读方式配置,不能写入',
      hint: '去掉 readOnly 后执行 qianzhi config validate',
    },
    en: {
      message: 'database {path} is configured read-only and cannot be written',
      hint: 'remove `readOnly`, then run `qianzhi config validate`',
    },
  },
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
  TARGET_COLUMN_REQUIRED: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”的列“{column}”必填且无默认值,但目录没有对应信息项',
      hint: '在 target.constants 中给出固定值,或为该列设置默认值,再执行 qianzhi job retry',
    },
    en: {
      message: 'column "{column}" of target table "{table}" is required, has no default and no item fills it',
      hint: 'give it a value under `target.constants` or a default, then run `qianzhi job retry`',
    },
  },
  TARGET_TAKEN: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”已由另一来源({supplier})写入',
      hint: '换一张表;确需多来源共用设 shared: true;接替原来源设 takeOver: true;再重启前置机(qianzhi agent start)并执行 qianzhi job retry',
    },
    en: {
      message: 'target table "{table}" is already fed by another supplier ({supplier})',
      hint: 'use another table; set `shared: true` for several suppliers or `takeOver: true` to replace that one; then restart the agent with `qianzhi agent start` and run `qianzhi job retry`',
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
  TARGET_REFUSES_DELETE: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”不允许删除来源已不存在的行({reason})',
      hint: '处理引用这些行的数据或触发器,再执行 qianzhi job retry',
    },
    en: {
      message: 'target table "{table}" refuses to delete rows that the supplier no longer has ({reason})',
      hint: 'deal with the rows or triggers that hold them, then run `qianzhi job retry`',
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
  DELTA_WITHOUT_KEY: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 没有主键项,不能合并增量到“{table}”',
      hint: '为目录资源设置主键项:qianzhi catalog publish 文件',
    },
    en: {
      message: 'resource {resource} has no key items: a delta cannot be merged into "{table}"',
      hint: 'mark key items and run `qianzhi catalog publish FILE`',
    },
  },
  LEDGER_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '交付 {delivery} 的第 {seq} 批已写入过,但内容不同',
      hint: '保留该批次并联系平台管理员;确认后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'batch {seq} of delivery {delivery} was written before with other content',
      hint: 'keep the batch and call the platform administrator; then run `qianzhi stream resume {resource}`',
    },
  },
  SNAPSHOT_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '交付 {delivery} 的快照不完整:{problem}',
      hint: '重新全量:qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'the snapshot of delivery {delivery} is not whole: {problem}',
      hint: 'start over with `qianzhi stream resnapshot {resource}`',
    },
  },
  LEDGER_FOREIGN: {
    kind: 'config',
    zh: {
      message: '数据库 {path} 中的表 {table} 不是本系统的台账表',
      hint: '将该表改名后执行 qianzhi job retry',
    },
    en: {
      message: 'table {table} in database {path} is not our ledger',
      hint: 'rename that table, then run `qianzhi job retry`',
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
