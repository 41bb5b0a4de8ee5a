import { defineErrors } from '@qianzhi/model';

export const agentErrors = defineErrors('AGENT', {
  CONFIG_MISSING: {
    kind: 'config',
    zh: { message: '找不到配置文件 {file}', hint: '用 qianzhi init 生成一份,或以 --config 指明位置' },
    en: {
      message: 'there is no config file {file}',
      hint: 'make one with `qianzhi init`, or name it with --config',
    },
  },
  CONFIG_SYNTAX: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行第 {column} 列不是合法的 YAML:{problem}',
      hint: '改正该行后运行 qianzhi config validate',
    },
    en: {
      message: '{file}, line {line}, column {column} is not valid YAML: {problem}',
      hint: 'correct the line, then run `qianzhi config validate`',
    },
  },
  CONFIG_WRONG: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where}:{problem}',
      hint: '改正后运行 qianzhi config validate;各项说明见 config/schemas',
    },
    en: {
      message: '{file}, line {line}, {where}: {problem}',
      hint: 'correct it, then run `qianzhi config validate`; config/schemas describes every field',
    },
  },
  CONFIG_REFERENCE: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where} 引用了 {kind}“{name}”,但没有定义',
      hint: '已有:{known};改正名称或补上定义',
    },
    en: {
      message: '{file}, line {line}, {where} refers to {kind} "{name}", which is not there',
      hint: 'there is: {known}; correct the name or add it',
    },
  },
  CONFIG_REPEATED: {
    kind: 'config',
    zh: { message: '{file} 第 {line} 行 {where}:名称“{name}”重复', hint: '每个交换作业的 name 必须唯一' },
    en: {
      message: '{file}, line {line}, {where}: the name "{name}" is used twice',
      hint: 'every exchange needs a name of its own',
    },
  },
  SECRET_ENV_MISSING: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where} 需要环境变量 {name},但未设置',
      hint: '设置该环境变量后重试;或改用 ${file:路径}',
    },
    en: {
      message: '{file}, line {line}, {where} needs the environment variable {name}, which is not set',
      hint: 'set it and try again, or use ${file:path}',
    },
  },
  SECRET_FILE_UNREADABLE: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where} 的密钥文件 {path} 读不出:{reason}',
      hint: '检查路径与权限(应为 0600,属运行用户)',
    },
    en: {
      message: '{file}, line {line}, {where}: the secret file {path} cannot be read: {reason}',
      hint: 'check path and permissions (0600, owned by the running user)',
    },
  },
  SECRET_FILE_OPEN: {
    kind: 'config',
    zh: { message: '密钥文件 {path} 可被其他用户读取(权限 {mode})', hint: '执行 chmod 600 {path}' },
    en: {
      message: 'the secret file {path} can be read by other users (mode {mode})',
      hint: 'run chmod 600 {path}',
    },
  },
  NOT_ENROLLED: {
    kind: 'config',
    zh: {
      message: '状态目录 {stateDir} 中没有登记身份',
      hint: '向安全保密员索取一次性令牌,然后运行 qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'there is no enrolled identity in {stateDir}',
      hint: 'ask the security officer for a one-time token, then run `qianzhi enroll --token-file FILE`',
    },
  },
  ALREADY_ENROLLED: {
    kind: 'conflict',
    zh: {
      message: '{stateDir} 已登记为前置机 {agent}',
      hint: '换用其他状态目录;确需重新登记时先移走 {stateDir}/identity.json',
    },
    en: {
      message: '{stateDir} is enrolled already, as agent {agent}',
      hint: 'use another state folder; to enrol anew move {stateDir}/identity.json away first',
    },
  },
  IDENTITY_BROKEN: {
    kind: 'integrity',
    zh: { message: '身份文件 {file} 损坏:{reason}', hint: '从备份恢复;没有备份则重新登记:qianzhi enroll' },
    en: {
      message: 'the identity file {file} is broken: {reason}',
      hint: 'restore it from a backup, else enrol again with `qianzhi enroll`',
    },
  },
  TOKEN_MALFORMED: {
    kind: 'config',
    zh: {
      message: '登记令牌格式不符(应以 qz1. 开头)',
      hint: '完整复制令牌文件;令牌不要经聊天工具转发,以免被截断',
    },
    en: {
      message: 'the enrolment token is malformed (it starts with qz1.)',
      hint: 'copy the whole token file; chat tools may cut it',
    },
  },
  PLATFORM_KEY_WRONG: {
    kind: 'integrity',
    zh: {
      message: '{url} 的平台密钥是 {found},与令牌中的 {expected} 不符',
      hint: '该地址可能不是本平台;请与安全保密员核对地址与指纹,勿继续登记',
    },
    en: {
      message: 'the platform at {url} has key {found}, the token says {expected}',
      hint: 'this may not be your platform; compare address and key id with the security officer before going on',
    },
  },
  DOCUMENT_OLD: {
    kind: 'integrity',
    zh: {
      message: '平台下发的任务版本 {received} 低于已有的 {known}',
      hint: '平台可能从旧备份恢复;请联系平台管理员,恢复后运行 qianzhi agent recover',
    },
    en: {
      message: 'the platform sent assignments of version {received}, older than {known}',
      hint: 'it may have been restored from an old backup; call its administrator, then run `qianzhi agent recover`',
    },
  },
  STRATEGY_UNSUPPORTED: {
    kind: 'config',
    zh: {
      message: '交换作业 {exchange} 的读取策略 {strategy} 不受其连接器支持',
      hint: '可用:{known}、diff(须支持 snapshot);改正 strategy 后运行 qianzhi config validate',
    },
    en: {
      message: 'exchange {exchange}: its connector cannot read by {strategy}',
      hint: 'it reads by {known}, and by diff where it has snapshot; correct `strategy`, then run `qianzhi config validate`',
    },
  },
  READ_ONLY: {
    kind: 'config',
    zh: { message: '交换作业 {exchange} 的连接器 {connector} 只能读取', hint: '为目标选用可写的连接器' },
    en: {
      message: 'exchange {exchange}: its connector {connector} only reads',
      hint: 'choose a connector that writes',
    },
  },
  CONTROL_FAILED: {
    kind: 'internal',
    zh: {
      message: '前置机处理本地请求时发生内部错误',
      hint: '查看前置机日志;重试无效时重启:qianzhi agent start',
    },
    en: {
      message: 'the agent failed inside while handling a local request',
      hint: 'see the agent log; if it goes on, restart it with `qianzhi agent start`',
    },
  },
  NOT_RUNNING: {
    kind: 'unavailable',
    zh: { message: '前置机进程未运行({socket} 无应答)', hint: '启动:qianzhi agent start' },
    en: {
      message: 'the agent is not running (no answer at {socket})',
      hint: 'start it with `qianzhi agent start`',
    },
  },
});
