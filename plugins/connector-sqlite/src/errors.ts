import { defineErrors } from '@qianzhi/model';
import { connectionTexts, sourceTexts } from '@qianzhi/sql-kit';
import { targetErrors } from './sink/errors.js';

/** Of files and sources; targets' are in sink/errors.ts. Details name files, tables, columns and counts; never a row value. */
const sourceErrors = defineErrors('SQLITE', {
  ...sourceTexts,
  CANCELLED: connectionTexts.CANCELLED,
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
      hint: '自动重试;若列已删除或改名,请核对 qianzhi connector discover',
    },
    en: {
      message: '{doing}: the schema is changing',
      hint: 'it is tried again; if a column was dropped or renamed compare with `qianzhi connector discover`',
    },
  },
  QUERY_ENDED: {
    kind: 'unavailable',
    zh: {
      message: '查询 {path} 的子进程意外结束({reason})',
      hint: '重新查询即可(qianzhi query);经常出现时检查内存并执行 qianzhi doctor',
    },
    en: {
      message: 'the process that queries {path} ended by itself ({reason})',
      hint: 'ask again with `qianzhi query`; if it happens often look at the memory and run `qianzhi doctor`',
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
  TYPE_UNFIT: {
    kind: 'config',
    zh: {
      message: '表“{table}”的列“{column}”({nativeType})与信息项“{item}”的类型 {type} 不符',
      hint: '核对目录类型;日期以数字存放时须在 timeFormats 中写明;改好后执行 qianzhi agent start',
    },
    en: {
      message:
        'column "{column}" ({nativeType}) of table "{table}" does not fit type {type} of item "{item}"',
      hint: 'compare with the catalog; dates kept as numbers need an entry under `timeFormats`; then run `qianzhi agent start`',
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
});

export const sqliteErrors = { ...sourceErrors, ...targetErrors };
