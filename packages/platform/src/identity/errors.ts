import { defineErrors } from '@qianzhi/model';

export const identityErrors = defineErrors('PLATFORM', {
  SETUP_DONE: {
    kind: 'conflict',
    zh: {
      message: '首个账号已建立,首次启动码不再有效',
      hint: '用已有账号登录:qianzhi login --url 地址 --account 账号',
    },
    en: {
      message: 'the first account exists, the first-start code is no longer valid',
      hint: 'sign in with an existing account: `qianzhi login --url URL --account ACCOUNT`',
    },
  },
  SETUP_CODE_WRONG: {
    kind: 'auth',
    zh: {
      message: '首次启动码不正确',
      hint: '使用平台最近一次启动时打印的码;重新启动(qianzhi platform start)会打印新码',
    },
    en: {
      message: 'the first-start code is not right',
      hint: 'use the code printed by the latest start; `qianzhi platform start` prints a new one',
    },
  },
  SIGN_IN_WRONG: {
    kind: 'auth',
    zh: {
      message: '账号或口令不正确',
      hint: '核对后重新登录:qianzhi login;忘记口令请安全保密员重设(qianzhi account change {account} --password-file 文件)',
    },
    en: {
      message: 'account or password is not right',
      hint: 'check both and sign in again: `qianzhi login`; the security officer can reset the password (`qianzhi account change {account} --password-file FILE`)',
    },
  },
  SIGN_IN_THROTTLED: {
    kind: 'denied',
    zh: {
      message: '账号 {account} 登录失败次数过多,{seconds} 秒后才能再试',
      hint: '等待后重新登录:qianzhi login',
    },
    en: {
      message: 'too many failed sign-ins to account {account}; the next is taken in {seconds} s',
      hint: 'wait, then sign in again: `qianzhi login`',
    },
  },
  PASSWORDS_BUSY: {
    kind: 'unavailable',
    zh: { message: '同时登录过多,口令来不及核对', hint: '稍后重试:qianzhi login' },
    en: {
      message: 'too many sign-ins at once, passwords cannot be checked now',
      hint: 'try again in a moment: `qianzhi login`',
    },
  },
  ACCOUNT_DISABLED: {
    kind: 'denied',
    zh: {
      message: '账号 {account} 已停用',
      hint: '请安全保密员启用:qianzhi account change {account} --enable',
    },
    en: {
      message: 'account {account} is disabled',
      hint: 'the security officer enables it with `qianzhi account change {account} --enable`',
    },
  },
  ACCOUNT_EXISTS: {
    kind: 'conflict',
    zh: { message: '账号 {account} 已存在', hint: '换一个账号名,或修改已有账号(qianzhi account list)' },
    en: {
      message: 'account {account} exists',
      hint: 'take another name or change the existing account (`qianzhi account list`)',
    },
  },
  ACCOUNT_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有账号 {account}', hint: '核对账号名:qianzhi account list' },
    en: { message: 'there is no account {account}', hint: 'check the name: `qianzhi account list`' },
  },
  ACCOUNT_NEEDS_DEPARTMENT: {
    kind: 'config',
    zh: {
      message: '账号 {account} 的角色 {role} 须属于一个部门',
      hint: '建立账号时给出部门;已有账号请另建',
    },
    en: {
      message: 'role {role} of account {account} belongs to a department',
      hint: 'name the department when making the account; make a new one instead of changing it',
    },
  },
  ROLES_NOT_COMBINABLE: {
    kind: 'denied',
    zh: {
      message: '角色 {first} 与 {second} 不得由同一账号兼任(职责分离)',
      hint: '分别建立账号',
    },
    en: {
      message: 'roles {first} and {second} are not held by one account (duties are separated)',
      hint: 'make one account for each',
    },
  },
  LAST_OFFICER: {
    kind: 'conflict',
    zh: {
      message: '{account} 是最后一个可用的安全保密员账号',
      hint: '先建立另一个安全保密员账号:qianzhi account create 账号 --name 姓名 --role security-officer',
    },
    en: {
      message: '{account} is the last security officer that can sign in',
      hint: 'make another security officer first: `qianzhi account create ACCOUNT --name NAME --role security-officer`',
    },
  },
  TOTP_CODE_REQUIRED: {
    kind: 'auth',
    zh: {
      message: '账号 {account} 登录须另给动态口令',
      hint: '查看认证器上的 6 位数字:qianzhi login --account {account} --code 动态口令;认证器不在手边可用恢复码',
    },
    en: {
      message: 'account {account} signs in with a one-time code as well',
      hint: 'take the 6 digits of the authenticator: `qianzhi login --account {account} --code CODE`; without it a recovery code will do',
    },
  },
  TOTP_CODE_WRONG: {
    kind: 'auth',
    zh: {
      message: '账号 {account} 的动态口令不正确,或已用过',
      hint: '等下一组数字再试,并核对手机时间;认证器丢失时请安全保密员重置:qianzhi account change {account} --reset-totp',
    },
    en: {
      message: 'the one-time code of account {account} is not right, or was used before',
      hint: 'wait for the next one and check the clock of the telephone; if it is lost, the security officer runs `qianzhi account change {account} --reset-totp`',
    },
  },
  TOTP_ENROL_FIRST: {
    kind: 'denied',
    zh: {
      message: '账号 {account} 的角色须使用动态口令,尚未绑定',
      hint: '先绑定认证器:qianzhi account totp',
    },
    en: {
      message: 'the roles of account {account} need a one-time code, and none is set up',
      hint: 'set it up first: `qianzhi account totp`',
    },
  },
  TOTP_NOT_BEGUN: {
    kind: 'conflict',
    zh: { message: '账号 {account} 没有待确认的动态口令', hint: '从头开始:qianzhi account totp' },
    en: {
      message: 'account {account} has no one-time code that waits to be confirmed',
      hint: 'begin anew with `qianzhi account totp`',
    },
  },
  TOTP_ENROLLED: {
    kind: 'conflict',
    zh: {
      message: '账号 {account} 已绑定动态口令',
      hint: '换认证器请安全保密员先重置:qianzhi account change {account} --reset-totp',
    },
    en: {
      message: 'account {account} has a one-time code already',
      hint: 'for another authenticator the security officer first runs `qianzhi account change {account} --reset-totp`',
    },
  },
  TOKEN_UNKNOWN: {
    kind: 'auth',
    zh: {
      message: '登记令牌不是本平台签发的,或不完整',
      hint: '核对令牌文件;必要时请安全保密员重新签发后执行 qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the enrolment token was not issued here or is not complete',
      hint: 'check the token file; else ask the security officer for a new one and run `qianzhi enroll --token-file FILE`',
    },
  },
  TOKEN_SPENT: {
    kind: 'conflict',
    zh: {
      message: '前置机 {agent} 的登记令牌已被使用',
      hint: '若不是您使用的,立即告知安全保密员并吊销该前置机(qianzhi agent revoke {agent} --reason 原因);否则请其重新签发后执行 qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the enrolment token of agent {agent} was used before',
      hint: 'if not by you, tell the security officer at once to revoke the agent (`qianzhi agent revoke {agent} --reason REASON`); else ask for a new one and run `qianzhi enroll --token-file FILE`',
    },
  },
  TOKEN_EXPIRED: {
    kind: 'auth',
    zh: {
      message: '前置机 {agent} 的登记令牌已于 {at} 过期',
      hint: '请安全保密员重新签发后执行 qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the enrolment token of agent {agent} expired at {at}',
      hint: 'ask the security officer for a new one and run `qianzhi enroll --token-file FILE`',
    },
  },
  PROOF_WRONG: {
    kind: 'auth',
    zh: {
      message: '前置机 {agent} 未能证明持有新密钥',
      hint: '重新执行;两端版本须一致:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'agent {agent} did not prove that it holds the new key',
      hint: 'run it again with equal versions on both sides: `qianzhi enroll --token-file FILE`',
    },
  },
  KEY_TAKEN: {
    kind: 'conflict',
    zh: { message: '公钥 {keyId} 已登记过', hint: '重新生成密钥:qianzhi enroll --token-file 文件' },
    en: {
      message: 'public key {keyId} was registered before',
      hint: 'make new keys: `qianzhi enroll --token-file FILE`',
    },
  },
  AGENT_NAME_TAKEN: {
    kind: 'conflict',
    zh: { message: '前置机名 {agent} 不可用(保留或属于其他部门)', hint: '换一个名称' },
    en: {
      message: 'the agent name {agent} is reserved or another department has it',
      hint: 'take another name',
    },
  },
  AGENT_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有前置机 {agent}', hint: '查看已登记的前置机:qianzhi agent list' },
    en: { message: 'there is no agent {agent}', hint: 'look at the agents with `qianzhi agent list`' },
  },
});
