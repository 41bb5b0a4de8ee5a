import { defineErrors } from '@qianzhi/model';

/** What a check finds weaker than it should be: told as a warning, with what to do about it. */
export const checkWarnings = defineErrors('MYSQL', {
  NOTHING_READABLE: {
    kind: 'denied',
    zh: {
      message: '数据库“{database}”中没有用户“{user}”可读取的表',
      hint: '由数据库管理员对要供出的表执行 GRANT SELECT ON {database}.表 TO {user},再执行 qianzhi doctor',
    },
    en: {
      message: 'database "{database}" has no table that user "{user}" may read',
      hint: 'have GRANT SELECT ON {database}.table TO {user} run for the tables to supply, then run `qianzhi doctor`',
    },
  },
  REPLICA: {
    kind: 'config',
    zh: {
      message: '{server} 是只读的(从库或 read_only):可作来源,不能写入;watermark 按 15 分钟余量读取',
      hint: '只作来源时设 readOnly: true;写入须连接主库',
    },
    en: {
      message:
        '{server} is read-only (a replica or read_only): a source, no target; a watermark keeps 15 minutes behind',
      hint: 'set `readOnly: true` for a source; writing needs the primary',
    },
  },
  LINE_OPEN: {
    kind: 'config',
    zh: {
      message: '与 {server} 的连接未加密,数据明文经过网络',
      hint: '在服务器启用 SSL,并设连接器的 ssl: {mode: verify-full}',
    },
    en: {
      message: 'the connection to {server} is not encrypted: data crosses the network in clear',
      hint: 'enable SSL on the server and set the connector to `ssl: {mode: verify-full}`',
    },
  },
  LINE_UNPROVEN: {
    kind: 'config',
    zh: {
      message: '与 {server} 的连接已加密,但未核对服务器证书',
      hint: '设连接器的 ssl: {mode: verify-full, ca: 证书}',
    },
    en: {
      message: 'the connection to {server} is encrypted, but nobody checks the certificate',
      hint: 'set the connector to `ssl: {mode: verify-full, ca: …}`',
    },
  },
  LOCAL_INFILE_OFF: {
    kind: 'config',
    zh: {
      message: '{server} 关闭了 local_infile:写入改用多行 INSERT,速度较慢',
      hint: '由数据库管理员执行 SET GLOBAL local_infile = 1(并写入配置文件),再执行 qianzhi doctor;只作来源时不需要',
    },
    en: {
      message: '{server} has local_infile off: rows are written by multi-row INSERT, which is slower',
      hint: 'have SET GLOBAL local_infile = 1 run (and written to its config file), then run `qianzhi doctor`; not needed for a source',
    },
  },
  MODE_LENIENT: {
    kind: 'data',
    zh: {
      message:
        '{server} 的 sql_mode 不是严格模式:其他程序写入的值可能被悄悄截断(本系统的会话自行启用严格模式)',
      hint: '由数据库管理员在 sql_mode 中加入 STRICT_TRANS_TABLES',
    },
    en: {
      message:
        '{server} does not run in strict sql_mode: what other programs write may be cut without a word (our own sessions are strict)',
      hint: 'have STRICT_TRANS_TABLES added to sql_mode',
    },
  },
  STATEMENTS_HIDDEN: {
    kind: 'denied',
    zh: {
      message:
        '用户“{user}”没有 PROCESS 权限,看不到其他会话的事务:watermark 与 change-table 按 15 分钟余量读取',
      hint: '由数据库管理员执行 GRANT PROCESS ON *.* TO {user};不用这两种策略则不需要',
    },
    en: {
      message:
        'user "{user}" lacks PROCESS and cannot see transactions of others: watermark and change-table keep 15 minutes behind',
      hint: 'have GRANT PROCESS ON *.* TO {user} run; not needed without these strategies',
    },
  },
  ENCODING_NARROW: {
    kind: 'data',
    zh: {
      message: '数据库 {server} 的默认字符集为 {charset}:其中没有的字(如 𠮷)写不进去',
      hint: '由数据库管理员执行 ALTER DATABASE … CHARACTER SET utf8mb4,并转换目标表',
    },
    en: {
      message:
        'database {server} has {charset} as its default: characters it lacks (such as 𠮷) cannot be written',
      hint: 'have ALTER DATABASE … CHARACTER SET utf8mb4 run, and target tables converted',
    },
  },
  COLUMN_CHARSET: {
    kind: 'data',
    zh: {
      message: '表“{table}”的列“{column}”字符集为 {charset},容不下 𠮷 这样的字:含有这些字的行将被拒收',
      hint: '由数据库管理员执行 ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4,再执行 qianzhi doctor',
    },
    en: {
      message:
        'column "{column}" of table "{table}" is {charset}, which lacks characters such as 𠮷: rows with them are rejected',
      hint: 'have ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4 run, then run `qianzhi doctor`',
    },
  },
  COLUMN_NARROW: {
    kind: 'data',
    zh: {
      message:
        '表“{table}”的列“{column}”({nativeType})容不下目录允许的信息项“{item}”的全部取值:容不下的行将被拒收',
      hint: '由数据库管理员执行 ALTER TABLE {table} MODIFY {column} … 放宽该列,再执行 qianzhi doctor;被拒收的行见 qianzhi quarantine list',
    },
    en: {
      message:
        'column "{column}" ({nativeType}) of table "{table}" cannot hold all that the catalog allows for item "{item}": rows that do not fit are rejected',
      hint: 'have it widened by ALTER TABLE {table} MODIFY {column} …, then run `qianzhi doctor`; `qianzhi quarantine list` shows rejected rows',
    },
  },
  KEY_LOOSE: {
    kind: 'data',
    zh: {
      message: '表“{table}”的主键列“{column}”按 {collation} 比较:只差大小写、重音或末尾空格的主键会被拒收',
      hint: '由数据库管理员执行 ALTER TABLE {table} MODIFY {column} … COLLATE utf8mb4_bin,再执行 qianzhi doctor',
    },
    en: {
      message:
        'key column "{column}" of table "{table}" compares by {collation}: keys that differ in case, accents or blanks at their end only are rejected',
      hint: 'have ALTER TABLE {table} MODIFY {column} … COLLATE utf8mb4_bin run, then run `qianzhi doctor`',
    },
  },
  POWER_LOSS: {
    kind: 'integrity',
    zh: {
      message: '{server} 的 {settings}:断电时已提交的数据可能丢失',
      hint: '由数据库管理员设 innodb_flush_log_at_trx_commit = 1、innodb_doublewrite = ON',
    },
    en: {
      message: '{server} runs with {settings}: committed rows may be lost by a power loss',
      hint: 'have innodb_flush_log_at_trx_commit = 1 and innodb_doublewrite = ON set',
    },
  },
  ZONE_UNSETTLED: {
    kind: 'config',
    zh: {
      message:
        '{server} 的时区与前置机的 {zone} 相差 {seconds} 秒:datetime 列若由 NOW() 写入,读出的时间会有偏差',
      hint: '在 source.zone 与 watermark.zone 写明该库 datetime 列的时区',
    },
    en: {
      message:
        'the clock of {server} is {seconds} s off {zone}, the zone of the agent: datetime columns that NOW() fills would be misread',
      hint: 'name the zone of its datetime columns under `source.zone` and `watermark.zone`',
    },
  },
});
