import { defineErrors } from '@qianzhi/model';

export const reconcileErrors = defineErrors('RECONCILE', {
  MESSAGE_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '对账:对方的消息“{what}”不符合约定',
      hint: '在两侧查看版本(qianzhi agent status),更新到同一版本后重新对账',
    },
    en: {
      message: 'reconciling: the message "{what}" of the other side is not as agreed',
      hint: 'look at the versions on both sides (`qianzhi agent status`), bring them to the same one and reconcile again',
    },
  },
  PEER_FOREIGN: {
    kind: 'integrity',
    zh: {
      message: '对账:应与前置机 {expected} 对话,而对方以 {owner} 的密钥签名',
      hint: '对账已停止;请联系平台管理员核对密钥目录(qianzhi agent list)',
    },
    en: {
      message: 'reconciling: the other side should be agent {expected}, but signs with a key of {owner}',
      hint: 'the reconciliation is stopped; have the platform administrator check the key directory (`qianzhi agent list`)',
    },
  },
  SCHEMA_DIFFERS: {
    kind: 'conflict',
    zh: {
      message: '对账资源 {resource}:本侧按架构版本 {own},对方按 {theirs}',
      hint: '两侧各执行 qianzhi agent sync,并让两侧的交换各完成一次后重试',
    },
    en: {
      message: 'reconciling {resource}: this side goes by schema version {own}, the other by {theirs}',
      hint: 'run `qianzhi agent sync` on both sides, let both exchanges run once, and try again',
    },
  },
});
