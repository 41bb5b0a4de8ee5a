import { defineErrors } from './errors/define-errors.js';

export const modelErrors = defineErrors('MODEL', {
  SUITE_UNKNOWN: {
    kind: 'config',
    zh: { message: '密码套件“{suite}”不可用', hint: '本版本提供:{known};请改用其中之一' },
    en: {
      message: 'cryptographic suite "{suite}" is not available',
      hint: 'this build has: {known}; use one of them',
    },
  },
  KEY_MALFORMED: {
    kind: 'integrity',
    zh: {
      message: '对方给出的密钥协商公钥不是有效的 X25519 公钥',
      hint: '在两侧查看版本(qianzhi agent status),更新到同一版本后重新对账',
    },
    en: {
      message: 'the public key that the other side gave for key agreement is no X25519 key',
      hint: 'look at the versions on both sides (`qianzhi agent status`), bring them to the same one and reconcile again',
    },
  },
  SEAL_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '加密内容无法解开:内容被改动或密钥不符',
      hint: '从备份恢复该文件及其密钥;不要编辑加密文件',
    },
    en: {
      message: 'sealed content cannot be opened: it was changed or the key is another',
      hint: 'restore the file and its key from a backup; sealed files must not be edited',
    },
  },
  FRAME_WRONG: {
    kind: 'integrity',
    zh: {
      message: '常连接上第 {number} 帧不是对方所发,或次序不符',
      hint: '连接会断开,请求改为逐个签名发送,随后自动重连;反复出现时请查看中间的网关是否改动 WebSocket 内容',
    },
    en: {
      message: 'frame {number} of the line was not sent by the other side, or not in this place',
      hint: 'the line is closed, requests go with a signature each, and it is opened again; if it comes back, see whether a gateway in between changes what a WebSocket carries',
    },
  },
  KEY_UNKNOWN: {
    kind: 'auth',
    zh: {
      message: '签名所用密钥 {keyId} 未登记',
      hint: '在平台上查看前置机登记:qianzhi agent list;如已更换主机请重新登记:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the signing key {keyId} is not registered',
      hint: 'look at the registered agents with `qianzhi agent list`; a new machine enrols with `qianzhi enroll --token-file FILE`',
    },
  },
  KEY_EXPIRED: {
    kind: 'auth',
    zh: {
      message: '{owner} 的密钥 {keyId} 在 {at} 不在有效期内',
      hint: '更换密钥并重新登记:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'key {keyId} of {owner} is not valid at {at}',
      hint: 'register a new key with `qianzhi enroll --token-file FILE`',
    },
  },
  SIGNATURE_WRONG: {
    kind: 'integrity',
    zh: {
      message: '{owner} 以密钥 {keyId} 所作签名与内容不符',
      hint: '内容在途中或存储中被改动;请保留原件并联系平台管理员',
    },
    en: {
      message: 'the signature by key {keyId} of {owner} does not fit the content',
      hint: 'the content was changed on its way or at rest; keep it and call the platform administrator',
    },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '{what}已取消', hint: '需要时重新执行' },
    en: { message: '{what} was cancelled', hint: 'run it again when needed' },
  },
  MATTER_ACT: {
    kind: 'conflict',
    zh: {
      message: '该申请现处于“{stage}”环节,不能执行“{act}”',
      hint: '现在可以:{open};查看申请:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'the application stands at {stage}, where {act} cannot be done',
      hint: 'what can be done now: {open}; look at the application with `qianzhi agreement show {agreement}`',
    },
  },
  MATTER_NO_RULING: {
    kind: 'conflict',
    zh: {
      message: '该申请所依据的规定没有协商与裁定程序',
      hint: '按不同意的理由修改后重新申请:qianzhi agreement apply;查看规定:qianzhi policy show',
    },
    en: {
      message: 'the regulation the application is judged by foresees no negotiation and no ruling',
      hint: 'apply anew as the reason of the refusal says: `qianzhi agreement apply`; see the regulation with `qianzhi policy show`',
    },
  },
  QUERY_UNTRUSTED: {
    kind: 'integrity',
    zh: {
      message: '联机查询 {id} 的结果不可信:{problem}',
      hint: '不要使用该结果;重新查询(qianzhi query),再次出现时联系平台管理员',
    },
    en: {
      message: 'the answer to query {id} cannot be trusted: {problem}',
      hint: 'do not use it; ask again with `qianzhi query`, and call the platform administrator if it happens again',
    },
  },
  SHAPE_WRONG: {
    kind: 'data',
    zh: { message: '{what} 的格式不符:{where} {problem}', hint: '按 {what} 的模式改正后重试' },
    en: {
      message: '{what} has a wrong shape: {where} {problem}',
      hint: 'correct it to the schema of {what} and try again',
    },
  },
  CALENDAR_WRONG: {
    kind: 'data',
    zh: {
      message: '工作日历有误:{where} {problem}',
      hint: '按国务院办公厅当年的节假日安排通知核对后重新录入;日期写法如 2027-02-06',
    },
    en: {
      message: 'the working-day calendar is wrong: {where} {problem}',
      hint: "compare it with the State Council's notice for the year and enter it again; days are written like 2027-02-06",
    },
  },
  DUTY_STATE: {
    kind: 'conflict',
    zh: {
      message: '职责期限 {duty} 处于 {state},此事须在 {wanted} 时办理',
      hint: '查看其经过:qianzhi duty history {duty}',
    },
    en: {
      message: 'duty {duty} is {state}, and this takes one that is {wanted}',
      hint: 'see what happened to it with `qianzhi duty history {duty}`',
    },
  },
  IDENTIFIER_BODY_WRONG: {
    kind: 'data',
    zh: { message: '生成 {scheme} 号码的各部分不符', hint: '应为:{expected}' },
    en: { message: 'the parts of a {scheme} identifier do not fit', hint: 'expected: {expected}' },
  },
  SCOPE_SYNTAX: {
    kind: 'data',
    zh: {
      message: '行范围第 {at} 个字符处:{problem}',
      hint: "写法如:行政区划 = '441302' and 成立日期 >= 2020-01-01;改正后重新执行 qianzhi agreement apply {resource} --rows 条件 --matter 事项;审批时由 agreement approve 的 --rows 给出",
    },
    en: {
      message: 'row scope, character {at}: {problem}',
      hint: "write it like: region = '441302' and founded >= 2020-01-01, then `qianzhi agreement apply {resource} --rows CONDITION --matter MATTER`, or as --rows of agreement approve when deciding",
    },
  },
  SCOPE_ITEM: {
    kind: 'data',
    zh: {
      message: '行范围第 {at} 个字符处的信息项 {item} 不可用:{problem}',
      hint: '查看资源的信息项:qianzhi catalog show {resource}',
    },
    en: {
      message: 'row scope, character {at}: item {item} cannot be used: {problem}',
      hint: 'see the items of the resource with `qianzhi catalog show {resource}`',
    },
  },
  SCOPE_VALUE: {
    kind: 'data',
    zh: {
      message: '行范围第 {at} 个字符处与信息项 {item} 的类型不符:{problem}',
      hint: '按该信息项的类型改写后重新执行 qianzhi agreement apply {resource} --rows 条件 --matter 事项;审批时由 agreement approve 的 --rows 给出',
    },
    en: {
      message: 'row scope, character {at}: it does not fit the type of item {item}: {problem}',
      hint: 'write it for the type of that item, then `qianzhi agreement apply {resource} --rows CONDITION --matter MATTER`, or as --rows of agreement approve when deciding',
    },
  },
});
