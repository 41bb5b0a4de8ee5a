import { defineErrors } from '@qianzhi/model';
import { connectionTexts } from '@qianzhi/sql-kit';

/** Of the line, the login and the server. Details name addresses, objects and SQLSTATEs; never a secret or a row value. */
export const connectionErrors = defineErrors('POSTGRES', {
  ...connectionTexts,
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
});
