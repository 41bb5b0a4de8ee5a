import type { ErrorDeclaration } from '@qianzhi/model';

/** Of the line, the login and the server, for connectors that declare them under codes of their own. */
export const connectionTexts = {
  UNREACHABLE: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:无法连接数据库 {server}({reason})',
      hint: '检查 host、port 与网络;恢复后自动继续,也可执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: database {server} cannot be reached ({reason})',
      hint: 'check `host`, `port` and the network; it goes on by itself when it answers, or run `qianzhi doctor`',
    },
  },
  CONNECTION_LOST: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:与 数据库 {server} 的连接中断({reason})',
      hint: '从上一个检查点自动重试',
    },
    en: {
      message: '{doing}: the connection to database {server} was lost ({reason})',
      hint: 'it is tried again by itself from the last checkpoint',
    },
  },
  OVERLOADED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:数据库 {server} 暂不能服务({reason})',
      hint: '检查连接数上限、磁盘与内存;恢复后自动继续',
    },
    en: {
      message: '{doing}: database {server} cannot serve now ({reason})',
      hint: 'look at its connection limit, disk and memory; it goes on by itself',
    },
  },
  CONNECT_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:连接数据库 {server} 超过 {timeoutMs} 毫秒无应答',
      hint: '检查防火墙与 connectTimeoutMs;自动重试',
    },
    en: {
      message: '{doing}: database {server} did not answer within {timeoutMs} ms',
      hint: 'check firewalls and `connectTimeoutMs`; it is tried again by itself',
    },
  },
  STATEMENT_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:数据库 {server} 在 {timeoutMs} 毫秒内未完成语句',
      hint: '为排序、条件所用的列建立索引,或加大 statementTimeoutMs;自动重试',
    },
    en: {
      message: '{doing}: database {server} did not finish a statement within {timeoutMs} ms',
      hint: 'index the columns that are ordered or filtered by, or raise `statementTimeoutMs`; it is tried again by itself',
    },
  },
  LOCKED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:数据库 {server} 中的对象正被其他会话锁定({reason})',
      hint: '稍后自动重试;若经常发生,请加大 lockTimeoutMs',
    },
    en: {
      message: '{doing}: other sessions hold locks in database {server} ({reason})',
      hint: 'it is tried again by itself; if it happens often raise `lockTimeoutMs`',
    },
  },
  LOGIN_REFUSED: {
    kind: 'auth',
    zh: {
      message: '{doing}:数据库 {server} 拒绝用户“{user}”登录({reason})',
      hint: '核对 user 与 password;改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: database {server} refuses user "{user}" ({reason})',
      hint: 'check `user` and `password`; then run `qianzhi doctor`',
    },
  },
  DATABASE_MISSING: {
    kind: 'not-found',
    zh: {
      message: '{doing}:没有这个数据库:{server}',
      hint: '核对 database;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: there is no such database: {server}',
      hint: 'check `database`; then run `qianzhi config validate`',
    },
  },
  TLS_REFUSED: {
    kind: 'config',
    zh: {
      message: '{doing}:数据库 {server} 不支持加密连接',
      hint: '在服务器启用 ssl;线路可信时可设 ssl: {mode: disable};改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: database {server} does not offer TLS',
      hint: 'enable ssl on the server, or set `ssl: {mode: disable}` where the line is trusted; then run `qianzhi config validate`',
    },
  },
  TLS_UNTRUSTED: {
    kind: 'config',
    zh: {
      message: '{doing}:数据库 {server} 的证书不可信({reason})',
      hint: '核对 ssl.ca、证书有效期与主机名;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: the certificate of database {server} is not trusted ({reason})',
      hint: 'check `ssl.ca`, its validity and the host name; then run `qianzhi config validate`',
    },
  },
  DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '{doing}:数据库 {server} 报告数据损坏({reason})',
      hint: '请数据库管理员检查并从备份恢复,然后执行 qianzhi stream resume',
    },
    en: {
      message: '{doing}: database {server} reports damaged data ({reason})',
      hint: 'have it examined and restored from a backup, then run `qianzhi stream resume`',
    },
  },
  SCHEMA_CHANGED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:数据库 {server} 的表结构正在变化({reason})',
      hint: '自动重试;若列已删除或改名,请执行 qianzhi connector discover 核对',
    },
    en: {
      message: '{doing}: the schema in database {server} is changing ({reason})',
      hint: 'it is tried again; if a column was dropped or renamed compare with `qianzhi connector discover`',
    },
  },
  DRIVER: {
    kind: 'internal',
    zh: {
      message: '{doing}:数据库 {server} 返回 {reason}',
      hint: '有限次自动重试;仍失败请执行 qianzhi doctor 并保留日志',
    },
    en: {
      message: '{doing}: database {server} answered {reason}',
      hint: 'it is tried again a few times; if it stays run `qianzhi doctor` and keep the log',
    },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '{doing}:已取消', hint: '需要时执行 qianzhi job retry' },
    en: { message: '{doing}: cancelled', hint: 'run `qianzhi job retry` when wanted' },
  },
} as const satisfies Record<string, ErrorDeclaration>;
