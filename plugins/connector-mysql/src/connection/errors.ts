import { defineErrors } from '@qianzhi/model';

/** Of the line, the login and the server. Details name addresses, objects and error numbers; never a secret or a row value. */
export const connectionErrors = defineErrors('MYSQL', {
  UNREACHABLE: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:无法连接 MySQL {server}({reason})',
      hint: '检查 host、port 与网络;恢复后自动继续,也可执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: MySQL {server} cannot be reached ({reason})',
      hint: 'check `host`, `port` and the network; it goes on by itself when it answers, or run `qianzhi doctor`',
    },
  },
  CONNECTION_LOST: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:与 MySQL {server} 的连接中断({reason})',
      hint: '从上一个检查点自动重试',
    },
    en: {
      message: '{doing}: the connection to MySQL {server} was lost ({reason})',
      hint: 'it is tried again by itself from the last checkpoint',
    },
  },
  OVERLOADED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:MySQL {server} 暂不能服务({reason})',
      hint: '检查连接数上限、磁盘与内存;恢复后自动继续',
    },
    en: {
      message: '{doing}: MySQL {server} cannot serve now ({reason})',
      hint: 'look at its connection limit, disk and memory; it goes on by itself',
    },
  },
  CONNECT_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:连接 MySQL {server} 超过 {timeoutMs} 毫秒无应答',
      hint: '检查防火墙与 connectTimeoutMs;自动重试',
    },
    en: {
      message: '{doing}: MySQL {server} did not answer within {timeoutMs} ms',
      hint: 'check firewalls and `connectTimeoutMs`; it is tried again by itself',
    },
  },
  STATEMENT_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:MySQL {server} 在 {timeoutMs} 毫秒内未完成语句',
      hint: '为排序、条件所用的列建立索引,或加大 statementTimeoutMs;自动重试',
    },
    en: {
      message: '{doing}: MySQL {server} did not finish a statement within {timeoutMs} ms',
      hint: 'index the columns that are ordered or filtered by, or raise `statementTimeoutMs`; it is tried again by itself',
    },
  },
  LOCKED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:MySQL {server} 中的对象正被其他会话锁定({reason})',
      hint: '稍后自动重试;若经常发生,请加大 lockTimeoutMs',
    },
    en: {
      message: '{doing}: other sessions hold locks in MySQL {server} ({reason})',
      hint: 'it is tried again by itself; if it happens often raise `lockTimeoutMs`',
    },
  },
  LOGIN_REFUSED: {
    kind: 'auth',
    zh: {
      message: '{doing}:MySQL {server} 拒绝用户“{user}”登录({reason})',
      hint: '核对 user 与 password;改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: MySQL {server} refuses user "{user}" ({reason})',
      hint: 'check `user` and `password`; then run `qianzhi doctor`',
    },
  },
  ENTRY_REFUSED: {
    kind: 'auth',
    zh: {
      message: '{doing}:MySQL {server} 不让用户“{user}”从本机连接({reason},ssl: {line})',
      hint: '确认服务器上有“{user}@本机地址”这样的账号,主机未因连接错误被封(FLUSH HOSTS),账号要求加密(REQUIRE SSL)时设 ssl: {mode: require};改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: MySQL {server} lets user "{user}" not in from here ({reason}, ssl: {line})',
      hint: 'see that there is an account for this address, that the host is not blocked (FLUSH HOSTS), and set `ssl: {mode: require}` where the account asks for it; then run `qianzhi doctor`',
    },
  },
  DATABASE_MISSING: {
    kind: 'not-found',
    zh: {
      message: '{doing}:没有这个数据库:MySQL {server}',
      hint: '核对 database;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: there is no such database: MySQL {server}',
      hint: 'check `database`; then run `qianzhi config validate`',
    },
  },
  DATABASE_DENIED: {
    kind: 'denied',
    zh: {
      message: '{doing}:用户“{user}”对该数据库没有任何权限(或它不存在):MySQL {server}',
      hint: '核对 database,由数据库管理员执行 GRANT SELECT ON 数据库.* TO 用户,再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: user "{user}" has no right in this database, or it does not exist: MySQL {server}',
      hint: 'check `database`, have GRANT SELECT ON database.* TO user run, then run `qianzhi doctor`',
    },
  },
  NO_PERMISSION: {
    kind: 'denied',
    zh: {
      message: '{doing}:用户“{user}”在 MySQL {server} 中权限不足({reason})',
      hint: '由数据库管理员授予(GRANT)该表的权限(来源 SELECT;目标 SELECT、INSERT、UPDATE、DELETE,以及数据库的 CREATE、DROP、ALTER、INDEX、CREATE TEMPORARY TABLES),再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: user "{user}" lacks a permission in MySQL {server} ({reason})',
      hint: 'have SELECT on the table granted (for a target INSERT, UPDATE, DELETE too, and CREATE, DROP, ALTER, INDEX, CREATE TEMPORARY TABLES in the database), then run `qianzhi doctor`',
    },
  },
  READ_ONLY: {
    kind: 'config',
    zh: {
      message: '{doing}:MySQL {server} 是只读的(从库或 read_only)',
      hint: '写入须连接主库;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: MySQL {server} is read-only (a replica, or read_only)',
      hint: 'writing needs the primary; then run `qianzhi config validate`',
    },
  },
  VERSION_TOO_OLD: {
    kind: 'config',
    zh: {
      message: 'MySQL {server} 的版本为 {version},至少需要 MySQL 5.7 或 MariaDB 10.2',
      hint: '升级数据库,或由其导出到较新的库;之后执行 qianzhi config validate',
    },
    en: {
      message: 'MySQL {server} is version {version}; MySQL 5.7 or MariaDB 10.2 at least is needed',
      hint: 'upgrade it or copy it to a newer one; then run `qianzhi config validate`',
    },
  },
  TOO_LARGE_FOR_SERVER: {
    kind: 'config',
    zh: {
      message: '{doing}:MySQL {server} 的 max_allowed_packet 容不下一行数据',
      hint: '由数据库管理员把 max_allowed_packet 调到 64M 以上,再执行 qianzhi job retry',
    },
    en: {
      message: '{doing}: max_allowed_packet of MySQL {server} is too small for a row',
      hint: 'have max_allowed_packet raised to 64M or more, then run `qianzhi job retry`',
    },
  },
  TLS_REFUSED: {
    kind: 'config',
    zh: {
      message: '{doing}:MySQL {server} 不支持加密连接',
      hint: '在服务器启用 SSL;线路可信时可设 ssl: {mode: disable};改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: MySQL {server} does not offer TLS',
      hint: 'enable ssl on the server, or set `ssl: {mode: disable}` where the line is trusted; then run `qianzhi config validate`',
    },
  },
  TLS_UNTRUSTED: {
    kind: 'config',
    zh: {
      message: '{doing}:MySQL {server} 的证书不可信({reason})',
      hint: '核对 ssl.ca、证书有效期与主机名;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: the certificate of MySQL {server} is not trusted ({reason})',
      hint: 'check `ssl.ca`, its validity and the host name; then run `qianzhi config validate`',
    },
  },
  DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '{doing}:MySQL {server} 报告数据损坏({reason})',
      hint: '请数据库管理员检查并从备份恢复,然后执行 qianzhi stream resume',
    },
    en: {
      message: '{doing}: MySQL {server} reports damaged data ({reason})',
      hint: 'have it examined and restored from a backup, then run `qianzhi stream resume`',
    },
  },
  SCHEMA_CHANGED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:MySQL {server} 的表结构正在变化({reason})',
      hint: '自动重试;若列已删除或改名,请执行 qianzhi connector discover 核对',
    },
    en: {
      message: '{doing}: the schema in MySQL {server} is changing ({reason})',
      hint: 'it is tried again; if a column was dropped or renamed compare with `qianzhi connector discover`',
    },
  },
  DRIVER: {
    kind: 'internal',
    zh: {
      message: '{doing}:MySQL {server} 返回 {reason}',
      hint: '有限次自动重试;仍失败请执行 qianzhi doctor 并保留日志',
    },
    en: {
      message: '{doing}: MySQL {server} answered {reason}',
      hint: 'it is tried again a few times; if it stays run `qianzhi doctor` and keep the log',
    },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '{doing}:已取消', hint: '需要时执行 qianzhi job retry' },
    en: { message: '{doing}: cancelled', hint: 'run `qianzhi job retry` when wanted' },
  },
});
