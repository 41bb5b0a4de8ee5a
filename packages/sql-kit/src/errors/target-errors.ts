import { defineErrors, type ErrorDeclaration } from '@qianzhi/model';

/** Of targets, ledger and snapshots, for connectors that declare them under codes of their own. */
export const targetTexts = {
  TARGET_IS_VIEW: {
    kind: 'config',
    zh: {
      message: '目标“{table}”不是表,不能写入',
      hint: 'target.table 应为基础表或分区表;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'target "{table}" is no table and cannot be written',
      hint: '`target.table` must be a plain or partitioned table; then run `qianzhi config validate`',
    },
  },
  TARGET_READ_ONLY: {
    kind: 'config',
    zh: {
      message: '数据库 {server} 以只读方式配置,不能写入',
      hint: '去掉 readOnly 后执行 qianzhi config validate',
    },
    en: {
      message: 'database {server} is configured read-only and cannot be written',
      hint: 'remove `readOnly`, then run `qianzhi config validate`',
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
  LEDGER_FOREIGN: {
    kind: 'config',
    zh: {
      message: '{place} 中的表 {table} 不是本系统的台账表',
      hint: '将该表改名后执行 qianzhi job retry',
    },
    en: {
      message: 'table {table} in {place} is not our ledger',
      hint: 'rename that table, then run `qianzhi job retry`',
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
} as const satisfies Record<string, ErrorDeclaration>;

/** Of targets that swap tables, too, and whose writers are fenced. */
export const swapTargetTexts = {
  TARGET_UNFIT: {
    kind: 'config',
    zh: {
      message: '不能合并到目标表“{table}”:{problem}',
      hint: '换一张表或去掉该设置;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'target table "{table}" cannot be merged into: {problem}',
      hint: 'use another table or remove what stands in the way; then run `qianzhi config validate`',
    },
  },
  WRITE_MODE: {
    kind: 'config',
    zh: {
      message: '本连接器不支持写入方式 {mode}',
      hint: '改用 merge 或 swap,再执行 qianzhi config validate',
    },
    en: {
      message: 'this connector does not write by {mode}',
      hint: 'use merge or swap, then run `qianzhi config validate`',
    },
  },
  WRITER_FENCED: {
    kind: 'conflict',
    zh: {
      message: '交换 {exchange} 已由另一实例接手写入“{table}”,本实例停止写入',
      hint: '确认只有一个前置机实例在运行,再执行 qianzhi job retry',
    },
    en: {
      message: 'another instance has taken over exchange {exchange}: this one no longer writes "{table}"',
      hint: 'make sure that one instance of the agent runs, then run `qianzhi job retry`',
    },
  },
} as const satisfies Record<string, ErrorDeclaration>;

export const targetErrors = defineErrors('SQL', {
  ...targetTexts,
  WRITE_MODE: {
    kind: 'config',
    zh: {
      message: '本连接器不支持写入方式 {mode}',
      hint: '去掉 write,即按主键合并;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'this connector has no write mode {mode}',
      hint: 'remove `write` to merge by key, then run `qianzhi config validate`',
    },
  },
  TARGET_KEY: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”在主键列({columns})上没有唯一索引',
      hint: '在这些列上建立主键或唯一索引,再执行 qianzhi job retry',
    },
    en: {
      message: 'target table "{table}" has no unique index on its key columns ({columns})',
      hint: 'make a primary key or unique index on them, then run `qianzhi job retry`',
    },
  },
  TARGET_TAKEN: {
    kind: 'config',
    zh: {
      message: '目标表“{table}”已由另一来源({supplier})写入',
      hint: '换一张表;接替原来源设 takeOver: true,再重启前置机(qianzhi agent start)并执行 qianzhi job retry',
    },
    en: {
      message: 'target table "{table}" is already fed by another supplier ({supplier})',
      hint: 'use another table; set `takeOver: true` to replace that one; then restart the agent with `qianzhi agent start` and run `qianzhi job retry`',
    },
  },
  TRANSACTION_LOST: {
    kind: 'config',
    zh: {
      message: '{doing}:触发器或服务器设置撤销了整个事务({reason})',
      hint: '触发器不得执行 ROLLBACK 或在出错时终止事务;改好后执行 qianzhi job retry',
    },
    en: {
      message: '{doing}: a trigger or a server setting rolled back the whole transaction ({reason})',
      hint: 'triggers must neither run ROLLBACK nor end the transaction on an error; then run `qianzhi job retry`',
    },
  },
});
