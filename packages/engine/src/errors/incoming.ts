import { defineErrors } from '@qianzhi/model';

/** Deliveries: grants, leases, what a consumer refuses. */
export const incomingErrors = defineErrors('ENGINE', {
  NO_GRANT: {
    kind: 'denied',
    zh: {
      message: '资源 {resource}:本部门没有有效授权',
      hint: '申请使用:qianzhi agreement apply {resource} --matter 事项;获准后在前置机上执行 qianzhi job run {exchange}',
    },
    en: {
      message: 'resource {resource}: this department holds no live agreement',
      hint: 'apply with `qianzhi agreement apply {resource} --matter MATTER`; once granted, run `qianzhi job run {exchange}` at the agent',
    },
  },
  FILES_NOT_TAKEN: {
    kind: 'config',
    zh: {
      message: '交换 {exchange}:资源 {resource} 的内容为文件,而连接器 {connector} 不能接收文件',
      hint: '改用能写文件的连接器(type: files),再执行 qianzhi agent start',
    },
    en: {
      message:
        'exchange {exchange}: resource {resource} holds files, which connector {connector} does not take',
      hint: 'use a connector that writes files (`type: files`), then run `qianzhi agent start`',
    },
  },
  GRANT_AMBIGUOUS: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 有多个有效授权:{agreements}',
      hint: '在交换 {exchange} 的配置中写明 agreement,再执行 qianzhi agent start',
    },
    en: {
      message: 'resource {resource} has several live agreements: {agreements}',
      hint: 'name one as `agreement` of exchange {exchange} in the config, then run `qianzhi agent start`',
    },
  },
  REVOKED: {
    kind: 'denied',
    zh: {
      message: '授权 {agreement}(第 {grantVersion} 版)已被撤销:{reason};待入库数据已清除',
      hint: '如仍需使用:qianzhi agreement apply {resource} --matter 事项;获准后在前置机上执行 qianzhi job run {exchange}',
    },
    en: {
      message:
        'agreement {agreement} (grant version {grantVersion}) was revoked: {reason}; what waited is erased',
      hint: 'if it is still needed, `qianzhi agreement apply {resource} --matter MATTER`; once granted, run `qianzhi job run {exchange}` at the agent',
    },
  },
  LEASE_EXPIRED: {
    kind: 'unavailable',
    zh: {
      message: '授权 {agreement} 的租约不在有效期内({expiresAt}),暂停入库',
      hint: '连上平台续租后自动继续;立即重试:qianzhi job retry;检查连接:qianzhi doctor',
    },
    en: {
      message: 'the lease of agreement {agreement} is not in force ({expiresAt}); applying waits',
      hint: 'it goes on by itself once the platform renews it; at once with `qianzhi job retry`; see `qianzhi doctor`',
    },
  },
  ASSIGNMENTS_MISSING: {
    kind: 'unavailable',
    zh: {
      message: '尚未从平台收到{what}',
      hint: '收到后自动继续;立即重试:qianzhi job retry;检查连接:qianzhi doctor',
    },
    en: {
      message: '{what} has not come from the platform yet',
      hint: 'it goes on by itself when it comes; at once with `qianzhi job retry`; check the link with `qianzhi doctor`',
    },
  },
  DELIVERY_WRONG: {
    kind: 'integrity',
    zh: {
      message: '收取 {delivery} 第 {seq} 批:{problem};该流已停止',
      hint: '联系平台管理员核对;然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'receiving {delivery} batch {seq}: {problem}; this stream has stopped',
      hint: 'have the platform administrator look at it, then run `qianzhi stream resume {resource}`',
    },
  },
  DELIVERY_GAP: {
    kind: 'integrity',
    zh: {
      message: '收取 {delivery}:应为第 {expected} 批,收到第 {seq} 批;该流已停止',
      hint: '联系平台管理员核对;然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'receiving {delivery}: batch {seq} came where {expected} was due; this stream has stopped',
      hint: 'have the platform administrator look at it, then run `qianzhi stream resume {resource}`',
    },
  },
  LEDGER_WRONG: {
    kind: 'integrity',
    zh: {
      message: '{delivery} 第 {seq} 批:目标台账与批次不符:{problem};该流已停止',
      hint: '核对目标库的台账表;然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message:
        '{delivery} batch {seq}: the target’s ledger does not fit the batch: {problem}; this stream has stopped',
      hint: 'look at the ledger table of the target, then run `qianzhi stream resume {resource}`',
    },
  },
});
