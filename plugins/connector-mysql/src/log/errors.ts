import { defineErrors } from '@qianzhi/model';

/** Of strategy `log`: what the server, the login or the table lacks for it, with the statement that gives it. */
export const logErrors = defineErrors('MYSQL', {
  LOG_OFF: {
    kind: 'config',
    zh: {
      message: '{server} 的二进制日志不能用于读取变更({setting})',
      hint: '由数据库管理员在配置文件中设 {needed} 并重启数据库,再执行 qianzhi doctor;或换用其他读取策略',
    },
    en: {
      message: 'the binary log of {server} does not tell its changes ({setting})',
      hint: 'have {needed} set in its config file and the server restarted, then run `qianzhi doctor`; or choose another strategy',
    },
  },
  LOG_FORMAT: {
    kind: 'config',
    zh: {
      message: '{server} 的二进制日志不逐行记录({setting})',
      hint: '由数据库管理员执行 SET GLOBAL {needed} 并写入配置文件(已有会话须重新连接),再执行 qianzhi doctor',
    },
    en: {
      message: 'the binary log of {server} does not record row by row ({setting})',
      hint: 'have SET GLOBAL {needed} run and written to its config file (sessions that are open must connect anew), then run `qianzhi doctor`',
    },
  },
  LOG_DENIED: {
    kind: 'denied',
    zh: {
      message: '用户“{user}”不能读取 {server} 的二进制日志({reason})',
      hint: '由数据库管理员执行 GRANT {needed} ON *.* TO {user},再执行 qianzhi doctor',
    },
    en: {
      message: 'user "{user}" may not read the binary log of {server} ({reason})',
      hint: 'have GRANT {needed} ON *.* TO {user} run, then run `qianzhi doctor`',
    },
  },
  LOG_FILTERED: {
    kind: 'config',
    zh: {
      message: '{server} 的二进制日志不含数据库“{database}”({filter})',
      hint: '由数据库管理员在配置文件中去掉该过滤并重启,再执行 qianzhi doctor;或换用其他读取策略',
    },
    en: {
      message: 'the binary log of {server} leaves database "{database}" out ({filter})',
      hint: 'have that filter taken out of its config file and the server restarted, then run `qianzhi doctor`; or choose another strategy',
    },
  },
  LOG_IMAGE: {
    kind: 'config',
    zh: {
      message: '{server} 的日志只记录主键({setting}),而表“{table}”的主键信息项取自其他列({columns})',
      hint: "由数据库管理员执行 SET GLOBAL binlog_row_image = 'FULL' 并写入配置文件,再执行 qianzhi doctor",
    },
    en: {
      message:
        'the log of {server} tells the primary key alone ({setting}), and key items of table "{table}" come from other columns ({columns})',
      hint: "have SET GLOBAL binlog_row_image = 'FULL' run and written to its config file, then run `qianzhi doctor`",
    },
  },
  LOG_UNSEEN: {
    kind: 'unavailable',
    zh: {
      message: '{server} 的日志中已提交的事务在 {timeoutMs} 毫秒内仍不可见(半同步的从库未应答?)',
      hint: "检查半同步复制的从库(SHOW STATUS LIKE 'Rpl_semi_sync%');恢复后自动继续",
    },
    en: {
      message:
        'a transaction that is committed in the log of {server} was not visible within {timeoutMs} ms (a semi-synchronous replica that does not answer?)',
      hint: "look at the semi-synchronous replicas (SHOW STATUS LIKE 'Rpl_semi_sync%'); it goes on by itself afterwards",
    },
  },
  LOG_PREPARED: {
    kind: 'unavailable',
    zh: {
      message: '{server} 中有已准备而未结束的 XA 事务,{timeoutMs} 毫秒内没有间隙可作日志的起点',
      hint: '由数据库管理员以 XA RECOVER 查出遗留的事务,以 XA COMMIT 或 XA ROLLBACK 结束;自动重试',
    },
    en: {
      message:
        '{server} has XA transactions that are prepared and not over; within {timeoutMs} ms there was no moment without one to begin the log at',
      hint: 'have those that were left behind found by XA RECOVER and ended by XA COMMIT or XA ROLLBACK; it is tried again by itself',
    },
  },
  LOG_TAKEN: {
    kind: 'unavailable',
    zh: {
      message: '{server} 上另有读取者使用相同的 server_id {serverId}',
      hint: '在 source.log.serverId 另设一个编号,再执行 qianzhi config validate;自动重试',
    },
    en: {
      message: 'another reader of the log of {server} has the same server_id {serverId}',
      hint: 'set another one as `source.log.serverId`, then run `qianzhi config validate`; it is tried again by itself',
    },
  },
  LOG_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '{server} 的二进制日志 {file} 在 {offset} 之后不可解读({problem})',
      hint: '以 mysqlbinlog 检查该文件;若已损坏,执行 qianzhi stream resnapshot {resource} 重新全量',
    },
    en: {
      message: 'the binary log {file} of {server} cannot be read behind {offset} ({problem})',
      hint: 'look at the file with mysqlbinlog; where it is damaged run `qianzhi stream resnapshot {resource}`, which reads all rows again',
    },
  },
});
