import { defineErrors } from '@qianzhi/model';
import { connectionTexts } from '@qianzhi/sql-kit';

/** Of the line, the login and the server. Details name addresses, objects and error numbers; never a secret or a row value. */
export const connectionErrors = defineErrors('MYSQL', {
  ...connectionTexts,
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
});
