import { defineErrors } from '@qianzhi/model';

export const databaseErrors = defineErrors('PLATFORM', {
  DATABASE_UNSAFE: {
    kind: 'config',
    zh: {
      message: '打开平台数据库时设置 {setting} 未生效(实际为 {found}),掉电会丢失已签收的记录',
      hint: 'SQLite:将数据目录放在本机磁盘(非网络盘);PostgreSQL:在服务器上打开该设置;然后启动:qianzhi platform start',
    },
    en: {
      message:
        'opening the platform database: setting {setting} did not take (it is {found}); power loss would take records with a receipt',
      hint: 'SQLite: keep the data folder on a local disk, not a network share; PostgreSQL: turn the setting on at the server; then `qianzhi platform start`',
    },
  },
  DATABASE_NEWER: {
    kind: 'config',
    zh: {
      message: '平台数据库由更新的版本写成(步骤 {step})',
      hint: '安装该版本或更新的版本后启动:qianzhi platform start',
    },
    en: {
      message: 'the platform database was written by a newer version (step {step})',
      hint: 'install that version or a newer one, then `qianzhi platform start`',
    },
  },
  DATABASE_IN_USE: {
    kind: 'conflict',
    zh: {
      message: '{database} 的模式 {schema} 正被另一个平台进程使用',
      hint: '先停止该进程,或换用其他模式(database.schema),再启动:qianzhi platform start',
    },
    en: {
      message: 'another platform process uses schema {schema} of {database}',
      hint: 'stop that process or use another schema (database.schema), then `qianzhi platform start`',
    },
  },
  DATABASE_LOGIN_WRONG: {
    kind: 'auth',
    zh: {
      message: '登录 {database} 失败:账号或口令不正确,或不允许从本机登录({reason})',
      hint: '核对 platform.yaml 的 database 各项与服务器的 pg_hba.conf 后启动:qianzhi platform start',
    },
    en: {
      message: 'signing in at {database} failed: wrong user or password, or no login from here ({reason})',
      hint: 'check `database` in platform.yaml and pg_hba.conf at the server, then `qianzhi platform start`',
    },
  },
  DATABASE_MISSING: {
    kind: 'not-found',
    zh: {
      message: '{database} 不存在({reason})',
      hint: '请数据库管理员建库后启动:qianzhi platform start',
    },
    en: {
      message: '{database} does not exist ({reason})',
      hint: 'have the database made, then `qianzhi platform start`',
    },
  },
  DATABASE_DENIED: {
    kind: 'denied',
    zh: {
      message: '平台数据库拒绝操作:权限不足({reason})',
      hint: '授予该账号在库中建模式的权限(GRANT CREATE ON DATABASE),或预先建好归其所有的模式,再启动:qianzhi platform start',
    },
    en: {
      message: 'the platform database refuses: permission missing ({reason})',
      hint: 'let the user make schemas (GRANT CREATE ON DATABASE), or make the schema owned by it, then `qianzhi platform start`',
    },
  },
  DATABASE_UNAVAILABLE: {
    kind: 'unavailable',
    zh: {
      message: '平台数据库 {database} 暂不可用({reason})',
      hint: '检查数据库服务与 platform.yaml 的 database;恢复后自动继续,若平台未能启动:qianzhi platform start',
    },
    en: {
      message: 'the platform database {database} is not available now ({reason})',
      hint: 'look at the server and at `database` in platform.yaml; it goes on by itself when the database is back; if the platform did not start: `qianzhi platform start`',
    },
  },
  DATABASE_ROLLED_BACK: {
    kind: 'internal',
    zh: {
      message: '平台数据库未提交事务:其中一条语句此前已失败',
      hint: '该操作未生效;请连同平台日志反馈,重启后重试:qianzhi platform start',
    },
    en: {
      message: 'the platform database did not commit: a statement of the transaction had failed before',
      hint: 'nothing of it was done; report it with the platform’s log, restart with `qianzhi platform start` and try again',
    },
  },
  DATABASE_FULL: {
    kind: 'unavailable',
    zh: { message: '平台数据库所在磁盘已满({reason})', hint: '释放空间后自动继续' },
    en: {
      message: 'the disk of the platform database is full ({reason})',
      hint: 'free some space and it goes on by itself',
    },
  },
  // to its callers no more than a platform that does not run: they come again once it was started
  DATABASE_HALTED: {
    kind: 'unavailable',
    zh: {
      message: '平台数据库的磁盘未能确认落盘({reason}),已停止服务',
      hint: '检查磁盘后启动:qianzhi platform start;未签收的批次会重新发送',
    },
    en: {
      message:
        'the disk of the platform database did not confirm the data ({reason}); the platform serves no more',
      hint: 'check the disk, then `qianzhi platform start`; batches without receipt are sent again',
    },
  },
});
