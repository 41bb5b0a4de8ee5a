import { defineErrors } from '@qianzhi/model';

export const reconciliationErrors = defineErrors('PLATFORM', {
  RECONCILE_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '没有与本前置机有关的对账 {session}',
      hint: '查看已有的结果:qianzhi platform reports;在前置机上重新发起',
    },
    en: {
      message: 'there is no reconciliation {session} with this agent',
      hint: 'see what there is with `qianzhi platform reports`, and begin a new one at the agent',
    },
  },
  RECONCILE_ENDED: {
    kind: 'conflict',
    zh: { message: '对账 {session} 已结束({state})', hint: '重新发起:qianzhi reconcile {resource}' },
    en: {
      message: 'the reconciliation {session} has ended ({state})',
      hint: 'begin a new one with `qianzhi reconcile {resource}`',
    },
  },
  RECONCILE_RUNNING: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 协议 {agreement} 正在对账,而该次不含修复',
      hint: '等它结束(qianzhi reconcile {resource} --last)后再执行 qianzhi reconcile {resource} --repair',
    },
    en: {
      message: 'a reconciliation of {resource} under agreement {agreement} is under way, without repair',
      hint: 'wait for it (`qianzhi reconcile {resource} --last`), then run `qianzhi reconcile {resource} --repair`',
    },
  },
  RECONCILE_NO_PARTNER: {
    kind: 'not-found',
    zh: {
      message: '资源 {resource} 没有可与之对账的另一侧',
      hint: '须有生效的授权与供数义务,且用数方至少应用过一批:qianzhi agreement list',
    },
    en: {
      message: 'there is no other side to reconcile {resource} with',
      hint: 'it takes a grant and a supply duty in force, and a consumer that has applied a batch: `qianzhi agreement list`',
    },
  },
  RECONCILE_SILENT: {
    kind: 'timeout',
    zh: {
      message: '对账 {session} 长时间没有消息,平台已结束它',
      hint: '查看两侧前置机是否在运行(qianzhi agent list),然后在前置机上重新发起',
    },
    en: {
      message: 'nobody said anything in reconciliation {session} for long, and the platform ended it',
      hint: 'see whether both agents run (`qianzhi agent list`), then begin again at one of them',
    },
  },
  RECONCILE_RESTARTED: {
    kind: 'conflict',
    zh: {
      message: '前置机 {agent} 在对账 {session} 中途重新启动,该次对账已结束',
      hint: '重新发起:qianzhi reconcile {resource}',
    },
    en: {
      message: 'agent {agent} restarted in the middle of reconciliation {session}, which has ended with that',
      hint: 'begin a new one with `qianzhi reconcile {resource}`',
    },
  },
  RECONCILE_REPORT_WRONG: {
    kind: 'integrity',
    zh: {
      message: '对账 {session} 的结果不属于该次对账,或不是由前置机 {agent} 签名',
      hint: '结果已拒收;两侧更新到同一版本后重新执行 qianzhi reconcile {resource}',
    },
    en: {
      message: 'the report of reconciliation {session} is of another one, or is not signed by agent {agent}',
      hint: 'it is refused; bring both sides to the same version and run `qianzhi reconcile {resource}` again',
    },
  },
  RECONCILE_DISPUTED: {
    kind: 'integrity',
    zh: {
      message: '对账 {session}:两侧签署的结果不同',
      hint: '两份结果都已留存(qianzhi platform reports);两侧更新到同一版本后重新对账',
    },
    en: {
      message: 'reconciliation {session}: the two sides signed different reports',
      hint: 'both are kept (`qianzhi platform reports`); bring both sides to the same version and reconcile again',
    },
  },
});
