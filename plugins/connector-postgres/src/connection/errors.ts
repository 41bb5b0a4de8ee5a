import { defineErrors } from '@qianzhi/model';
import { connectionTexts } from '@qianzhi/sql-kit';

/** Of the line, the login and the server. Details name addresses, objects and SQLSTATEs; never a secret or a row value. */
export const connectionErrors = defineErrors('POSTGRES', {
  ...connectionTexts,
  ENTRY_REFUSED: {
    kind: 'auth',
    zh: {
      message: '{doing}:{product} {server} 不让用户“{user}”从本机连接({reason},ssl: {line})',
      hint: '确认服务器上有该用户,且 pg_hba.conf 有适合本机地址、数据库与加密方式的一行;只收加密连接(hostssl)时设 ssl: {mode: require},改好后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {product} {server} lets user "{user}" not in from here ({reason}, ssl: {line})',
      hint: 'see that there is such a user, and in pg_hba.conf a line for this address, database and kind of line; where it takes encrypted ones only (hostssl) set `ssl: {mode: require}`; then run `qianzhi doctor`',
    },
  },
  LOGIN_METHOD: {
    kind: 'auth',
    zh: {
      message: '{doing}:{server} 要求的登录方法不是 scram-sha-256、md5 或 password',
      hint: 'openGauss、GaussDB 默认为 sha256,本连接器的驱动不支持:由数据库管理员设 password_encryption_type = 1,重新设置用户“{user}”的密码(ALTER USER … PASSWORD),并在 pg_hba.conf 中为本机地址写 md5;之后执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {server} wants a way to log in other than scram-sha-256, md5 or password',
      hint: 'openGauss and GaussDB want sha256 by default, which the driver cannot do: have password_encryption_type = 1 set, the password of user "{user}" set anew (ALTER USER … PASSWORD), and md5 written in pg_hba.conf for this address; then run `qianzhi doctor`',
    },
  },
  EMPTY_IS_NULL: {
    kind: 'config',
    zh: {
      message: '{product} {server} 把空串存为 NULL,不能作为目标',
      hint: "目标库须以 PG 兼容模式建立(CREATE DATABASE … DBCOMPATIBILITY = 'PG'),或换用能在会话中关闭此行为的版本;之后执行 qianzhi doctor",
    },
    en: {
      message: '{product} {server} stores an empty text as NULL, and cannot be a target so',
      hint: "make the target's database compatible to PostgreSQL (CREATE DATABASE … DBCOMPATIBILITY = 'PG'), or take a version whose sessions can switch this off; then run `qianzhi doctor`",
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
      message: '{product} {server} 的版本为 {version},至少需要 {oldest}',
      hint: '若实为 openGauss 或 GaussDB(自称 9.2),连接的 type 写 opengauss 或 gaussdb;否则升级数据库,或由其导出到较新的库;之后执行 qianzhi config validate',
    },
    en: {
      message: '{product} {server} is version {version}; {oldest} at least is needed',
      hint: 'if it is openGauss or GaussDB, which call themselves 9.2, set `type: opengauss` or `gaussdb`; else upgrade it or copy it to a newer one; then run `qianzhi config validate`',
    },
  },
  NO_PERMISSION: {
    kind: 'denied',
    zh: {
      message: '{doing}:用户“{user}”在 {product} {server} 中权限不足({reason})',
      hint: '由数据库管理员授予(GRANT)数据库的 CONNECT(目标另需 TEMPORARY)、该模式的 USAGE(目标另需 CREATE)与该表的权限(来源 SELECT,目标 SELECT、INSERT、UPDATE、DELETE),再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: user "{user}" lacks a permission in {product} {server} ({reason})',
      hint: 'have CONNECT on the database (for a target TEMPORARY, too), USAGE on the schema (for a target CREATE, too) and SELECT on the table (for a target INSERT, UPDATE, DELETE, too) granted, then run `qianzhi doctor`',
    },
  },
  READ_ONLY: {
    kind: 'config',
    zh: {
      message: '{doing}:{product} {server} 是只读的(备库或只读配置)',
      hint: '写入须连接主库;改好后执行 qianzhi config validate',
    },
    en: {
      message: '{doing}: {product} {server} is read-only (a standby, or set so)',
      hint: 'writing needs the primary; then run `qianzhi config validate`',
    },
  },
  UNTRANSLATABLE: {
    kind: 'data',
    zh: {
      message: '{doing}:{product} {server} 中有文本不符合其编码 {encoding},无法转换为 UTF-8',
      hint: '由数据库管理员改正该文本,或用 where 排除这些行,再执行 qianzhi job retry',
    },
    en: {
      message: '{doing}: a text in {product} {server} is not valid in its encoding {encoding}',
      hint: 'have the text corrected or leave the rows out with `where`, then run `qianzhi job retry`',
    },
  },
});
