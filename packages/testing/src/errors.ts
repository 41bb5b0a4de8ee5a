import { defineErrors } from '@qianzhi/model';

export const referenceErrors = defineErrors('REFERENCE', {
  LOGIN_REFUSED: {
    kind: 'auth',
    zh: { message: '内存库 {server} 拒绝用户“{user}”登录', hint: '核对连接配置中的用户与密码' },
    en: {
      message: 'memory server {server} refused the login of "{user}"',
      hint: 'check user and password in the connection config',
    },
  },
  SERVER_UNKNOWN: {
    kind: 'unavailable',
    zh: { message: '没有名为“{server}”的内存库', hint: '核对连接配置中的 server' },
    en: { message: 'there is no memory server "{server}"', hint: 'check `server` in the connection config' },
  },
  TABLE_MISSING: {
    kind: 'config',
    zh: {
      message: '内存库中没有表“{table}”',
      hint: '核对 table,或用 qianzhi connector discover 查看有哪些表',
    },
    en: {
      message: 'the memory server has no table "{table}"',
      hint: 'check `table`; `qianzhi connector discover` lists what is there',
    },
  },
  TABLE_MISFIT: {
    kind: 'config',
    zh: { message: '表“{table}”与目录不符:{finding}', hint: '修改表结构或目录信息项,使两者一致' },
    en: {
      message: 'table "{table}" does not fit the catalog: {finding}',
      hint: 'change the table or the catalog item so that they agree',
    },
  },
  NOT_SUPPORTED: {
    kind: 'config',
    zh: { message: '内存库连接器不支持 {what}', hint: '改用其声明的能力之一:{known}' },
    en: {
      message: 'the memory connector does not support {what}',
      hint: 'use one that it declares: {known}',
    },
  },
  QUERY_LATE: {
    kind: 'timeout',
    zh: {
      message: '内存库在 {timeoutMs} 毫秒内没有答复',
      hint: '加大 timeoutMs 后执行 qianzhi agent reload',
    },
    en: {
      message: 'the memory server gave no answer within {timeoutMs} ms',
      hint: 'raise timeoutMs and run `qianzhi agent reload`',
    },
  },
  LEDGER_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '交换 {exchange} 的第 {seq} 批已以其他内容写入',
      hint: '不要重写;核对来源,再用 qianzhi stream resume 恢复',
    },
    en: {
      message: 'batch {seq} of exchange {exchange} was written before with other content',
      hint: 'find out where the other content came from, then go on with `qianzhi stream resume`',
    },
  },
  PART_MISSING: {
    kind: 'integrity',
    zh: {
      message: '交换 {exchange} 的快照缺少第 {seq} 批之前的部分',
      hint: '重新全量:qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'a part before batch {seq} of exchange {exchange} is missing',
      hint: 'start over with `qianzhi stream resnapshot {resource}`',
    },
  },
  FILE_DIFFERS: {
    kind: 'integrity',
    zh: {
      message: '收齐的文件 {file} 与其摘要不符',
      hint: '执行 qianzhi stream resume {resource},该文件重新接收',
    },
    en: {
      message: 'file {file} was received whole and is not what its digest says',
      hint: 'run `qianzhi stream resume {resource}`: it is received anew',
    },
  },
});
