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
  IDENTITY_FOREIGN: {
    kind: 'integrity',
    zh: {
      message: '{stateDir} 登记的是前置机 {agent},平台却认其密钥属于 {owner}',
      hint: '身份文件被混用;恢复本机自己的 identity.json,否则移走它并重新登记(qianzhi enroll),再执行 qianzhi agent start',
    },
    en: {
      message: '{stateDir} is enrolled as agent {agent}, but to the platform its key is that of {owner}',
      hint: 'identity files were mixed up; restore the own identity.json, else move it away and enrol anew with `qianzhi enroll`, then run `qianzhi agent start`',
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
  CONNECTOR_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '配置中没有名为“{name}”的连接器', hint: '已有:{known};见 agent.yaml 的 connectors' },
    en: {
      message: 'the config has no connector named "{name}"',
      hint: 'there is: {known}; see `connectors` in agent.yaml',
    },
  },
  EXCHANGE_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '配置中没有名为“{exchange}”的交换作业', hint: '已有:{known};见 agent.yaml 的 exchanges' },
    en: {
      message: 'the config has no exchange named "{exchange}"',
      hint: 'there is: {known}; see `exchanges` in agent.yaml',
    },
  },
  PREVIEW_CONSUMES: {
    kind: 'config',
    zh: {
      message: '交换作业 {exchange} 是获取而非供给,没有来源可预览',
      hint: '改用供给作业的名称,或以 --connector 与 --table 指明表',
    },
    en: {
      message: 'exchange {exchange} consumes; it has no source to preview',
      hint: 'name an exchange that supplies, or a table with --connector and --table',
    },
  },
  TABLE_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '连接器 {connector} 下没有表“{table}”',
      hint: '查看表名:qianzhi connector discover {connector}',
    },
    en: {
      message: 'connector {connector} has no table "{table}"',
      hint: 'see the names with `qianzhi connector discover {connector}`',
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
  NODE_OLD: {
    kind: 'config',
    zh: {
      message: '当前 Node.js 版本为 {found},至少需要 {wanted}',
      hint: '安装 Node.js 20 或更高的长期支持版后重试',
    },
    en: {
      message: 'this is Node.js {found}; {wanted} or later is needed',
      hint: 'install a long-term release of Node.js, 20 or later',
    },
  },
  STATE_DIR_UNWRITABLE: {
    kind: 'config',
    zh: {
      message: '状态目录 {stateDir} 不能写入:{reason}',
      hint: '把该目录的属主改为运行前置机的系统用户后执行 qianzhi doctor',
    },
    en: {
      message: 'the state folder {stateDir} cannot be written: {reason}',
      hint: 'give it to the system user that runs the agent, then run `qianzhi doctor`',
    },
  },
  STATE_FILE_OPEN: {
    kind: 'config',
    zh: { message: '{path} 可被其他用户访问(权限 {mode})', hint: '执行 chmod {wanted} {path}' },
    en: { message: '{path} is open to other users (mode {mode})', hint: 'run chmod {wanted} {path}' },
  },
  SPACE_LOW: {
    kind: 'unavailable',
    zh: {
      message: '状态目录 {stateDir} 所在磁盘仅剩 {freeMiB} MiB,少于 {wantedMiB} MiB',
      hint: '清理磁盘,或调低 agent.yaml 的 limits.outboxBytes;空间恢复后前置机自动继续',
    },
    en: {
      message: 'the disk of the state folder {stateDir} has {freeMiB} MiB left, less than {wantedMiB} MiB',
      hint: 'free some space or lower limits.outboxBytes in agent.yaml; the agent goes on by itself',
    },
  },
  HOST_UNKNOWN: {
    kind: 'unavailable',
    zh: {
      message: '平台主机名 {host} 解析不出({reason})',
      hint: '检查 agent.yaml 的 platform.url 与本机 DNS 或 hosts',
    },
    en: {
      message: 'the platform host {host} does not resolve ({reason})',
      hint: 'check platform.url in agent.yaml and the DNS or hosts file of this machine',
    },
  },
  PORT_CLOSED: {
    kind: 'unavailable',
    zh: {
      message: '连不上 {host}:{port}({reason})',
      hint: '检查平台是否已启动、防火墙与网闸策略是否放行该端口',
    },
    en: {
      message: '{host}:{port} takes no connection ({reason})',
      hint: 'check that the platform runs and that firewall and gateway let the port through',
    },
  },
  NO_ASSIGNMENTS: {
    kind: 'unavailable',
    zh: {
      message: '尚未从平台取得任务',
      hint: '启动前置机后会自动取得:qianzhi agent start;立即取:qianzhi agent sync',
    },
    en: {
      message: 'no assignments were received from the platform yet',
      hint: 'they come with `qianzhi agent start`; at once with `qianzhi agent sync`',
    },
  },
  SUPPLY_UNASSIGNED: {
    kind: 'denied',
    zh: {
      message: '交换作业 {exchange}:平台没有指定本前置机供给 {resource}',
      hint: '请目录编辑员指定(qianzhi catalog supply),并确认保密审查已通过(qianzhi catalog show)',
    },
    en: {
      message: 'exchange {exchange}: the platform does not order this agent to supply {resource}',
      hint: 'ask for `qianzhi catalog supply`, and see with `qianzhi catalog show` that the secrecy review has passed',
    },
  },
  CONSUME_UNGRANTED: {
    kind: 'denied',
    zh: {
      message: '交换作业 {exchange}:本部门没有 {resource} 的有效授权',
      hint: '申请:qianzhi agreement apply {resource} --matter 事项;查看:qianzhi agreement list',
    },
    en: {
      message: 'exchange {exchange}: this department holds no live agreement on {resource}',
      hint: 'apply with `qianzhi agreement apply {resource} --matter MATTER`; look with `qianzhi agreement list`',
    },
  },
  LEASE_EXPIRED: {
    kind: 'unavailable',
    zh: {
      message: '授权租约已于 {expiresAt} 到期,暂不应用数据',
      hint: '与平台恢复联系后自动续期;立即续:qianzhi agent sync',
    },
    en: {
      message: 'the grant lease ended at {expiresAt}; nothing is applied until it is renewed',
      hint: 'it renews by itself when the platform answers; at once with `qianzhi agent sync`',
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
  NOT_CLAIMED: {
    kind: 'unavailable',
    zh: {
      message: '前置机启动后尚未与平台 {url} 取得联系',
      hint: '联系上后自动继续;立即再试:qianzhi agent sync;持续出现时运行 qianzhi doctor',
    },
    en: {
      message: 'the agent has not met the platform at {url} since it started',
      hint: 'it goes on by itself once it has; try at once with `qianzhi agent sync`; `qianzhi doctor` if it stays so',
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
