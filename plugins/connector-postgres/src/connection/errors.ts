import { defineErrors } from '@qianzhi/model';

/** Of the line, the login and the server. Details name addresses, objects and SQLSTATEs; never a secret or a row value. */
export const connectionErrors = defineErrors('POSTGRES', {
  UNREACHABLE: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:无法连接 PostgreSQL {server}({reason})',
      hint: '检查 host、port 与网络;恢复后自动继续,也可执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: PostgreSQL {server} cannot be reached ({reason})',
      hint: 'check `host`, `port` and the network; it goes on by itself when it answers, or run `qianzhi doctor`',
    },
  },
  CONNECTION_LOST: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:与 PostgreSQL {server} 的连接中断({reason})',
      hint: '从上一个检查点自动重试',
    },
    en: {
      message: '{doing}: the connection to PostgreSQL {server} was lost ({reason})',
      hint: 'it is tried again by itself from the last checkpoint',
    },
  },
  OVERLOADED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:PostgreSQL {server} 暂不能服务({reason})',
      hint: '检查连接数上限、磁盘与内存;恢复后自动继续',
    },
    en: {
      message: '{doing}: PostgreSQL {server} cannot serve now ({reason})',
      hint: 'look at its connection limit, disk and memory; it goes on by itself',
    },
  },
  CONNECT_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:连接 PostgreSQL {server} 超过 {timeoutMs} 毫秒无应答',
      hint: '检查防火墙与 connectTimeoutMs;自动重试',
    },
    en: {
      message: '{doing}: PostgreSQL {server} did not answer within {timeoutMs} ms',
      hint: 'check firewalls and `connectTimeoutMs`; it is tried again by itself',
    },
  },
  STATEMENT_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:PostgreSQL {server} 在 {timeoutMs} 毫秒内未完成语句',
      hint: '为排序、条件所用的列建立索引,或加大 statementTimeoutMs;自动重试',
    },
    en: {
      message: '{doing}: PostgreSQL {server} did not finish a statement within {timeoutMs} ms',
      hint: 'index the columns that are ordered or filtered by, or raise `statementTimeoutMs`; it is tried again by itself',
    },
  },
  LOCKED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:PostgreSQL {server} 中的对象正被其他会话锁定({reason})',
      hint: '稍后自动重试;若经常发生,请加大 lockTimeoutMs',
    },
    en: {
      message: '{doing}: other sessions hold locks in PostgreSQL {server} ({reason})',
      hint: 'it is tried again by itself; if it happens often raise `lockTimeoutMs`',
    },
  },
  LOGIN_REFUSED: {
    kind: 'auth',
    zh: {
      message: '{doing}:PostgreSQL {server} 拒绝用户“{user}”登录({reason})',
      hint: '核对 user 与 password;改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: PostgreSQL {server} refuses user "{user}" ({reason})',
      hint: 'check `user` and `password`; then run `qianzhi doctor`',
    },
  },
  ENTRY_REFUSED: {
    kind: 'auth',
    zh: {
      message: '{doing}:PostgreSQL {server} 不让用户“{user}”从本机连接({reason},ssl: {line})',
      hint: '确认服务器上有该用户,且 pg_hba.conf 有适合本机地址、数据库与加密方式的一行;只收加密连接(hostssl)时设 ssl: {mode: require},改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: PostgreSQL {server} lets user "{user}" not in from here ({reason}, ssl: {line})',
      hint: 'see that there is such a user, and in pg_hba.conf a line for this address, database and kind of line; where it takes encrypted ones only (hostssl) set `ssl: {mode: require}`; then run `qianzhi doctor`',
    },
  },
  SCHEMA_MISSING: {
    kind: 'config',
    zh: {
      message: '{doing}:数据库 {server} 中没有模式“{schema}”',
      hint: '核对 schema,或由数据库管理员建立该模式;改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: database {server} has no schema "{schema}"',
      hint: 'check `schema`, or have it made; then run `qianzhi doctor`',
    },
  },
  DATABASE_MISSING: {
    kind: 'not-found',
    zh: {
      message: '{doing}:PostgreSQL {server} 没有这个数据库',
      hint: '核对 database;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: there is no such database: PostgreSQL {server}',
      hint: 'check `database`; then run `qianzhi config validate`',
    },
  },
  TLS_REFUSED: {
    kind: 'config',
    zh: {
      message: '{doing}:PostgreSQL {server} 不支持加密连接',
      hint: '在服务器启用 ssl;线路可信时可设 ssl: {mode: disable};改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: PostgreSQL {server} does not offer TLS',
      hint: 'enable ssl on the server, or set `ssl: {mode: disable}` where the line is trusted; then run `qianzhi config validate`',
    },
  },
  TLS_UNTRUSTED: {
    kind: 'config',
    zh: {
      message: '{doing}:PostgreSQL {server} 的证书不可信({reason})',
      hint: '核对 ssl.ca、证书有效期与主机名;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: the certificate of PostgreSQL {server} is not trusted ({reason})',
      hint: 'check `ssl.ca`, its validity and the host name; then run `qianzhi config validate`',
    },
  },
  VERSION_TOO_OLD: {
    kind: 'config',
    zh: {
      message: 'PostgreSQL {server} 的版本为 {version},至少需要 9.6',
      hint: '升级数据库,或由其导出到较新的库;之后执行 qianzhi config validate',
    },
    en: {
      message: 'PostgreSQL {server} is version {version}; 9.6 at least is needed',
      hint: 'upgrade it or copy it to a newer one; then run `qianzhi config validate`',
    },
  },
  NO_PERMISSION: {
    kind: 'denied',
    zh: {
      message: '{doing}:用户“{user}”在 PostgreSQL {server} 中权限不足({reason})',
      hint: '由数据库管理员授予(GRANT)数据库的 CONNECT(目标另需 TEMPORARY)、该模式的 USAGE(目标另需 CREATE)与该表的权限(来源 SELECT,目标 SELECT、INSERT、UPDATE、DELETE),再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: user "{user}" lacks a permission in PostgreSQL {server} ({reason})',
      hint: 'have CONNECT on the database (for a target TEMPORARY, too), USAGE on the schema (for a target CREATE, too) and SELECT on the table (for a target INSERT, UPDATE, DELETE, too) granted, then run `qianzhi doctor`',
    },
  },
  READ_ONLY: {
    kind: 'config',
    zh: {
      message: '{doing}:PostgreSQL {server} 是只读的(备库或只读配置)',
      hint: '写入须连接主库;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: PostgreSQL {server} is read-only (a standby, or set so)',
      hint: 'writing needs the primary; then run `qianzhi config validate`',
    },
  },
  DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '{doing}:PostgreSQL {server} 报告数据损坏({reason})',
      hint: '请数据库管理员检查并从备份恢复,然后执行 qianzhi stream resume',
    },
    en: {
      message: '{doing}: PostgreSQL {server} reports damaged data ({reason})',
      hint: 'have it examined and restored from a backup, then run `qianzhi stream resume`',
    },
  },
  SCHEMA_CHANGED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:PostgreSQL {server} 的表结构正在变化({reason})',
      hint: '自动重试;若列已删除或改名,请执行 qianzhi connector discover 核对',
    },
    en: {
      message: '{doing}: the schema in PostgreSQL {server} is changing ({reason})',
      hint: 'it is tried again; if a column was dropped or renamed compare with `qianzhi connector discover`',
    },
  },
  UNTRANSLATABLE: {
    kind: 'data',
    zh: {
      message: '{doing}:PostgreSQL {server} 中有文本不符合其编码 {encoding},无法转换为 UTF-8',
      hint: '由数据库管理员改正该文本,或用 where 排除这些行,再执行 qianzhi job retry',
    },
    en: {
      message: '{doing}: a text in PostgreSQL {server} is not valid in its encoding {encoding}',
      hint: 'have the text corrected or leave the rows out with `where`, then run `qianzhi job retry`',
    },
  },
  DRIVER: {
    kind: 'internal',
    zh: {
      message: '{doing}:PostgreSQL {server} 返回 {reason}',
      hint: '有限次自动重试;仍失败请执行 qianzhi doctor 并保留日志',
    },
    en: {
      message: '{doing}: PostgreSQL {server} answered {reason}',
      hint: 'it is tried again a few times; if it stays run `qianzhi doctor` and keep the log',
    },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '{doing}:已取消', hint: '需要时执行 qianzhi job retry' },
    en: { message: '{doing}: cancelled', hint: 'run `qianzhi job retry` when wanted' },
  },
});
