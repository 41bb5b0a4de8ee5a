import { defineErrors } from '@qianzhi/model';

/** Of strategy `log`: what the server, the login or the table lacks for it, with the statement that gives it. */
export const logErrors = defineErrors('POSTGRES', {
  LOG_OFF: {
    kind: 'config',
    zh: {
      message: '{server} 的 wal_level 为 {level},不能逻辑复制',
      hint: "由数据库管理员执行 ALTER SYSTEM SET wal_level = 'logical' 并重启数据库,再执行 qianzhi doctor;或换用其他读取策略",
    },
    en: {
      message: 'wal_level of {server} is {level}: its log cannot be followed',
      hint: "have ALTER SYSTEM SET wal_level = 'logical' run and the server restarted, then run `qianzhi doctor`; or choose another strategy",
    },
  },
  LOG_DENIED: {
    kind: 'denied',
    zh: {
      message: '用户“{user}”在 {server} 中没有复制权限',
      hint: '由数据库管理员执行 ALTER ROLE {user} REPLICATION,再执行 qianzhi doctor',
    },
    en: {
      message: 'user "{user}" may not replicate from {server}',
      hint: 'have ALTER ROLE {user} REPLICATION run, then run `qianzhi doctor`',
    },
  },
  LOG_UNPUBLISHED: {
    kind: 'denied',
    zh: {
      message: '{server} 中没有包含表“{table}”且发布其全部增、改、删、清空的发布 {publication}',
      hint: '由表的所有者执行 {sql},再执行 qianzhi doctor',
    },
    en: {
      message:
        '{server} has no publication {publication} that has table "{table}" with every insert, update, delete and truncate',
      hint: 'have its owner run {sql}, then run `qianzhi doctor`',
    },
  },
  LOG_PARTITION: {
    kind: 'config',
    zh: {
      message:
        '{server} 的发布 {publication} 已有表 {other},与 {table} 是分区与其分区表:分区的更改只以分区表之名发布',
      hint: '只供其一,或为其中一个在 source.log.publication 写明另一发布,再执行 qianzhi doctor',
    },
    en: {
      message:
        'publication {publication} of {server} has table {other}; one of it and {table} is a partition of the other, whose changes are told as those of the partitioned table alone',
      hint: 'supply one of the two, or give one a publication of its own in `source.log.publication`; then run `qianzhi doctor`',
    },
  },
  LOG_IDENTITY: {
    kind: 'config',
    zh: {
      message: '表“{table}”的复制标识不含主键信息项的列({columns}),日志中认不出被改的行',
      hint: '由表的所有者执行 ALTER TABLE {table} REPLICA IDENTITY FULL,或以含这些列的唯一索引作复制标识,再执行 qianzhi doctor',
    },
    en: {
      message:
        'the replica identity of table "{table}" lacks columns of key items ({columns}): changed rows cannot be told in the log',
      hint: 'have ALTER TABLE {table} REPLICA IDENTITY FULL run, or a unique index over these columns made its identity; then run `qianzhi doctor`',
    },
  },
  LOG_SLOTS_FULL: {
    kind: 'unavailable',
    zh: {
      message: '{server} 的复制槽已用完(max_replication_slots = {most})',
      hint: '由数据库管理员加大 max_replication_slots 并重启,或以 SELECT pg_drop_replication_slot(…) 删除无用的槽(见 pg_replication_slots);自动重试',
    },
    en: {
      message: 'every replication slot of {server} is in use (max_replication_slots = {most})',
      hint: 'have max_replication_slots raised and the server restarted, or one of no use dropped by SELECT pg_drop_replication_slot(…), see pg_replication_slots; it is tried again by itself',
    },
  },
  LOG_PASSED: {
    kind: 'unavailable',
    zh: {
      message: '{server} 的复制槽 {slot} 已越过尚未读到之处(刚被重建或移动?)',
      hint: '自动重试:下一次运行会重新全量读取',
    },
    en: {
      message:
        'slot {slot} of {server} is further than what was read of it (made anew, or moved, a moment ago?)',
      hint: 'it is tried again by itself: the next run makes a full copy',
    },
  },
  LOG_UNSEEN: {
    kind: 'unavailable',
    zh: {
      message: '{server} 的日志中已提交的事务在 {timeoutMs} 毫秒内仍不可见(同步备库未应答?)',
      hint: '检查 pg_stat_replication 中的同步备库;恢复后自动继续',
    },
    en: {
      message:
        'a transaction that is committed in the log of {server} was not visible within {timeoutMs} ms (a synchronous standby that does not answer?)',
      hint: 'look at the synchronous standbys in pg_stat_replication; it goes on by itself afterwards',
    },
  },
});
