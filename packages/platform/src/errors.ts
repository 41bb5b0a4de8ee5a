import { defineErrors } from '@qianzhi/model';

/** Of the platform as a server; features declare theirs beside their code, under the same owner. */
export const platformErrors = defineErrors('PLATFORM', {
  INTERNAL: {
    kind: 'internal',
    zh: {
      message: '平台处理 {route} 时发生内部错误(编号 {incident})',
      hint: '请管理员按编号查看平台日志后重试;持续出现时重启平台:qianzhi platform start',
    },
    en: {
      message: 'the platform failed inside while handling {route} (incident {incident})',
      hint: 'the administrator finds the incident in the platform log; if it goes on, restart with `qianzhi platform start`',
    },
  },
  ROUTE_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '平台没有接口 {method} {path}',
      hint: '核对地址与版本;接口清单见 /api/v1/openapi.json',
    },
    en: {
      message: 'the platform has no route {method} {path}',
      hint: 'check address and version; the routes are listed at /api/v1/openapi.json',
    },
  },
  REQUEST_MALFORMED: {
    kind: 'config',
    zh: { message: '无法读取请求 {route}:{problem}', hint: '按 /api/v1/openapi.json 的说明改正后重试' },
    en: {
      message: 'the request {route} cannot be read: {problem}',
      hint: 'correct it to what /api/v1/openapi.json says and try again',
    },
  },
  REQUEST_STALLED: {
    kind: 'timeout',
    zh: { message: '对方 {seconds} 秒没有接收数据,连接已断开', hint: '检查网络后重试,已收到的部分可续传' },
    en: {
      message: 'the other side took nothing for {seconds} s; the connection was closed',
      hint: 'check the network and try again; it goes on where it was',
    },
  },
  ADDRESS_WRONG: {
    kind: 'config',
    zh: {
      message: '来源地址 {address} 有误,应为{shape}',
      hint: '改正 --address(如 qianzhi agreement apply)或 platform.yaml 的 gateways 后重新执行',
    },
    en: {
      message: 'address {address} is wrong; it is to be {shape}',
      hint: 'correct --address (such as of `qianzhi agreement apply`) or gateways in platform.yaml and try again',
    },
  },
  UPGRADE_REQUIRED: {
    kind: 'config',
    zh: {
      message: '{route} 只接受 WebSocket 升级请求',
      hint: '若网关未转发 Upgrade 头,请在网关放行 WebSocket;前置机会自动重连,状态见 qianzhi agent status',
    },
    en: {
      message: '{route} takes nothing but an upgrade to WebSocket',
      hint: 'let the gateway pass WebSocket (header Upgrade) through; the agent connects again by itself, see `qianzhi agent status`',
    },
  },
  BODY_TOO_LARGE: {
    kind: 'data',
    zh: { message: '请求 {route} 的正文超过 {maxBytes} 字节', hint: '减小正文;批次应按大小切分' },
    en: {
      message: 'the body of {route} is over {maxBytes} bytes',
      hint: 'send less at once; batches are cut by size',
    },
  },
  SESSION_REQUIRED: {
    kind: 'auth',
    zh: { message: '{route} 需要登录', hint: '登录:qianzhi login' },
    en: { message: '{route} needs a signed-in person', hint: 'sign in with `qianzhi login`' },
  },
  SESSION_ENDED: {
    kind: 'auth',
    zh: { message: '登录已失效(超时、退出或账号变更)', hint: '重新登录:qianzhi login' },
    en: {
      message: 'the session has ended (timed out, signed out, or the account was changed)',
      hint: 'sign in again with `qianzhi login`',
    },
  },
  ROLE_MISSING: {
    kind: 'denied',
    zh: {
      message: '账号 {account} 无权执行 {route};需要角色:{roles}',
      hint: '由具备该角色的账号执行,或请安全保密员调整角色',
    },
    en: {
      message: 'account {account} may not do {route}; it takes one of the roles {roles}',
      hint: 'use an account with that role or ask the security officer',
    },
  },
  OTHER_DEPARTMENT: {
    kind: 'denied',
    zh: {
      message: '{account} 不属于部门 {department},不能处理其 {what}',
      hint: '由该部门的账号处理',
    },
    en: {
      message: '{account} is not of department {department} and may not touch its {what}',
      hint: 'use an account of that department',
    },
  },
  REQUEST_REPLAYED: {
    kind: 'auth',
    zh: {
      message: '前置机 {agent} 的请求已被使用过一次',
      hint: '请求不得重放;由前置机重新签发(自动)。若反复出现,检查链路上是否有设备重发请求',
    },
    en: {
      message: 'this request of agent {agent} was used before',
      hint: 'requests are not replayed; the agent signs a new one by itself. If it goes on, look for a device that repeats requests',
    },
  },
  AGENT_REVOKED: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 已被吊销',
      hint: '请安全保密员重新签发令牌(qianzhi agent invite {agent} --department {department}),再登记:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'agent {agent} was revoked',
      hint: 'ask the security officer for a new token (`qianzhi agent invite {agent} --department {department}`), then run `qianzhi enroll --token-file FILE`',
    },
  },
  INSTANCE_UNCLAIMED: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 的请求没有声明运行实例',
      hint: '启动前置机即会声明:qianzhi agent start',
    },
    en: {
      message: 'a request of agent {agent} names no claimed instance',
      hint: 'an agent claims its instance when started with `qianzhi agent start`',
    },
  },
  INSTANCE_FENCED: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 的实例 {fence} 已被实例 {current} 取代',
      hint: '同一身份只能有一个运行实例;停掉另一个后重新启动:qianzhi agent start',
    },
    en: {
      message: 'instance {fence} of agent {agent} was replaced by instance {current}',
      hint: 'one identity runs once; stop the other and start again with `qianzhi agent start`',
    },
  },
  DATA_DIR_IN_USE: {
    kind: 'conflict',
    zh: {
      message: '数据目录 {dataDir} 正被另一个平台进程使用',
      hint: '先停止该进程,或换用其他数据目录,再启动:qianzhi platform start',
    },
    en: {
      message: 'another platform process uses the data folder {dataDir}',
      hint: 'stop that process or use another folder, then `qianzhi platform start`',
    },
  },
  DATA_DIR_UNUSABLE: {
    kind: 'config',
    zh: {
      message: '无法使用数据目录 {dataDir}:{problem}',
      hint: '检查路径与权限后启动:qianzhi platform start',
    },
    en: {
      message: 'the data folder {dataDir} cannot be used: {problem}',
      hint: 'check path and permissions, then `qianzhi platform start`',
    },
  },
  PORT_UNUSABLE: {
    kind: 'config',
    zh: {
      message: '无法在 {host}:{port} 监听:{problem}',
      hint: '以 --port 给出空闲端口,以 --host 给出本机地址,再启动:qianzhi platform start',
    },
    en: {
      message: 'listening on {host}:{port} failed: {problem}',
      hint: 'name a free port with --port and an address of this machine with --host, then `qianzhi platform start`',
    },
  },
  KEY_FILE_OPEN: {
    kind: 'config',
    zh: {
      message: '平台密钥文件 {file} 可被其他用户读取',
      hint: '执行 chmod 600 {file} 后启动:qianzhi platform start',
    },
    en: {
      message: 'other users can read the platform key file {file}',
      hint: 'run `chmod 600 {file}`, then `qianzhi platform start`',
    },
  },
  KEY_FILE_LOST: {
    kind: 'config',
    zh: {
      message: '数据库已有平台密钥 {keyId},但密钥文件 {file} 缺失或损坏',
      hint: '从备份恢复该文件后启动:qianzhi platform start;切勿另造密钥',
    },
    en: {
      message: 'the database knows platform key {keyId}, but the key file {file} is missing or damaged',
      hint: 'restore the file from a backup, then `qianzhi platform start`; never make another key',
    },
  },
});
