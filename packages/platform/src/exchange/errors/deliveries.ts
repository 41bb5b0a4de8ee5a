import { defineErrors } from '@qianzhi/model';

/** Of grants and deliveries. */
export const deliveryErrors = defineErrors('PLATFORM', {
  NO_AGREEMENT: {
    kind: 'denied',
    zh: {
      message: '部门 {department} 对资源 {resource} 没有生效的协议',
      hint: '申请或订阅:qianzhi agreement apply {resource} --matter 事项(已有申请见 qianzhi agreement list --resource {resource});获准后在前置机上执行 qianzhi job retry',
    },
    en: {
      message: 'department {department} has no agreement in force on {resource}',
      hint: 'apply or subscribe with `qianzhi agreement apply {resource} --matter MATTER` (`qianzhi agreement list --resource {resource}` shows what was applied for); once granted, run `qianzhi job retry` at the agent',
    },
  },
  AGREEMENT_AMBIGUOUS: {
    kind: 'config',
    zh: {
      message: '部门 {department} 对资源 {resource} 有多个生效协议:{agreements}',
      hint: '在前置机配置的该交换中写明 agreement,然后执行 qianzhi agent start',
    },
    en: {
      message: 'department {department} has several agreements in force on {resource}: {agreements}',
      hint: "name one as `agreement` of the exchange in the agent's config, then `qianzhi agent start`",
    },
  },
  GRANT_NOT_LIVE: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 不在生效状态(已撤销、到期或被新版本取代),不再交付',
      hint: '查看 qianzhi agreement show {agreement};需要时重新申请:qianzhi agreement apply {resource} --matter 事项;获准后在前置机上执行 qianzhi job retry',
    },
    en: {
      message:
        'agreement {agreement} is not in force (revoked, expired or replaced); nothing more is delivered',
      hint: 'see `qianzhi agreement show {agreement}`; where it is needed apply again with `qianzhi agreement apply {resource} --matter MATTER`; once granted, run `qianzhi job retry` at the agent',
    },
  },
  MODE_NOT_GRANTED: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 未授权系统对接方式(docking)',
      hint: '按协议授权的方式取数,或重新申请:qianzhi agreement apply {resource} --matter 事项 --mode docking;获准后在前置机上执行 qianzhi job retry',
    },
    en: {
      message: 'agreement {agreement} does not grant the mode docking',
      hint: 'use a mode it grants, or apply again with `qianzhi agreement apply {resource} --matter MATTER --mode docking`; once granted, run `qianzhi job retry` at the agent',
    },
  },
  SCOPE_NEEDS_KEY: {
    kind: 'config',
    zh: {
      message: '按行范围交付 {delivery} 第 {seq} 批:资源 {resource} 没有主键项,只能交付整份快照,不能交付增量',
      hint: '由提供方改为快照供数,或为资源定义主键项后发布目录:qianzhi catalog publish 文件;或不限行范围重新申请:qianzhi agreement apply {resource} --all-rows --matter 事项',
    },
    en: {
      message:
        'delivering batch {seq} of {delivery} under a row scope: resource {resource} has no key items, so that only whole snapshots can be delivered, no deltas',
      hint: 'let the provider supply snapshots, or give the resource key items with `qianzhi catalog publish FILE`; or apply for all rows with `qianzhi agreement apply {resource} --all-rows --matter MATTER`',
    },
  },
  DELIVERY_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '平台没有向本部门交付过 {delivery} 第 {seq} 批',
      hint: '重新轮询:qianzhi stream resume {resource};查看协议:qianzhi agreement show {agreement}',
    },
    en: {
      message: 'the platform has delivered no batch {seq} of {delivery} to this department',
      hint: 'poll again with `qianzhi stream resume {resource}`; see `qianzhi agreement show {agreement}`',
    },
  },
  DELIVERY_DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '交付 {delivery} 第 {seq} 批:平台所存内容已损坏,未交付',
      hint: '有备份则由平台恢复该文件,再执行 qianzhi stream resume {resource};没有则由提供方执行 qianzhi stream resnapshot {resource} 并运行该交换,再撤销(qianzhi agreement revoke {agreement} --reason 内容损坏)并重新申请(qianzhi agreement apply {resource} --matter 事项)',
    },
    en: {
      message:
        'delivery {delivery}, batch {seq}: the bytes stored at the platform are damaged; nothing of it was delivered',
      hint: 'where the platform restores the file from a backup, run `qianzhi stream resume {resource}`; else the provider runs `qianzhi stream resnapshot {resource}` and its exchange, then `qianzhi agreement revoke {agreement} --reason damaged` and `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  DELIVERY_AHEAD: {
    kind: 'unavailable',
    zh: {
      message: '交付流 {delivery}:目标台账已到第 {after} 批,平台目前只有 {head} 批',
      hint: '平台由备份恢复;待供数前置机重送其保留的批次后自动继续。若迟迟不动,撤销该协议(qianzhi agreement revoke {agreement} --reason 平台恢复)并重新申请(qianzhi agreement apply {resource} --matter 事项)',
    },
    en: {
      message: 'delivery {delivery}: the ledger is at batch {after}, the platform has {head} so far',
      hint: 'the platform was restored; this goes on when the supplier has sent again what it keeps. If that does not happen, revoke the agreement (`qianzhi agreement revoke {agreement} --reason restored`) and apply again (`qianzhi agreement apply {resource} --matter MATTER`)',
    },
  },
  DELIVERY_EXPIRED: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 第 {seq} 批的内容已按保留策略清除',
      hint: '撤销该协议(qianzhi agreement revoke {agreement} --reason 内容已清除)并重新申请(qianzhi agreement apply {resource} --matter 事项),即从最近的完整快照开始;获准后在前置机上执行 qianzhi job retry',
    },
    en: {
      message: 'the bytes of batch {seq} of delivery {delivery} are gone by retention',
      hint: 'revoke the agreement (`qianzhi agreement revoke {agreement} --reason expired`) and apply again (`qianzhi agreement apply {resource} --matter MATTER`): it starts at the last complete snapshot; once granted, run `qianzhi job retry` at the agent',
    },
  },
  DELIVERY_RESTARTED: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 落后超过保留上限,自第 {fromSeq} 批起改由最近完整快照继续',
      hint: '无需处理:目标库在快照应用后一致;检查消费方前置机为何落后(qianzhi stream show {resource})',
    },
    en: {
      message:
        'delivery {delivery} fell behind what is kept and goes on from the last complete snapshot at batch {fromSeq}',
      hint: 'nothing to do: the target is whole once the snapshot is applied; see why the consumer lags (`qianzhi stream show {resource}`)',
    },
  },
});
