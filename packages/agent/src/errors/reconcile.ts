import { defineErrors } from '@qianzhi/model';

/** Comparing both sides through the platform. */
export const reconcileErrors = defineErrors('AGENT', {
  RECONCILE_PEER_FAILED: {
    kind: 'conflict',
    zh: {
      message: '对账资源 {resource}:{peer} 放弃了对账({code})',
      hint: '在该侧查看原因:qianzhi reconcile {resource} --last;解决后重新对账',
    },
    en: {
      message: 'reconciling {resource}: {peer} gave up ({code})',
      hint: 'see why at that side with `qianzhi reconcile {resource} --last`, then reconcile again',
    },
  },
  RECONCILE_NO_ANSWER: {
    kind: 'timeout',
    zh: {
      message: '对账资源 {resource}:前置机 {peer} 在 {seconds} 秒内没有应答',
      hint: '查看该前置机是否在运行(qianzhi agent list),然后重新执行 qianzhi reconcile {resource}',
    },
    en: {
      message: 'reconciling {resource}: agent {peer} did not answer within {seconds} seconds',
      hint: 'see whether it runs (`qianzhi agent list`), then run `qianzhi reconcile {resource}` again',
    },
  },
  RECONCILE_DIFFERS: {
    kind: 'data',
    zh: {
      message: '交换 {exchange}(资源 {resource})对账后仍有 {rows} 个主键不一致',
      hint: '查看主键:qianzhi reconcile {resource} --last;修复:qianzhi reconcile {resource} --repair',
    },
    en: {
      message:
        'exchange {exchange} (resource {resource}): keys that still differ after the reconciliation: {rows}',
      hint: 'see them with `qianzhi reconcile {resource} --last`, repair with `qianzhi reconcile {resource} --repair`',
    },
  },
});
