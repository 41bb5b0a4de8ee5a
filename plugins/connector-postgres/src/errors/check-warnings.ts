import { defineErrors } from '@qianzhi/model';

/** What a check finds weaker than it should be: told as a warning, with what to do about it. */
export const checkWarnings = defineErrors('POSTGRES', {
  SCHEMA_DENIED: {
    kind: 'denied',
    zh: {
      message: '用户“{user}”无权使用模式“{schema}”',
      hint: '由数据库管理员执行 GRANT USAGE ON SCHEMA {schema} TO {user}',
    },
    en: {
      message: 'user "{user}" has no USAGE on schema "{schema}"',
      hint: 'have GRANT USAGE ON SCHEMA {schema} TO {user} run there',
    },
  },
  NOTHING_READABLE: {
    kind: 'denied',
    zh: {
      message: '模式“{schema}”中没有用户“{user}”可读取的表',
      hint: '由数据库管理员对要供出的表执行 GRANT SELECT ON 表 TO {user}',
    },
    en: {
      message: 'schema "{schema}" has no table that user "{user}" may read',
      hint: 'have GRANT SELECT ON TABLE … TO {user} run for the tables to supply',
    },
  },
  STANDBY: {
    kind: 'config',
    zh: {
      message: '{server} 是备库:可作来源,不能写入;长时间读取可能因与主库回放冲突而重试',
      hint: '只作来源时设 readOnly: true;写入须连接主库',
    },
    en: {
      message:
        '{server} is a standby: a source, no target; long reads may conflict with replay and be tried again',
      hint: 'set `readOnly: true` for a source; writing needs the primary',
    },
  },
  SCHEMA_CLOSED: {
    kind: 'denied',
    zh: {
      message: '用户“{user}”不能在模式“{schema}”中建表:目标所需的台账与影子表建不了',
      hint: '由数据库管理员执行 GRANT CREATE ON SCHEMA {schema} TO {user};只作来源时设 readOnly: true',
    },
    en: {
      message:
        'user "{user}" may not make tables in schema "{schema}": a target needs a ledger and shadow tables there',
      hint: 'have GRANT CREATE ON SCHEMA {schema} TO {user} run there; set `readOnly: true` for a source',
    },
  },
  LINE_OPEN: {
    kind: 'config',
    zh: {
      message: '与 {server} 的连接未加密,数据明文经过网络',
      hint: '在服务器启用 ssl,并设连接器的 ssl: {mode: verify-full}',
    },
    en: {
      message: 'the connection to {server} is not encrypted: data crosses the network in clear',
      hint: 'enable ssl on the server and set the connector to `ssl: {mode: verify-full}`',
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
  ENCODING_UNCHECKED: {
    kind: 'data',
    zh: {
      message: '数据库 {server} 的编码为 SQL_ASCII,不检查文本:不是 UTF-8 的行将被拒收',
      hint: '把数据转存到编码为 UTF8 的数据库',
    },
    en: {
      message:
        'database {server} has encoding SQL_ASCII, which checks nothing: rows that are no UTF-8 are rejected',
      hint: 'move the data to a database with encoding UTF8',
    },
  },
  ENCODING_NARROW: {
    kind: 'data',
    zh: {
      message: '数据库 {server} 的编码为 {encoding}:其中没有的字写不进去',
      hint: '作为目标时改用编码为 UTF8 的数据库',
    },
    en: {
      message: 'database {server} has encoding {encoding}: characters it lacks cannot be written',
      hint: 'use a database with encoding UTF8 as a target',
    },
  },
  STATS_HIDDEN: {
    kind: 'denied',
    zh: {
      message: '用户“{user}”看不到其他会话的事务开始时间:watermark 的 overlapSeconds 须大于最长的写事务',
      hint: '由数据库管理员执行 GRANT pg_read_all_stats TO {user}(10 版起);不用 watermark 则不需要',
    },
    en: {
      message:
        'user "{user}" cannot see when transactions of others began: `overlapSeconds` of a watermark must exceed the longest one',
      hint: 'have GRANT pg_read_all_stats TO {user} run (version 10 on); not needed without strategy watermark',
    },
  },
  COLUMN_NARROW: {
    kind: 'data',
    zh: {
      message:
        '表“{table}”的列“{column}”({nativeType})容不下目录允许的信息项“{item}”的全部取值:容不下的行将被拒收',
      hint: '由数据库管理员执行 ALTER TABLE {table} ALTER COLUMN {column} TYPE … 放宽该列,再执行 qianzhi doctor;被拒收的行见 qianzhi quarantine list',
    },
    en: {
      message:
        'column "{column}" ({nativeType}) of table "{table}" cannot hold all that the catalog allows for item "{item}": rows that do not fit are rejected',
      hint: 'have it widened by ALTER TABLE {table} ALTER COLUMN {column} TYPE …, then run `qianzhi doctor`; `qianzhi quarantine list` shows rejected rows',
    },
  },
  PUBLISHED: {
    kind: 'config',
    zh: {
      message:
        '发布 {publications} 包含模式“{schema}”中的所有表:台账与影子表也会被发布,订阅方没有这些表时复制会停下',
      hint: '由数据库管理员改为按名称发布(CREATE PUBLICATION … FOR TABLE …);或给目标一个不被发布的模式,然后运行 qianzhi doctor',
    },
    en: {
      message:
        'publication {publications} takes in every table of schema "{schema}": ledger and shadow tables too, and a subscriber that lacks them stops replicating',
      hint: 'have the tables published by name (CREATE PUBLICATION … FOR TABLE …), or give targets a schema that is not published, then run `qianzhi doctor`',
    },
  },
  POWER_LOSS: {
    kind: 'integrity',
    zh: {
      message: '{server} 的 {settings} 已关闭:断电时已提交的数据可能丢失或损坏',
      hint: '由数据库管理员在 postgresql.conf 中打开该设置并重新加载',
    },
    en: {
      message: '{server} runs with {settings} off: committed rows may be lost or damaged by a power loss',
      hint: 'have it switched on in postgresql.conf, and the server reloaded',
    },
  },
});
