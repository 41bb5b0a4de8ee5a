import { defineErrors } from '@qianzhi/model';

/** Of servers and sessions. `product` and `server` say which; details hold names, numbers and the server's code, never a row value. */
export const serverErrors = defineErrors('SQL', {
  UNREACHABLE: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:连接不上 {product} {server}({reason})',
      hint: '检查地址、端口、防火墙与数据库是否启动;稍后自动重试,也可执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {product} {server} cannot be reached ({reason})',
      hint: 'check host, port, firewall and whether the database is up; it is tried again by itself, or run `qianzhi doctor`',
    },
  },
  LOGIN_FAILED: {
    kind: 'auth',
    zh: {
      message: '{doing}:{product} {server} 拒绝用户 {user} 登录({reason})',
      hint: '检查用户名与口令文件、账号是否锁定或过期;改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {product} {server} refuses the login of user {user} ({reason})',
      hint: 'check user and password file, and whether the account is locked or expired; then run `qianzhi doctor`',
    },
  },
  DATABASE_MISSING: {
    kind: 'not-found',
    zh: {
      message: '{doing}:{product} {server} 上没有该数据库或服务,或用户 {user} 无权进入({reason})',
      hint: '核对 database 或 service 的名称与授权;改好后执行 qianzhi doctor',
    },
    en: {
      message:
        '{doing}: {product} {server} has no such database or service, or user {user} may not enter it ({reason})',
      hint: 'check the name under `database` or `service` and the grants; then run `qianzhi doctor`',
    },
  },
  TLS: {
    kind: 'config',
    zh: {
      message: '{doing}:与 {product} {server} 的加密连接未能建立({reason})',
      hint: '检查证书、主机名与加密设置(tls);改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: no encrypted line to {product} {server} ({reason})',
      hint: 'check certificate, host name and the settings under `tls`; then run `qianzhi doctor`',
    },
  },
  NO_PERMISSION: {
    kind: 'config',
    zh: {
      message: '{doing}:{product} {server} 的用户 {user} 权限不足({reason})',
      hint: '由数据库管理员授予所需权限,再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: user {user} of {product} {server} lacks a permission ({reason})',
      hint: 'have the database administrator grant it, then run `qianzhi doctor`',
    },
  },
  UNSUPPORTED: {
    kind: 'config',
    zh: {
      message: '{doing}:{product} {server} 的版本 {version} 不支持:{problem}',
      hint: '换用支持的版本或改用其他方式;改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {product} {server} of version {version} cannot do it: {problem}',
      hint: 'use a version that can, or another way; then run `qianzhi doctor`',
    },
  },
  LOCKED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:{product} {server} 上等待锁超时({reason})',
      hint: '其他程序占用了表或行;稍后自动重试,经常发生时加大 lockTimeoutMs',
    },
    en: {
      message: '{doing}: waiting for a lock on {product} {server} took too long ({reason})',
      hint: 'another program holds table or rows; it is tried again by itself, raise `lockTimeoutMs` if it happens often',
    },
  },
  DEADLOCK: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:{product} {server} 因死锁撤销了本事务({reason})',
      hint: '自动重试;经常发生时请错开其他程序的写入时间',
    },
    en: {
      message: '{doing}: {product} {server} rolled this transaction back to end a deadlock ({reason})',
      hint: 'it is tried again by itself; if it happens often keep other writers to other hours',
    },
  },
  TOO_OLD: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:{product} {server} 已不保留读取所需的旧版本数据({reason})',
      hint: '从断点自动续读;经常发生时减小 chunkRows,或请管理员加大回滚段保留时间',
    },
    en: {
      message:
        '{doing}: {product} {server} no longer keeps the old row versions that the read needs ({reason})',
      hint: 'it goes on from the checkpoint by itself; if it happens often lower `chunkRows` or have undo retention raised',
    },
  },
  SERVER_BUSY: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:{product} {server} 暂时不能服务({reason})',
      hint: '稍后自动重试;持续出现时请管理员检查连接数、磁盘与服务状态',
    },
    en: {
      message: '{doing}: {product} {server} cannot serve just now ({reason})',
      hint: 'it is tried again by itself; if it stays have connections, disk and the service looked at',
    },
  },
  STATEMENT_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:{product} {server} 在 {timeoutMs} 毫秒内没有完成一条语句',
      hint: '自动重试;必要时减小 chunkRows、建立索引或加大 statementTimeoutMs',
    },
    en: {
      message: '{doing}: {product} {server} did not finish a statement within {timeoutMs} ms',
      hint: 'it is tried again by itself; if needed lower `chunkRows`, make an index or raise `statementTimeoutMs`',
    },
  },
  ROW_REFUSED: {
    kind: 'data',
    zh: {
      message: '{doing}:{product} {server} 拒绝了某一行({reason})',
      hint: '执行 qianzhi quarantine list 查看原因;改正后执行 qianzhi job retry',
    },
    en: {
      message: '{doing}: {product} {server} refuses a row ({reason})',
      hint: 'see `qianzhi quarantine list` for why; then run `qianzhi job retry`',
    },
  },
  DRIVER: {
    kind: 'internal',
    zh: {
      message: '{doing}:{product} {server} 返回 {reason}',
      hint: '有限次自动重试;仍失败请执行 qianzhi doctor 并保留日志',
    },
    en: {
      message: '{doing}: {product} {server} answered {reason}',
      hint: 'it is tried again a few times; if it still fails run `qianzhi doctor` and keep the log',
    },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '{doing}:已取消', hint: '需要时执行 qianzhi job retry' },
    en: { message: '{doing}: cancelled', hint: 'run `qianzhi job retry` when wanted' },
  },
});
