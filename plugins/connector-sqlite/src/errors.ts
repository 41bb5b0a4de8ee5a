import { defineErrors } from '@qianzhi/model';

/** Details name files, tables, columns and counts; never a row value. */
export const sqliteErrors = defineErrors('SQLITE', {
  FILE_MISSING: {
    kind: 'not-found',
    zh: {
      message: '打开 SQLite 数据库:文件 {path} 不存在',
      hint: '检查配置中的 path;若要新建目标库,请设置 create: true;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'opening SQLite database: file {path} does not exist',
      hint: 'check `path` in the config; to make a new target database set `create: true`; then run `qianzhi config validate`',
    },
  },
  FOLDER_MISSING: {
    kind: 'not-found',
    zh: {
      message: '新建 SQLite 数据库 {path}:所在文件夹不存在',
      hint: '先建立该文件夹,再执行 qianzhi config validate',
    },
    en: {
      message: 'creating SQLite database {path}: its folder does not exist',
      hint: 'make the folder first, then run `qianzhi config validate`',
    },
  },
  NOT_A_FILE: {
    kind: 'config',
    zh: {
      message: '打开 SQLite 数据库:{path} 不是普通文件',
      hint: 'path 应指向数据库文件本身;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'opening SQLite database: {path} is not a regular file',
      hint: '`path` must name the database file itself; then run `qianzhi config validate`',
    },
  },
  NOT_A_DATABASE: {
    kind: 'config',
    zh: {
      message: '打开 SQLite 数据库:{path} 不是 SQLite 数据库(或已加密)',
      hint: '确认文件是否正确、是否加密;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'opening SQLite database: {path} is no SQLite database (or is encrypted)',
      hint: 'check that it is the right file and not encrypted; then run `qianzhi config validate`',
    },
  },
  NO_PERMISSION: {
    kind: 'config',
    zh: {
      message: '访问 SQLite 数据库 {path}:权限不足({need})',
      hint: '授予运行前置机的系统用户对该文件及其文件夹的权限,再执行 qianzhi config validate',
    },
    en: {
      message: 'accessing SQLite database {path}: permission denied ({need})',
      hint: 'grant the system user of the agent access to the file and its folder, then run `qianzhi config validate`',
    },
  },
  OPTIONS_CONTRADICT: {
    kind: 'config',
    zh: {
      message: '配置自相矛盾:{problem}',
      hint: '改正后执行 qianzhi config validate',
    },
    en: {
      message: 'the config contradicts itself: {problem}',
      hint: 'correct it, then run `qianzhi config validate`',
    },
  },
  BUSY: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:数据库 {path} 正被其他程序占用,等待 {waitedMs} 毫秒后放弃',
      hint: '稍后自动重试;若经常发生,请加大 busyTimeoutMs 或改用 WAL 模式',
    },
    en: {
      message: '{doing}: database {path} is locked by another program, gave up after {waitedMs} ms',
      hint: 'it is tried again by itself; if it happens often raise `busyTimeoutMs` or use WAL mode',
    },
  },
  DISK: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:写入 {path} 失败({reason})',
      hint: '检查磁盘空间与磁盘状态;空间恢复后自动继续',
    },
    en: {
      message: '{doing}: writing {path} failed ({reason})',
      hint: 'look at free space and the disk; it goes on by itself when there is room',
    },
  },
  DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '{doing}:数据库 {path} 已损坏',
      hint: '停止使用该库,用 sqlite3 的 PRAGMA integrity_check 检查并从备份恢复,然后执行 qianzhi stream resume',
    },
    en: {
      message: '{doing}: database {path} is damaged',
      hint: 'stop using it, run PRAGMA integrity_check in sqlite3 and restore a backup, then run `qianzhi stream resume`',
    },
  },
  SCHEMA_CHANGED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:表结构正在变化',
      hint: '自动重试;若列已删除或改名,请执行 qianzhi connector discover 核对',
    },
    en: {
      message: '{doing}: the schema is changing',
      hint: 'it is tried again; if a column was dropped or renamed compare with `qianzhi connector discover`',
    },
  },
  DRIVER: {
    kind: 'internal',
    zh: {
      message: '{doing}:SQLite 返回 {reason}',
      hint: '有限次自动重试;仍失败请执行 qianzhi doctor 并保留日志',
    },
    en: {
      message: '{doing}: SQLite answered {reason}',
      hint: 'it is tried again a few times; if it stays run `qianzhi doctor` and keep the log',
    },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '{doing}:已取消', hint: '需要时执行 qianzhi job retry' },
    en: { message: '{doing}: cancelled', hint: 'run `qianzhi job retry` when wanted' },
  },
  TABLE_MISSING: {
    kind: 'config',
    zh: {
      message: '数据库 {path} 中没有表“{table}”',
      hint: '用 qianzhi connector discover 查看表名;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'database {path} has no table "{table}"',
      hint: 'see the names with `qianzhi connector discover`; then run `qianzhi config validate`',
    },
  },
  COLUMN_MISSING: {
    kind: 'config',
    zh: {
      message: '表“{table}”没有信息项“{item}”所需的列“{column}”',
      hint: '在 columns 中写明对应的列,或核对目录;表结构有变时执行 qianzhi stream accept-schema',
    },
    en: {
      message: 'table "{table}" has no column "{column}" for item "{item}"',
      hint: 'name the column under `columns` or compare with the catalog; after a change of the table run `qianzhi stream accept-schema`',
    },
  },
  ITEM_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '配置提到的信息项“{item}”不在目录资源 {resource} 中',
      hint: '执行 qianzhi catalog show {resource} 核对后改正配置',
    },
    en: {
      message: 'the config names item "{item}", which resource {resource} does not have',
      hint: 'compare with `qianzhi catalog show {resource}` and correct the config',
    },
  },
  TYPE_UNFIT: {
    kind: 'config',
    zh: {
      message: '表“{table}”的列“{column}”({nativeType})与信息项“{item}”的类型 {type} 不符',
      hint: '核对目录类型;日期以数字存放时须在 timeFormats 中写明;表结构有变时执行 qianzhi stream accept-schema',
    },
    en: {
      message:
        'column "{column}" ({nativeType}) of table "{table}" does not fit type {type} of item "{item}"',
      hint: 'compare with the catalog; dates kept as numbers need an entry under `timeFormats`; after a change of the table run `qianzhi stream accept-schema`',
    },
  },
  NO_ORDER: {
    kind: 'config',
    zh: {
      message: '无法按确定顺序读取“{table}”:没有主键、没有 rowid,目录中也没有主键项',
      hint: '为目录资源设置主键项,或改读基础表',
    },
    en: {
      message: '"{table}" cannot be read in a settled order: no primary key, no rowid and no key item',
      hint: 'mark key items in the catalog resource, or read the table behind the view',
    },
  },
  STRATEGY_UNFIT: {
    kind: 'config',
    zh: {
      message: '读取策略 {strategy} 不可用于“{table}”:{problem}',
      hint: '改正 source 配置后执行 qianzhi config validate',
    },
    en: {
      message: 'read strategy {strategy} cannot be used on "{table}": {problem}',
      hint: 'correct the `source` config, then run `qianzhi config validate`',
    },
  },
  WHERE_WRONG: {
    kind: 'config',
    zh: {
      message: '“{table}”的 where 条件不能执行',
      hint: '在 sqlite3 中试运行该条件,改正后执行 qianzhi config validate',
    },
    en: {
      message: 'the `where` of "{table}" cannot be run',
      hint: 'try the condition in sqlite3, correct it, then run `qianzhi config validate`',
    },
  },
  CHECKPOINT_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '“{table}”的检查点不属于读取策略 {strategy} 或版本过新',
      hint: '更换策略后须重新全量:执行 qianzhi stream resnapshot',
    },
    en: {
      message: 'the checkpoint of "{table}" is not of strategy {strategy}, or of a later version',
      hint: 'after a change of strategy start over with `qianzhi stream resnapshot`',
    },
  },
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
      hint: '换一张表;确需多来源共用设 shared: true;接替原来源设 takeOver: true;再执行 qianzhi job retry',
    },
    en: {
      message: 'target table "{table}" is already fed by another supplier ({supplier})',
      hint: 'use another table; set `shared: true` for several suppliers or `takeOver: true` to replace that one; then run `qianzhi job retry`',
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
      hint: '为目录资源设置主键项:qianzhi catalog publish',
    },
    en: {
      message: 'resource {resource} has no key items: a delta cannot be merged into "{table}"',
      hint: 'mark key items and run `qianzhi catalog publish`',
    },
  },
  LEDGER_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '交付 {delivery} 的第 {seq} 批已写入过,但内容不同',
      hint: '保留该批次并联系平台管理员;确认后执行 qianzhi stream resume',
    },
    en: {
      message: 'batch {seq} of delivery {delivery} was written before with other content',
      hint: 'keep the batch and call the platform administrator; then run `qianzhi stream resume`',
    },
  },
  SNAPSHOT_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '交付 {delivery} 的快照不完整:{problem}',
      hint: '执行 qianzhi stream resnapshot 重新全量',
    },
    en: {
      message: 'the snapshot of delivery {delivery} is not whole: {problem}',
      hint: 'start over with `qianzhi stream resnapshot`',
    },
  },
  LEDGER_FOREIGN: {
    kind: 'config',
    zh: {
      message: '数据库 {path} 中的表 {table} 不是本系统的账本表',
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
